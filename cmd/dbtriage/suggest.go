package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"dbtriage/ui/show"
)

// noOther takes no argument, and of one that is there it says what may have been meant.
func noOther(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return hinted{fmt.Errorf("unknown command %q for %q", args[0], cmd.CommandPath()), meant(cmd, args)}
}

// meant guesses which command was: one of a similar name, or analyze where a file was named.
func meant(cmd *cobra.Command, args []string) string {
	if cmd.SuggestionsMinimumDistance == 0 {
		cmd.SuggestionsMinimumDistance = 2
	}
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		for i := range near {
			near[i] = cmd.CommandPath() + " " + near[i]
		}
		return "did you mean: " + strings.Join(near, ", ")
	}
	if _, err := os.Stat(args[0]); err == nil && !cmd.HasParent() {
		return "did you mean: dbtriage analyze " + show.Line(strings.Join(args, " "))
	}
	return fmt.Sprintf("see '%s --help'", cmd.CommandPath())
}

// flagValues are what the values of flags are, by their type: the library's errors name its own functions.
var flagValues = map[string]struct{ what, hint string }{
	"int":            {"a whole number", "use one such as 10"},
	"int64":          {"a whole number", "use one such as 10"},
	"float64":        {"a number", "use one such as 0.5"},
	"bool":           {"true or false", "use true or false, or the flag alone"},
	"duration":       {"a duration", "use one with its unit, such as 250ms, 10s or 5m"},
	"stringToString": {"NAME=VALUE", "use one such as duration=took_ms"},
}

// wrongFlag says what may have been meant by a flag that does not exist.
func wrongFlag(cmd *cobra.Command, err error) error {
	hint := fmt.Sprintf("see '%s --help'", cmd.CommandPath())
	if args := cmd.Flags().Args(); len(args) > 0 && !cmd.HasParent() {
		hint = meant(cmd, args)
	}
	var invalid *pflag.InvalidValueError
	if errors.As(err, &invalid) {
		var bad badValue
		if errors.As(err, &bad) {
			return hinted{fmt.Errorf("--%s %q %s", invalid.GetFlag().Name, invalid.GetValue(), bad.what), bad.hint}
		}
		if of, ok := flagValues[invalid.GetFlag().Value.Type()]; ok {
			return hinted{fmt.Errorf("--%s %q is not %s", invalid.GetFlag().Name, invalid.GetValue(), of.what), of.hint}
		}
	}
	var unknown *pflag.NotExistError
	if errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() == "" {
		best, least := "", 3
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if d := distance(unknown.GetSpecifiedName(), f.Name); d < least && !f.Hidden {
				best, least = f.Name, d
			}
		})
		if best != "" {
			hint = "did you mean: --" + best
		}
	}
	return hinted{err, hint}
}

// plainUsages takes the marks of values' names out of what flags say of themselves: help reads them, and
// shells would show them.
func plainUsages(cmd *cobra.Command) {
	plain := func(f *pflag.Flag) { _, f.Usage = pflag.UnquoteUsage(f) }
	cmd.Flags().VisitAll(plain)
	cmd.PersistentFlags().VisitAll(plain)
	for _, sub := range cmd.Commands() {
		plainUsages(sub)
	}
}

// distance is how many letters must be added, left out or changed to make b of a (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		corner := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := corner
			if a[i] != b[j] {
				change++
			}
			corner = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

func newVersion(s streams) *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintf(s.out, "dbtriage %s\n", versionText())
			return err
		},
	}
}
