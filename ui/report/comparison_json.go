package report

import (
	"io"
	"slices"

	"dbtriage/analyzers/compare"
	"dbtriage/rules"
)

// WriteComparisonJSON writes a comparison for programs.
func WriteComparisonJSON(w io.Writer, c *Comparison, _ Style) error {
	e := newEncoder(w)
	e.field("version", c.Options.Version)
	e.field("verdict", c.verdictRow())
	e.field("before", sideRow(c.Before, c.Comparison.Before))
	e.field("after", sideRow(c.After, c.Comparison.After))
	rows(e, "figures", slices.Values(c.Figures), figureRow)
	rows(e, "layers", slices.Values(c.Layers), layerRow)
	rows(e, "queries", slices.Values(top(c.Queries, c.Options.Top, 0)), c.queryChangeRow)
	rows(e, "endpoints", slices.Values(top(c.Endpoints, c.Options.Top, 0)), endpointChangeRow)
	rows(e, "settings", slices.Values(c.Settings), func(s compare.Setting) settingJSON { return settingJSON(s) })
	rows(e, "findings", slices.Values(c.Findings), findingChangeRow)
	return e.finish()
}

type outcomeJSON struct {
	Outcome    string   `json:"outcome"`
	Why        *string  `json:"why"`
	Summary    string   `json:"summary"`
	Measure    *string  `json:"measure"`
	Time       *string  `json:"time"`
	Failures   *string  `json:"failures"`
	Failure    *string  `json:"failure"`
	FailBefore number   `json:"failure_share_before"`
	FailAfter  number   `json:"failure_share_after"`
	BeforeS    number   `json:"before_s"`
	AfterS     number   `json:"after_s"`
	Factor     number   `json:"factor"`
	SameMix    number   `json:"same_mix_factor"`
	LoadFactor number   `json:"load_factor"`
	Sigmas     number   `json:"standard_errors"`
	Visible    number   `json:"least_seen"`
	Cause      *string  `json:"cause"`
	Notes      []string `json:"notes"`
	Unknown    []string `json:"unknown"`
}

func (c *Comparison) verdictRow() outcomeJSON {
	return outcomeJSON{
		Outcome: string(c.Outcome), Why: textOrNull(string(c.Why)), Summary: c.Summary(" → "), Measure: textOrNull(c.Measure),
		Time: textOrNull(string(c.TimeTrend)), Failures: textOrNull(string(c.FailureTrend)), Failure: textOrNull(c.Failure),
		FailBefore: value(c.FailureShare[0]), FailAfter: value(c.FailureShare[1]), BeforeS: value(c.Mean[0]), AfterS: value(c.Mean[1]),
		Factor: finite(compare.Factor(c.Mean[0], c.Mean[1])), SameMix: value(c.SameMix), LoadFactor: finite(c.LoadFactor), Sigmas: finite(c.Sigmas()),
		Visible: finite(c.Visible()), Cause: textOrNull(c.Cause()), Notes: list(c.Notes()), Unknown: list(c.Unknown()),
	}
}

func value(e compare.Estimate) number {
	if !e.Known {
		return nil
	}
	return finite(e.Value)
}

type comparedJSON struct {
	Sources     []sourceJSON `json:"sources"`
	Window      windowJSON   `json:"window"`
	Seconds     number       `json:"seconds"`
	Requests    *int64       `json:"requests"`
	AppRequests *int64       `json:"app_requests"`
	Statements  *int64       `json:"statements"`
	Layer       string       `json:"layer"`
	Summary     string       `json:"summary"`
}

func sideRow(r *Report, p compare.Part) comparedJSON {
	out := comparedJSON{Sources: []sourceJSON{}, Window: windowJSON{micros(p.Window.From), micros(p.Window.To)}, Seconds: finite(p.Seconds), Requests: counted(p.Requests, true),
		AppRequests: counted(p.AppRequests, true), Statements: counted(p.Statements, true), Layer: string(r.Verdict.Layer), Summary: r.Verdict.Summary}
	for _, s := range r.Sources {
		out.Sources = append(out.Sources, sourceRow(s))
	}
	return out
}

type figureJSON struct {
	Group  string  `json:"group"`
	Name   string  `json:"name"`
	Unit   string  `json:"unit"`
	Before number  `json:"before"`
	After  number  `json:"after"`
	Factor number  `json:"factor"`
	Trend  *string `json:"trend"`
}

func figureRow(f compare.Figure) figureJSON {
	return figureJSON{string(f.Group), f.Name, f.Unit, value(f.Before), value(f.After), finite(compare.Factor(f.Before, f.After)), textOrNull(string(f.Trend))}
}

type layerJSON struct {
	Layer  string `json:"layer"`
	Before number `json:"before_s"`
	After  number `json:"after_s"`
	Share  number `json:"share"`
}

func layerRow(l compare.Layer) layerJSON {
	return layerJSON{l.Name, finite(l.Before), finite(l.After), finite(l.Share)}
}

type changeJSON struct {
	State    string  `json:"state"`
	Calls    *string `json:"calls"`
	Time     *string `json:"time"`
	Before   useJSON `json:"before"`
	After    useJSON `json:"after"`
	Delta    number  `json:"change"`
	ByCalls  number  `json:"by_calls"`
	ByTime   number  `json:"by_time"`
	ShareOf  number  `json:"share"`
	MeanTime number  `json:"factor"`
}

type useJSON struct {
	Calls int64  `json:"calls"`
	Rate  number `json:"rate"`
	Load  number `json:"load"`
	Mean  number `json:"mean_s"`
	P95   number `json:"p95_s"`
	Rows  number `json:"rows_examined"`
}

func changeRow(c *compare.Change, rows [2]compare.Estimate) changeJSON {
	use := func(u compare.Use, rows compare.Estimate) useJSON {
		return useJSON{u.Calls, finite(u.Rate()), finite(u.Load()), value(u.Mean), value(u.P95), value(rows)}
	}
	return changeJSON{string(c.State), textOrNull(string(c.Calls)), textOrNull(string(c.Time)), use(c.Before, rows[0]), use(c.After, rows[1]),
		finite(c.Delta), finite(c.ByCalls), finite(c.ByTime), finite(c.Share), finite(compare.Factor(c.Before.Mean, c.After.Mean))}
}

type queryChangeJSON struct {
	ID          string   `json:"id"`
	Fingerprint *string  `json:"fingerprint"`
	Kind        string   `json:"kind"`
	Tables      []string `json:"tables"`
	changeJSON
	RowsTrend *string `json:"rows"`
}

func (c *Comparison) queryChangeRow(q compare.Query) queryChangeJSON {
	tables, ok := c.After.Workload.TablesOf[q.Fingerprint]
	if !ok {
		tables = c.Before.Workload.TablesOf[q.Fingerprint]
	}
	return queryChangeJSON{q.ID, textOrNull(q.Fingerprint), q.Kind.String(), tables, changeRow(&q.Change, q.Rows), textOrNull(string(q.RowsTrend))}
}

type endpointChangeJSON struct {
	Method *string `json:"method"`
	Route  string  `json:"route"`
	Role   string  `json:"role"`
	changeJSON
}

func endpointChangeRow(e compare.Endpoint) endpointChangeJSON {
	return endpointChangeJSON{textOrNull(e.Key.Method), e.Key.Route, e.Key.Role, changeRow(&e.Change, [2]compare.Estimate{})}
}

type settingJSON struct {
	Name   string `json:"name"`
	Before string `json:"before"`
	After  string `json:"after"`
}

type findingChangeJSON struct {
	ID      string        `json:"id"`
	Rule    string        `json:"rule"`
	Subject rules.Subject `json:"subject"`
	State   string        `json:"state"`
	Before  *string       `json:"severity_before"`
	After   *string       `json:"severity_after"`
	Title   string        `json:"title"`
}

func findingChangeRow(f FindingChange) findingChangeJSON {
	severity := func(f *rules.Finding) *string {
		if f == nil {
			return nil
		}
		return textOrNull(string(f.Severity))
	}
	one := f.Finding()
	return findingChangeJSON{one.ID, one.Rule, one.Subject, string(f.State), severity(f.Before), severity(f.After), one.Title}
}
