package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"dbtriage/analyzers/timeline"
	"dbtriage/rules"
	"dbtriage/ui/session"
	"dbtriage/ui/show"
)

func newRules(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "rules",
		Short: "List, explain and test the rules",
		Args:  noOther,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	s.rules.add(cmd.PersistentFlags())
	var lang string
	list := &cobra.Command{
		Use: "list", Short: "List the rules", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			set, err := s.rules.load()
			if err != nil {
				return err
			}
			return listRules(s.out, set, lang)
		},
	}
	addLang(list, &lang)
	cmd.AddCommand(
		list,
		newExplain(s, &lang),
		&cobra.Command{
			Use: "test", Short: "Run the tests that lie beside the rules", Args: cobra.NoArgs,
			RunE: func(*cobra.Command, []string) error { return testRules(s) },
		},
	)
	return cmd
}

// placeholder is where the title of a finding has a name or a number.
var placeholder = regexp.MustCompile(`\{[^}]*\}`)

// listRules prints a line for each rule: what its findings are headed with.
func listRules(w io.Writer, set *rules.Set, lang string) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, id := range set.IDs() {
		r, _ := set.Rule(id)
		severity := r.Severity
		if rules.Severity(severity).Rank() < 0 {
			severity = "varies"
		}
		title := placeholder.ReplaceAllString(r.Title.In(lang), "…")
		if r.Disabled != "" {
			title = "(disabled: " + r.Disabled + ") " + title
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", id, severity, r.Layer, show.Line(title))
	}
	return t.Flush()
}

// testRules runs the tests of all rules, the program's and the user's, and then spoils each rule in
// every way there is to see that some test notices.
func testRules(s streams) error {
	sources, err := s.rules.sources()
	if err != nil {
		return err
	}
	set, err := rules.LoadTested(sources...)
	if err != nil {
		return err
	}
	n, failures := set.Check()
	for _, f := range failures {
		fmt.Fprintf(s.err, "dbtriage: error: %v\n", f)
	}
	mutants, survivors, err := set.Mutate()
	if err != nil {
		return err
	}
	for _, text := range survivors {
		fmt.Fprintf(s.err, "dbtriage: error: %s\n", text)
	}
	err = written(s.out, func(w io.Writer) {
		fmt.Fprintf(w, "%d rules, %d tests, %d failed\n", set.Len(), n, len(failures))
		fmt.Fprintf(w, "%d of %d mutants killed\n", mutants-len(survivors), mutants)
	})
	if err == nil && len(failures)+len(survivors) > 0 {
		err = errTold
	}
	return err
}

const explainLong = `Explain shows what a rule means, what it reads, its conditions and where each
threshold comes from. With log files it says, value by value, why the rule held
or did not on them.`

func newExplain(s streams, lang *string) *cobra.Command {
	var all bool
	cmd := &cobra.Command{
		Use: "explain ID [FILE...]", Short: "Explain a rule, or why it held on these logs", Long: explainLong,
		Example: "  dbtriage rules explain Q02\n  dbtriage rules explain Q02 slow.log access.log",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return hinted{fmt.Errorf("no rule was named"), "see 'dbtriage rules list'"}
			}
			return nil
		},
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if set, err := s.rules.load(); err == nil && len(args) == 0 {
				return set.IDs(), cobra.ShellCompDirectiveNoFileComp
			}
			return nil, cobra.ShellCompDirectiveDefault
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			set, err := s.rules.load()
			if err != nil {
				return err
			}
			id := strings.ToUpper(args[0])
			r, ok := set.Rule(id)
			if !ok {
				return hinted{fmt.Errorf("there is no rule %q", args[0]), "see 'dbtriage rules list'"}
			}
			if len(args) == 1 {
				return written(s.out, func(w io.Writer) { explainRule(w, set, r, *lang) })
			}
			return explainOn(cmd.Context(), s, set, id, args[1:], *lang, all)
		},
	}
	addLang(cmd, lang)
	cmd.Flags().BoolVar(&all, "all", false, "show every subject, not only the first ten")
	return cmd
}

func explainRule(w io.Writer, set *rules.Set, r *rules.Rule, lang string) {
	fmt.Fprintf(w, "%s  %s\n\n", r.ID, r.Title.In(lang))
	if m := r.Meaning.In(lang); m != "" {
		fmt.Fprintf(w, "%s\n\n", strings.TrimSpace(m))
	}
	fmt.Fprintf(w, "layer %s, group %s, for each %s, severity %s, confidence %.2g\n", r.Layer, r.Group, r.Each, r.Severity, r.Confidence)
	for _, line := range ruleNotes(r) {
		fmt.Fprintf(w, "%s\n", show.Line(line))
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	section := func(name string) { fmt.Fprintf(t, "\n%s\n", name) }
	section("when all of")
	for _, c := range r.When {
		fmt.Fprintf(t, "  %s\t%s\n", c.ID, c.Expr)
	}
	if len(r.Unless) > 0 {
		section("unless any of")
		for _, c := range r.Unless {
			fmt.Fprintf(t, "  %s\t%s\t%s\n", c.ID, c.Expr, c.Msg.In(lang))
		}
	}
	if len(r.Let) > 0 {
		section("where")
		for _, l := range r.Let {
			fmt.Fprintf(t, "  %s\t= %s\n", l.ID, l.Expr)
		}
	}
	if len(r.Params) > 0 {
		section("thresholds")
		for _, name := range sortedKeys(r.Params) {
			p := r.Params[name]
			source := "source: " + p.Source
			if p.Guess {
				source = "a guess of ours"
			}
			fmt.Fprintf(t, "  p.%s\t= %g\t%s\t%s\n", name, p.Value, p.Unit, source)
		}
	}
	section("reads")
	for _, f := range set.Facts(r.ID, lang) {
		fmt.Fprintf(t, "  %s\t%s\t%s\n", f.Name, f.Meaning, f.Provide)
	}
	t.Flush()
	if len(r.Sources) > 0 {
		fmt.Fprintf(w, "\nsources: %s; reviewed %s\n", strings.Join(r.Sources, ", "), r.Reviewed)
	}
}

// ruleNotes says when a rule applies and what else it has to do with.
func ruleNotes(r *rules.Rule) []string {
	var out []string
	note := func(ok bool, format string, args ...any) {
		if ok {
			out = append(out, fmt.Sprintf(format, args...))
		}
	}
	note(r.Disabled != "", "disabled: %s", r.Disabled)
	note(len(r.Engines) > 0, "for %s only", strings.Join(r.Engines, ", "))
	note(r.SelfHosted, "not on managed services, where the operating system is not ours")
	note(r.Standing, "a standing risk: it explains no trouble of the hour and decides no verdict")
	note(r.For != "0s", "provisional on less than %s", r.For)
	note(len(r.After) > 0, "explained away by %s", strings.Join(r.After, ", "))
	return out
}

// maxTraces is how many subjects are shown without --all.
const maxTraces = 10

func explainOn(ctx context.Context, s streams, set *rules.Set, id string, files []string, lang string, all bool) error {
	opt, err := (&inputFlags{}).options(&filterFlags{})
	if err != nil {
		return err
	}
	inputs, err := session.Inputs(files, s.in)
	if err != nil {
		return err
	}
	opt.Logs.NginxConf, inputs = session.NginxConf(inputs)
	snapshot, problems := session.Read(ctx, inputs, opt)
	failed := tell(s.err, problems)
	err = written(s.out, func(w io.Writer) {
		for _, one := range snapshot.Each() {
			where := ""
			if one.Server != "" {
				where = " of " + one.Server
			}
			if why := set.NotJudged(id, one); why != "" {
				fmt.Fprintf(w, "%s is not judged here%s: %s\n", id, show.Line(where), show.Line(why))
			}
			writeTraces(w, set.Explain(id, one, timeline.Attribute(snapshot), lang), where, all)
		}
	})
	if err == nil && failed {
		err = errTold
	}
	return err
}

// writeTraces says why a rule held or did not on each subject of what is known of a server, where of several.
func writeTraces(w io.Writer, traces []rules.Trace, where string, all bool) {
	if len(traces) == 0 {
		fmt.Fprintln(w, show.Line("the rule has no subject in these logs"+where))
	}
	for i, t := range traces {
		if i == maxTraces && !all {
			fmt.Fprintf(w, "and %d more; --all shows them\n", len(traces)-i)
			break
		}
		subject := t.Subject.Kind
		if t.Subject.ID != "" {
			subject += " " + t.Subject.ID + "  " + t.Subject.Label
		}
		fmt.Fprintf(w, "%s  %s on %s\n", t.Holds, t.Rule, show.Line(subject+where))
		for _, c := range t.Checks {
			kind := "when  "
			if c.Unless {
				kind = "unless"
			}
			fmt.Fprintf(w, "  %s %-20s %-8s %s\n", kind, c.ID, c.Truth, show.Line(c.Text))
		}
		for _, l := range t.Lets {
			fmt.Fprintf(w, "  where  %-20s = %s (%s)\n", l.Name, show.Line(l.Text), l.Expr)
		}
		if t.Excepted != "" {
			fmt.Fprintf(w, "  not reported: %s\n", show.Line(t.Excepted))
		}
	}
}

func sortedKeys(m map[string]*rules.Param) []string {
	return slices.Sorted(maps.Keys(m))
}
