package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"text/tabwriter"

	"dbtriage/rules"
)

// summary prints what all incidents came to: a line each, the layers expected and found, and the
// shares with their 95 % intervals.
func summary(out io.Writer, results []Result) {
	tw := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "fault\tseed\texpected\tgot\tsure\tlayer\tcause\tothers\tfirst findings")
	for _, r := range results {
		var first []string
		for _, line := range r.First[:min(len(r.First), firstFindings)] {
			rule, rest, _ := strings.Cut(line, " ")
			first = append(first, rule+" "+rest[:1])
		}
		fmt.Fprintf(tw, "%s\t%d\t%s\t%s\t%.2f\t%s\t%s\t%.1f\t%s\n", r.Fault, r.Seed, r.Want.Layer, r.Verdict.Layer, r.Verdict.Confidence, mark(r.LayerRight), mark(r.CauseRight), r.Others, strings.Join(first, ", "))
	}
	tw.Flush()
	fmt.Fprintln(out)
	confusion(out, results)
	fmt.Fprintln(out)

	scores(out, results)
	calm := slices.DeleteFunc(slices.Clone(results), func(r Result) bool { return r.Others > strangers })
	if len(calm) < len(results) {
		fmt.Fprintf(out, "\nWithout the %d runs beside which others took more than %.1f cores:\n", len(results)-len(calm), strangers)
		scores(out, calm)
	}
}

// strangers is how many cores others may take before a run says less of the diagnosis than of them.
const strangers = 0.5

// scores prints how many diagnoses are right.
func scores(out io.Writer, results []Result) {
	var layers, causes, faulty, criticals, healthy int
	for _, r := range results {
		if r.LayerRight {
			layers++
		}
		if r.Want.Layer == string(rules.LayerNone) {
			healthy++
			criticals += r.Criticals
			continue
		}
		faulty++
		if r.CauseRight {
			causes++
		}
	}
	line := func(what string, k, n int, goal string) {
		low, high := wilson(k, n)
		fmt.Fprintf(out, "%-40s %3d of %3d  %5.1f %%  (95 %%: %.1f–%.1f %%)  goal %s\n", what, k, n, 100*float64(k)/float64(max(n, 1)), 100*low, 100*high, goal)
	}
	line("layer right", layers, len(results), "≥ 95 %")
	line("cause among the first three findings", causes, faulty, "≥ 90 %")
	fmt.Fprintf(out, "%-40s %3d in %3d runs  goal 0\n", "critical findings on healthy systems", criticals, healthy)
}

func mark(right bool) string {
	if right {
		return "ok"
	}
	return "WRONG"
}

// confusion prints how often which layer was found where another was expected. A layer that is also
// right counts where it was found, in its own column, so the diagonal is less than the score.
func confusion(out io.Writer, results []Result) {
	order := []string{"client", "web", "app", "cache", "database", "host", "none", "unknown"}
	counts := map[[2]string]int{}
	used := map[string]bool{}
	for _, r := range results {
		got := string(r.Verdict.Layer)
		counts[[2]string{r.Want.Layer, got}]++
		used[r.Want.Layer], used[got] = true, true
	}
	order = slices.DeleteFunc(order, func(l string) bool { return !used[l] })
	tw := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(tw, "expected \\ got\t"+strings.Join(order, "\t")+"\t")
	for _, want := range order {
		row := []string{want}
		for _, got := range order {
			n := counts[[2]string{want, got}]
			cell := "."
			if n > 0 {
				cell = fmt.Sprint(n)
			}
			row = append(row, cell)
		}
		fmt.Fprintln(tw, strings.Join(row, "\t")+"\t")
	}
	tw.Flush()
}

// wilson is the score interval of k successes in n trials at 95 % (Wilson 1927), which holds for the
// few trials and the shares near one of the lab.
func wilson(k, n int) (low, high float64) {
	if n == 0 {
		return 0, 1
	}
	const z = 1.959964
	p, m := float64(k)/float64(n), float64(n)
	centre := p + z*z/(2*m)
	spread := z * math.Sqrt(p*(1-p)/m+z*z/(4*m*m))
	return max((centre-spread)/(1+z*z/m), 0), min((centre+spread)/(1+z*z/m), 1)
}
