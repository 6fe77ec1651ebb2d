package report

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"dbtriage/analyzers"
	"dbtriage/collectors"
)

// A number is a float that JSON can carry: null when it is not finite.
type number = *float64

func finite(f float64) number {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return nil
	}
	return &f
}

func orNull(p *float64) number {
	if p == nil {
		return nil
	}
	return finite(*p)
}

// seconds turns microseconds into seconds; a negative count is unknown.
func seconds(us int64) number {
	if us < 0 {
		return nil
	}
	return finite(float64(us) / 1e6)
}

func counted(n int64, known bool) *int64 {
	if !known || n < 0 {
		return nil
	}
	return &n
}

func quotient(a, b int64) number {
	q, ok := ratio(a, b)
	if !ok {
		return nil
	}
	return &q
}

// An instant in RFC 3339, UTC; nil when it is not known.
func micros(us int64) *string {
	if us == collectors.NoTime {
		return nil
	}
	// RFC 3339 has four digits for the year.
	t := time.UnixMicro(us).UTC()
	if t.Year() < 0 || t.Year() > 9999 {
		return nil
	}
	s := t.Format(time.RFC3339Nano)
	return &s
}

// textOrNull is null where a text is empty.
func textOrNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// list is never null: an empty list is known to be empty.
func list[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

type windowJSON struct {
	From *string `json:"from"`
	To   *string `json:"to"`
}

type sourceJSON struct {
	Path      string            `json:"path"`
	Format    *string           `json:"format"`
	Host      *string           `json:"host"`
	Role      *string           `json:"role"`
	Recording bool              `json:"recording"`
	Bytes     int64             `json:"bytes"`
	Events    int64             `json:"events"`
	Skipped   int64             `json:"skipped"`
	FirstBad  *collectors.Skip  `json:"first_bad"`
	From      *string           `json:"from"`
	To        *string           `json:"to"`
	Skips     []collectors.Skip `json:"skips"`
	Warnings  []string          `json:"warnings"`
	Error     *string           `json:"error"`
}

func sourceRow(s collectors.Source) sourceJSON {
	out := sourceJSON{Path: s.Path, Format: textOrNull(s.Format), Host: textOrNull(s.Host), Role: textOrNull(s.Role), Recording: s.Recording, Bytes: s.Bytes,
		Events: s.Events, Skipped: s.Skipped, From: micros(s.From), To: micros(s.To), Skips: list(s.Skips), Warnings: list(s.Warnings), Error: textOrNull(s.Err)}
	if len(s.Skips) > 0 {
		out.FirstBad = &s.Skips[0]
	}
	return out
}

type serverJSON struct {
	Engine  string `json:"engine"`
	Version string `json:"version"`
}

// serverRow is the server that was recorded, null when it is not known.
func (r *Report) serverRow() *serverJSON {
	if r.Server.Name == "" {
		return nil
	}
	v := r.Server.Version
	return &serverJSON{r.Server.Name, fmt.Sprintf("%d.%d.%d", v[0], v[1], v[2])}
}

type coverageJSON struct {
	WithTime     number `json:"requests_with_time"`
	WithUpstream number `json:"requests_with_upstream_time"`
	Shortest     number `json:"shortest_statement_s"`
	WithoutTime  int64  `json:"events_without_instant"`
	RateLimit    *int64 `json:"largest_rate_limit"`
}

func (r *Report) coverageRow() coverageJSON {
	w, t := &r.Digest.Web, &r.Digest.Statements
	out := coverageJSON{WithTime: quotient(w.WithTime, w.Count), WithUpstream: quotient(w.UpstreamLogged, w.Count),
		WithoutTime: w.WithoutTime + r.Digest.App.WithoutTime + t.WithoutTime, RateLimit: counted(t.MaxRateLimit, t.MaxRateLimit > 0)}
	if t.Count > 0 {
		out.Shortest = seconds(t.Time.Min)
	}
	return out
}

type workloadJSON struct {
	Reads         *int64                   `json:"reads"`
	Writes        *int64                   `json:"writes"`
	Other         *int64                   `json:"other"`
	Ratio         number                   `json:"read_write_ratio"`
	Class         *analyzers.WorkloadClass `json:"class"`
	PeakQPS       number                   `json:"peak_qps"`
	PeakAt        *string                  `json:"peak_at"`
	PeakClass     *analyzers.WorkloadClass `json:"peak_class"`
	TablesUnknown int64                    `json:"tables_unknown"`
	Tables        []tableJSON              `json:"tables"`
}

type tableJSON struct {
	Schema *string                  `json:"schema"`
	Table  string                   `json:"table"`
	Reads  int64                    `json:"reads"`
	Writes int64                    `json:"writes"`
	Ratio  number                   `json:"read_write_ratio"`
	Class  *analyzers.WorkloadClass `json:"class"`
	TimeS  number                   `json:"time_s"`
	Shapes int                      `json:"queries"`
}

func classOf(reads, writes int64) *analyzers.WorkloadClass {
	c, ok := analyzers.ClassOf(reads, writes)
	if !ok {
		return nil
	}
	return &c
}

func (r *Report) workloadRow() workloadJSON {
	w := r.Workload
	out := workloadJSON{Reads: counted(w.Reads, r.SlowLog), Writes: counted(w.Writes, r.SlowLog), Other: counted(w.Other, r.SlowLog), Ratio: quotient(w.Reads, w.Writes), Class: classOf(w.Reads, w.Writes),
		PeakClass: classOf(w.PeakReads, w.PeakWrites), TablesUnknown: w.TablesUnknown, Tables: make([]tableJSON, 0, len(w.Tables))}
	if w.PeakQPS > 0 {
		out.PeakQPS, out.PeakAt = finite(w.PeakQPS), micros(w.PeakAt*1e6)
	}
	for _, t := range w.Tables {
		out.Tables = append(out.Tables, tableJSON{Schema: textOrNull(t.Schema), Table: t.Table, Reads: t.Reads, Writes: t.Writes,
			Ratio: quotient(t.Reads, t.Writes), Class: classOf(t.Reads, t.Writes), TimeS: seconds(t.TimeUS), Shapes: t.Classes})
	}
	return out
}

type queryJSON struct {
	ID           string      `json:"id"`
	Fingerprint  *string     `json:"fingerprint"`
	Kind         string      `json:"kind"`
	Calls        int64       `json:"calls"`
	TotalS       number      `json:"total_s"`
	Share        number      `json:"share"`
	MeanS        number      `json:"mean_s"`
	P50S         number      `json:"p50_s"`
	P95S         number      `json:"p95_s"`
	P99S         number      `json:"p99_s"`
	MaxS         number      `json:"max_s"`
	LockS        number      `json:"lock_s"`
	RowsSent     *int64      `json:"rows_sent"`
	RowsExamined *int64      `json:"rows_examined"`
	RowsAffected *int64      `json:"rows_affected"`
	FullScans    *int64      `json:"full_scans"`
	Filesorts    *int64      `json:"filesorts"`
	TmpOnDisk    *int64      `json:"tmp_tables_on_disk"`
	LongestRun   int64       `json:"longest_run"`
	Tables       []string    `json:"tables"`
	Databases    []string    `json:"databases"`
	FirstSeen    *string     `json:"first_seen"`
	LastSeen     *string     `json:"last_seen"`
	Sample       *sampleJSON `json:"sample,omitempty"`
}

type sampleJSON struct {
	SQL       string  `json:"sql"`
	Schema    *string `json:"schema"`
	Source    *string `json:"source"`
	Offset    *int64  `json:"offset"`
	QueryTime number  `json:"query_time_s"`
	Truncated bool    `json:"truncated"`
}

func (r *Report) queryRow(c *analyzers.Class) queryJSON {
	q := quantilesOf(&c.Time)
	plan := r.PlanNotes.Known(c) > 0
	out := queryJSON{
		ID: c.ID, Fingerprint: r.fingerprintOf(c), Kind: c.Kind.String(), Calls: c.Time.Count, TotalS: seconds(c.Time.Sum),
		Share: quotient(c.Time.Sum, r.Digest.Statements.TimeUS), MeanS: q.Mean, P50S: q.P50, P95S: q.P95, P99S: q.P99, MaxS: q.Max,
		LockS: seconds(c.LockUS), RowsSent: counted(c.RowsSent, c.RowsSentKnown > 0), RowsExamined: counted(c.RowsExamined, c.RowsExaminedKnown > 0),
		RowsAffected: counted(c.RowsAffected, c.RowsAffectedKnown > 0), FullScans: counted(c.FullScans, plan), Filesorts: counted(c.Filesorts, plan),
		TmpOnDisk: counted(c.TmpDiskTables, r.PlanNotes.TablesKnown(c) > 0), LongestRun: c.Runs.Max, Tables: r.Workload.TablesOf[c.Fingerprint],
		Databases: databases(c), FirstSeen: micros(c.First), LastSeen: micros(c.Last),
	}
	if r.Options.Samples && c.Worst.SQL != "" {
		out.Sample = &sampleJSON{SQL: c.Worst.SQL, Schema: textOrNull(c.Worst.Schema), Source: textOrNull(c.Worst.Source),
			Offset: counted(c.Worst.Offset, c.Worst.Offset >= 0), QueryTime: seconds(c.Worst.QueryTime), Truncated: c.Worst.Truncated}
	}
	return out
}

func databases(c *analyzers.Class) []string {
	out := make([]string, 0, c.Databases.Len())
	for name := range c.Databases.All() {
		if name != "" {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

type quantilesJSON struct {
	P50  number `json:"p50"`
	P95  number `json:"p95"`
	P99  number `json:"p99"`
	Mean number `json:"mean"`
	Max  number `json:"max"`
}

func quantilesOf(t *analyzers.Timing) quantilesJSON {
	at := func(q float64) number {
		us, ok := t.Quantile(q)
		if !ok {
			return nil
		}
		return seconds(us)
	}
	out := quantilesJSON{P50: at(0.5), P95: at(0.95), P99: at(0.99)}
	if mean, ok := t.Mean(); ok {
		// Rounded to the microsecond, which is what was measured.
		out.Mean, out.Max = finite(math.Round(mean)/1e6), seconds(t.Max)
	}
	return out
}

type endpointJSON struct {
	Method    *string          `json:"method"`
	Route     string           `json:"route"`
	Role      string           `json:"role"`
	Requests  int64            `json:"requests"`
	RPS       number           `json:"rps"`
	TotalS    number           `json:"total_s"`
	Share     number           `json:"share"`
	Status    map[string]int64 `json:"status"`
	Request   quantilesJSON    `json:"request_s"`
	Upstream  quantilesJSON    `json:"upstream_s"`
	Connect   quantilesJSON    `json:"connect_s"`
	Header    quantilesJSON    `json:"header_s"`
	Client    quantilesJSON    `json:"client_and_buffering_s"`
	Retries   int64            `json:"retries"`
	Upstreams []string         `json:"upstreams"`
	Cache     map[string]int64 `json:"cache"`
	FirstSeen *string          `json:"first_seen"`
	LastSeen  *string          `json:"last_seen"`
}

func (r *Report) endpointRow(e *analyzers.Endpoint) endpointJSON {
	totals := r.roleTotals(e.Key.Role)
	out := endpointJSON{
		Method: textOrNull(e.Key.Method), Route: e.Key.Route, Role: e.Key.Role, Requests: e.Requests,
		TotalS: seconds(e.Time.Sum), Share: quotient(e.Time.Sum, totals.Time.Sum), Status: statuses(e.Status),
		Request: quantilesOf(&e.Time), Upstream: quantilesOf(&e.Upstream), Connect: quantilesOf(&e.Connect),
		Header: quantilesOf(&e.Header), Client: quantilesOf(&e.Client), Retries: e.Retried,
		Upstreams: list(slices.Sorted(maps.Keys(e.Upstreams))), Cache: e.Cache, FirstSeen: micros(e.First), LastSeen: micros(e.Last),
	}
	if e.Time.Count == 0 {
		out.TotalS, out.Share = nil, nil
	}
	if out.Cache == nil {
		out.Cache = map[string]int64{}
	}
	if s, ok := spanSeconds(totals.First, totals.Last); ok {
		out.RPS = finite(float64(e.Requests) / s)
	}
	return out
}

func statuses(m map[int64]int64) map[string]int64 {
	out := make(map[string]int64, len(m))
	for code, n := range m {
		out[fmt.Sprintf("%03d", code)] = n
	}
	return out
}

type peerJSON struct {
	Address  string           `json:"address"`
	Attempts int64            `json:"attempts"`
	Failed   *int64           `json:"failed"`
	Status   map[string]int64 `json:"status"`
	Response quantilesJSON    `json:"response_s"`
	Connect  quantilesJSON    `json:"connect_s"`
	Header   quantilesJSON    `json:"header_s"`
}

func peerRow(p *analyzers.Peer) peerJSON {
	return peerJSON{Address: p.Addr, Attempts: p.Attempts, Failed: counted(p.Failed, p.Judged() > 0), Status: statuses(p.Status),
		Response: quantilesOf(&p.Response), Connect: quantilesOf(&p.Connect), Header: quantilesOf(&p.Header)}
}

type seriesJSON struct {
	Start          *string  `json:"start"`
	WidthS         *int64   `json:"width_s"`
	RequestRate    []number `json:"request_rate"`
	RequestTime    []number `json:"request_s"`
	Errors5xx      []number `json:"errors_5xx_rate"`
	RequestsAtOnce []number `json:"requests_at_once"`
	StatementRate  []number `json:"statement_rate"`
	AtOnce         []number `json:"statements_at_once"`
}

func seriesRow(s Series) seriesJSON {
	if s.Width == 0 {
		return seriesJSON{RequestRate: []number{}, RequestTime: []number{}, Errors5xx: []number{}, RequestsAtOnce: []number{}, StatementRate: []number{}, AtOnce: []number{}}
	}
	return seriesJSON{Start: micros(s.Start * 1e6), WidthS: &s.Width, RequestRate: points(s.RequestRate), RequestTime: points(s.RequestTime),
		Errors5xx: points(s.Errors5xx), RequestsAtOnce: points(s.RequestsAtOnce), StatementRate: points(s.StatementRate), AtOnce: points(s.DatabaseTime)}
}

// points keeps six digits: a curve is for drawing.
func points(curve []float64) []number {
	out := make([]number, len(curve))
	for i, v := range curve {
		out[i] = finite(math.Round(v*1e6) / 1e6)
	}
	return out
}

// plainArgs makes the arguments of a finding fit for JSON: what JSON cannot carry becomes null.
func plainArgs(v any) any {
	switch v := v.(type) {
	case nil, bool, string, int, int64:
		return v
	case float64:
		return orNil(finite(v))
	case *float64:
		return orNil(orNull(v))
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, x := range v {
			out[k] = plainArgs(x)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = plainArgs(x)
		}
		return out
	}
	b, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	return json.RawMessage(b)
}

func orNil(n number) any {
	if n == nil {
		return nil
	}
	return *n
}
