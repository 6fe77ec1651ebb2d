package report

import (
	"dbtriage/analyzers/timeline"
	"dbtriage/rules"
)

type verdictJSON struct {
	Layer      string          `json:"layer"`
	Outcome    string          `json:"outcome"`
	SeenIn     *string         `json:"seen_in"`
	Confidence number          `json:"confidence"`
	Since      *string         `json:"since"`
	Summary    string          `json:"summary"`
	Candidates []candidateJSON `json:"candidates"`
	RuledOut   []ruledOutJSON  `json:"ruled_out"`
	Unknown    []string        `json:"unknown"`
}

type candidateJSON struct {
	Layer      string `json:"layer"`
	Share      number `json:"share"`
	Confidence number `json:"confidence"`
}

type ruledOutJSON struct {
	Layer string `json:"layer"`
	Why   string `json:"why"`
}

func verdictRow(v rules.Verdict) verdictJSON {
	out := verdictJSON{Layer: string(v.Layer), Outcome: string(v.Outcome()), SeenIn: textOrNull(string(v.SeenIn)), Confidence: finite(v.Confidence), Since: micros(v.Since),
		Summary: v.Summary, Candidates: make([]candidateJSON, 0, len(v.Candidates)), RuledOut: make([]ruledOutJSON, 0, len(v.RuledOut)), Unknown: list(v.Unknown)}
	for _, c := range v.Candidates {
		out.Candidates = append(out.Candidates, candidateJSON{string(c.Layer), orNull(c.Share), finite(c.Confidence)})
	}
	for _, o := range v.RuledOut {
		out.RuledOut = append(out.RuledOut, ruledOutJSON{string(o.Layer), o.Why})
	}
	return out
}

type attributionJSON struct {
	Onset    *string       `json:"onset"`
	Change   *string       `json:"change"`
	Ratio    number        `json:"ratio"`
	Whole    *divisionJSON `json:"whole"`
	Bad      *divisionJSON `json:"bad"`
	Baseline *divisionJSON `json:"baseline"`
}

type divisionJSON struct {
	From       *string           `json:"from"`
	To         *string           `json:"to"`
	Requests   *int64            `json:"requests"`
	RequestS   number            `json:"request_s"`
	ClientS    number            `json:"client_s"`
	WebS       number            `json:"web_s"`
	UpstreamS  number            `json:"upstream_s"`
	AppS       number            `json:"app_s"`
	Statements *int64            `json:"statements"`
	DatabaseS  number            `json:"database_s"`
	Errors5xx  *int64            `json:"errors_5xx"`
	Retried    *int64            `json:"retried"`
	Shares     map[string]number `json:"shares"`
}

func (r *Report) attributionRow() attributionJSON {
	a := r.Attribution
	out := attributionJSON{Whole: r.divisionRow(a.Whole)}
	if a.Onset != 0 {
		out.Onset, out.Change = micros(a.Onset*1e6), textOrNull(a.Change)
		out.Bad = r.divisionRow(a.Bad)
		if a.Ratio > 0 {
			out.Ratio = finite(a.Ratio)
		}
		if r.HasBaseline() {
			out.Baseline = r.divisionRow(a.Baseline)
		}
	}
	return out
}

// divisionRow returns the division of one window, null for an empty window.
func (r *Report) divisionRow(d timeline.Division) *divisionJSON {
	if d.To <= d.From {
		return nil
	}
	web := func(us int64) number {
		if !r.AccessLog {
			return nil
		}
		return seconds(us)
	}
	out := &divisionJSON{From: micros(d.From * 1e6), To: micros(d.To * 1e6), Requests: counted(d.Requests, r.AccessLog), RequestS: web(d.RequestUS),
		ClientS: web(d.ClientUS), WebS: web(d.WebUS), UpstreamS: web(d.UpstreamUS), AppS: seconds(d.AppUS),
		Statements: counted(d.Statements, r.SlowLog), DatabaseS: seconds(r.databaseUS(d)), Errors5xx: counted(d.Errors5xx, r.AccessLog),
		Retried: counted(d.Retried, r.AccessLog), Shares: map[string]number{}}
	parts := r.Divide(d)
	for _, name := range []string{"client", "web", "app", "database"} {
		out.Shares[name] = nil
		if p, ok := find(parts, name); ok {
			out.Shares[name] = quotient(p.US, WholeOf(parts, d))
		}
	}
	return out
}

type findingJSON struct {
	ID          string         `json:"id"`
	Rule        string         `json:"rule"`
	Subject     rules.Subject  `json:"subject"`
	Severity    rules.Severity `json:"severity"`
	Layer       *string        `json:"layer"`
	Confidence  number         `json:"confidence"`
	Provisional bool           `json:"provisional"`
	Title       string         `json:"title"`
	Args        any            `json:"args"`
	Evidence    []evidenceJSON `json:"evidence"`
	Advice      []rules.Advice `json:"advice"`
	BecauseOf   []string       `json:"because_of"`
	Server      string         `json:"server,omitempty"`
}

type evidenceJSON struct {
	What    string `json:"what"`
	Value   number `json:"value"`
	Limit   number `json:"limit"`
	Unit    string `json:"unit"`
	Window  string `json:"window"`
	Source  string `json:"source"`
	For     bool   `json:"for"`
	Against bool   `json:"against"`
}

func findingRow(f rules.Finding) findingJSON {
	out := findingJSON{ID: f.ID, Rule: f.Rule, Subject: f.Subject, Severity: f.Severity, Layer: textOrNull(string(f.Layer)), Confidence: finite(f.Confidence),
		Provisional: f.Provisional, Title: f.Title, Args: plainArgs(f.Args), Evidence: make([]evidenceJSON, 0, len(f.Evidence)),
		Advice: list(f.Advice), BecauseOf: list(f.BecauseOf), Server: f.Server}
	if f.Args == nil {
		out.Args = map[string]any{}
	}
	for _, e := range f.Evidence {
		out.Evidence = append(out.Evidence, evidenceJSON{e.What, orNull(e.Value), orNull(e.Limit), e.Unit, e.Window, e.Source, e.For, !e.For})
	}
	return out
}

func gapRow(g rules.Gap) rules.Gap {
	g.Missing = list(g.Missing)
	return g
}

type overridesJSON struct {
	Hash    *string  `json:"hash"`
	Changes []string `json:"changes"`
}

func overridesRow(f rules.InForce) overridesJSON {
	return overridesJSON{textOrNull(f.Hash), list(f.Changes)}
}
