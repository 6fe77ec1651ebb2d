package report

import (
	"cmp"
	"slices"
	"strings"

	"dbtriage/analyzers"
)

// Orders are what classes and endpoints can be sorted by, largest first; the first is the usual.
// Shares and verdicts do not depend on it.
var Orders = []string{"time", "calls", "mean", "p95", "rows"}

// rank is what a row weighs in an order. Rows that an endpoint has not are bytes sent.
func rank(order string, t *analyzers.Timing, calls, rows int64) float64 {
	switch order {
	case "calls":
		return float64(calls)
	case "mean":
		mean, _ := t.Mean()
		return mean
	case "p95":
		p95, _ := t.Quantile(0.95)
		return float64(p95)
	case "rows":
		return float64(rows)
	}
	return float64(t.Sum)
}

func sortedClasses(d *analyzers.Digest, order string) []*analyzers.Class {
	out := make([]*analyzers.Class, 0, len(d.Classes))
	ranks := make(map[*analyzers.Class]float64, len(d.Classes))
	for _, c := range d.Classes {
		out = append(out, c)
		ranks[c] = rank(order, &c.Time, c.Time.Count, c.RowsExamined)
	}
	slices.SortFunc(out, func(a, b *analyzers.Class) int {
		return cmp.Or(cmp.Compare(ranks[b], ranks[a]), cmp.Compare(b.Time.Sum, a.Time.Sum), strings.Compare(a.ID, b.ID),
			strings.Compare(a.Fingerprint, b.Fingerprint))
	})
	return out
}

func sortedEndpoints(d *analyzers.Digest, order string) []*analyzers.Endpoint {
	out := make([]*analyzers.Endpoint, 0, len(d.Endpoints))
	ranks := make(map[*analyzers.Endpoint]float64, len(d.Endpoints))
	for _, e := range d.Endpoints {
		out = append(out, e)
		ranks[e] = rank(order, &e.Time, e.Requests, e.BytesSent)
	}
	slices.SortFunc(out, func(a, b *analyzers.Endpoint) int {
		return cmp.Or(cmp.Compare(ranks[b], ranks[a]), cmp.Compare(b.Time.Sum, a.Time.Sum), cmp.Compare(b.Requests, a.Requests),
			strings.Compare(a.Key.Route, b.Key.Route), strings.Compare(a.Key.Method, b.Key.Method),
			strings.Compare(a.Key.Role, b.Key.Role))
	})
	return out
}
