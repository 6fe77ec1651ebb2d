package main

import (
	"fmt"
	"io"
	"math"
)

// What the advice must come to. Source: INDEX.md; the shares of recovery and size are those of what an
// expert's indexes save and take.
const (
	leastRecovery = 0.95
	mostBytes     = 1.2
	worseBy       = 1.1 // a template that costs more than this times what it does without indexes is harmed
	leastWins     = 0.8 // share of the schemas where the best baseline must be beaten
)

// A result is one set of indexes for one schema.
type result struct {
	Schema, Adviser string
	measured
	PagesR, RowsR, TimeR float64 // share of what the expert's indexes save
	BytesX, RedoX        float64 // of the expert's; NaN where the expert takes none
	Harmful              []string
	AdviserSeconds       float64
	DDL                  []string
}

// score compares a set of indexes with none and with the expert's.
func score(schema *Schema, adviser string, m, none, expert measured) result {
	r := result{Schema: schema.Name, Adviser: adviser, measured: m}
	share := func(of func(cost) float64) float64 {
		var without, with, best float64
		for i, t := range schema.Templates {
			w := float64(t.Calls)
			without, with, best = without+w*of(none.Costs[i]), with+w*of(m.Costs[i]), best+w*of(expert.Costs[i])
		}
		return (without - with) / (without - best)
	}
	r.PagesR = share(func(k cost) float64 { return k.Pages })
	r.RowsR = share(func(k cost) float64 { return k.Rows })
	r.TimeR = share(func(k cost) float64 { return k.Seconds })
	r.BytesX, r.RedoX = float64(m.Bytes)/float64(expert.Bytes), m.Redo/expert.Redo
	for i, t := range schema.Templates {
		if m.Costs[i].Pages > worseBy*none.Costs[i].Pages {
			r.Harmful = append(r.Harmful, fmt.Sprintf("%.0f pages in place of %.0f: %s", m.Costs[i].Pages, none.Costs[i].Pages, t.SQL))
		}
	}
	return r
}

// print writes the table of all results.
func print(w io.Writer, all []result) {
	fmt.Fprintf(w, "%-10s %-12s %8s %8s %8s %8s %9s %8s %8s %9s\n", "schema", "indexes of", "R pages", "R rows", "R time", "indexes", "bytes", "redo", "harmful", "seconds")
	for _, r := range all {
		seconds := ""
		if r.AdviserSeconds > 0 {
			seconds = fmt.Sprintf("%.2f", r.AdviserSeconds)
		}
		fmt.Fprintf(w, "%-10s %-12s %8.3f %8.3f %8.3f %8d %8s× %7s× %8d %9s\n", r.Schema, r.Adviser, r.PagesR, r.RowsR, r.TimeR, r.Indexes, ratio(r.BytesX), ratio(r.RedoX), len(r.Harmful), seconds)
	}
}

func ratio(x float64) string {
	if math.IsNaN(x) {
		return "?"
	}
	return fmt.Sprintf("%.2f", x)
}

// judge says what of the gate is not reached; nothing when all is.
func judge(all []result) (failed []string) {
	best := map[string]float64{} // of the baselines, by schema
	for _, r := range all {
		if r.Adviser == perColumnName || r.Adviser == equalOnlyName {
			best[r.Schema] = max(best[r.Schema], r.PagesR)
		}
	}
	schemas, wins := 0, 0
	for _, r := range all {
		if r.Adviser != ours {
			continue
		}
		if schemas++; r.PagesR > best[r.Schema] {
			wins++
		}
		if r.PagesR < leastRecovery {
			failed = append(failed, fmt.Sprintf("%s: recovers %.3f of the pages, not %.2f", r.Schema, r.PagesR, leastRecovery))
		}
		if r.BytesX > mostBytes {
			failed = append(failed, fmt.Sprintf("%s: takes %.2f times the bytes of the expert's indexes, not at most %.1f", r.Schema, r.BytesX, mostBytes))
		}
		for _, h := range r.Harmful {
			failed = append(failed, fmt.Sprintf("%s: harms a statement, %s", r.Schema, h))
		}
	}
	if float64(wins) < leastWins*float64(schemas) {
		failed = append(failed, fmt.Sprintf("better than the best baseline in %d of %d schemas", wins, schemas))
	}
	return failed
}
