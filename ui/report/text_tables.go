package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"dbtriage/analyzers"
	"dbtriage/collectors"
	"dbtriage/ui/show"
	"dbtriage/ui/widget"
)

// Quantile returns a quantile of a timing as text.
func Quantile(t *analyzers.Timing, q float64) string {
	us, ok := t.Quantile(q)
	if !ok {
		return show.NoValue
	}
	return show.Duration(float64(us))
}

// ExaminedToSent says how many rows were read for each row returned, as "41:1"; of statements that return
// none, as updates, how many each call has read, as "41/call".
func ExaminedToSent(c *analyzers.Class) string {
	if c.RowsExaminedKnown == 0 || c.RowsSentKnown == 0 || c.RowsExamined == 0 && c.RowsSent == 0 {
		return show.NoValue
	}
	if c.RowsSent == 0 {
		return show.Short(float64(c.RowsExamined)/float64(c.RowsExaminedKnown)) + perCall
	}
	return show.Short(float64(c.RowsExamined)/float64(c.RowsSent)) + ":1"
}

const perCall = "/call"

// examinedLegend explains the column to who meets "/call" in it; empty when no row has it.
func examinedLegend(classes []*analyzers.Class, lang string) string {
	if slices.ContainsFunc(classes, func(c *analyzers.Class) bool { return strings.HasSuffix(ExaminedToSent(c), perCall) }) {
		return Word(lang, "exam/sent: rows examined for each row sent, or by each call where none is sent.")
	}
	return ""
}

func Ratio(a, b int64) string {
	q, ok := ratio(a, b)
	if !ok {
		return show.NoValue
	}
	return show.Share(q)
}

func (p *page) queries(r *Report) {
	t := &r.Digest.Statements
	if len(r.Classes) == 0 {
		return
	}
	shown := top(r.Classes, r.Options.Top, textRows)
	p.heading("TOP QUERIES", strings.Join([]string{outOf(len(shown), len(r.Classes)+r.Digest.Folded(), "queries", p.lang),
		howMany(t.Count, "calls", p.lang), show.Duration(float64(t.TimeUS))}, ", "))
	const id = 16 // digits
	p.row(in(faint, right(p.word("share"), 6), right(p.word("total"), 8), right(p.word("calls"), 7), right("p50", 8), right("p95", 8), right("max", 8),
		right(p.word("exam/sent"), 11), left("  "+p.word("kind"), 8)), piece{p.word("id"), faint}, id)
	for _, c := range shown {
		p.row([]cell{right(Ratio(c.Time.Sum, t.TimeUS), 6), right(show.Duration(float64(c.Time.Sum)), 8), right(show.Short(float64(c.Time.Count)), 7),
			right(Quantile(&c.Time, 0.5), 8), right(Quantile(&c.Time, 0.95), 8), right(show.Duration(float64(c.Time.Max)), 8),
			right(ExaminedToSent(c), 11), left("  "+p.word(c.Kind.String()), 8)}, piece{c.ID, plainText}, id)
		p.named("       ", strong, c.Fingerprint, strong)
		if r.Options.Samples && c.Worst.SQL != "" {
			p.labelled(7, p.word("slowest statement"), faint, c.Worst.SQL, plainText, 0)
		}
	}
	if legend := examinedLegend(shown, p.lang); legend != "" {
		p.hang("", faint, legend, faint, 0)
	}
}

func (p *page) endpoints(r *Report) {
	if len(r.Endpoints) == 0 {
		return
	}
	shown := top(r.Endpoints, r.Options.Top, textRows)
	p.heading("ENDPOINTS", outOf(len(shown), len(r.Endpoints), "routes", p.lang)+", "+
		howMany(r.Digest.Web.Count+r.Digest.App.Count, "requests", p.lang))
	p.row(in(faint, right(p.word("share"), 6), right(p.word("requests"), 9), right("p50", 8), right("p95", 8), right("p99", 8),
		right(p.word("upstream"), 9), right("5xx", 6), left("", 2)), piece{p.word("route"), faint}, leastName)
	for _, e := range shown {
		up := show.NoValue
		if e.Upstream.Count > 0 {
			up = Ratio(min(e.Upstream.Sum, e.Time.Sum), e.Time.Sum)
		}
		cells := []cell{right(Ratio(e.Time.Sum, r.roleTotals(e.Key.Role).Time.Sum), 6), right(show.Short(float64(e.Requests)), 9),
			right(Quantile(&e.Time, 0.5), 8), right(Quantile(&e.Time, 0.95), 8), right(Quantile(&e.Time, 0.99), 8),
			right(up, 9), right(Ratio(ServerErrors(e.Status), e.Requests), 6), left("", 2)}
		route := e.Key.Route
		if e.Key.Method != "" {
			route = e.Key.Method + " " + route
		}
		if e.Key.Role == "app" {
			route += " (" + p.word("app") + ")"
		}
		p.row(cells, piece{route, strong}, leastName)
	}
}

// outOf says how many things of a list are shown, if not all.
func outOf(shown, all int, things, lang string) string {
	if shown == all {
		return howMany(int64(all), things, lang)
	}
	return show.Count(int64(shown)) + " " + Word(lang, "of") + " " + howMany(int64(all), things, lang)
}

// howMany says how many things there are, in the words that the lists are headed with.
func howMany(n int64, things, lang string) string {
	word := Word(lang, things)
	if one, ok := singular[things]; ok && n == 1 && word == things {
		word = one
	}
	if one, ok := behindNumber[things]; ok && strings.HasPrefix(lang, "zh") {
		word = one
	}
	return show.Count(n) + " " + word
}

// behindNumber are the Chinese words behind a number that differ from those at the head of a column.
var behindNumber = map[string]string{"calls": "次执行", "requests": "个请求"}

var singular = map[string]string{"queries": "query", "calls": "call", "routes": "route", "requests": "request", "peers": "peer"}

// ServerErrors counts answers of 500 and above.
func ServerErrors(status map[int64]int64) (n int64) {
	for code, k := range status {
		if code >= 500 && code < 600 {
			n += k
		}
	}
	return n
}

func (p *page) peers(r *Report) {
	if len(r.Peers) == 0 {
		return
	}
	shown := top(r.Peers, r.Options.Top, textRows)
	p.heading("UPSTREAM PEERS", outOf(len(shown), len(r.Peers), "peers", p.lang))
	p.row(in(faint, right(p.word("attempts"), 9), right(p.word("failed"), 8), right("p50", 9), right("p95", 9), right("p99", 9),
		right(p.word("connect")+" p95", 13), left("", 2)), piece{p.word("address"), faint}, leastName)
	for _, q := range shown {
		p.row([]cell{right(show.Short(float64(q.Attempts)), 9), right(Ratio(q.Failed, q.Judged()), 8), right(Quantile(&q.Response, 0.5), 9),
			right(Quantile(&q.Response, 0.95), 9), right(Quantile(&q.Response, 0.99), 9), right(Quantile(&q.Connect, 0.95), 13), left("", 2)},
			piece{q.Addr, strong}, leastName)
	}
}

// ReadWrite says a read/write ratio, or that there is none.
func ReadWrite(reads, writes int64) string {
	if q, ok := ratio(reads, writes); ok {
		return show.Short(q) + ":1"
	}
	if reads > 0 {
		return show.Count(reads) + ":0"
	}
	return show.NoValue
}

func (p *page) workload(r *Report) {
	w := r.Workload
	if w.Reads+w.Writes+w.Other == 0 {
		return
	}
	p.heading("WORKLOAD", p.word("of the statements in the slow log"))
	p.labelled(0, p.word("class"), plainText, WorkloadLine(r, p.lang), plainText, 0)
	if len(w.Tables) == 0 {
		return
	}
	p.row(in(faint, right(p.word("reads"), 9), right(p.word("writes"), 9), right("R:W", 9), right(p.word("time"), 9), left("  "+p.word("class"), 15)), piece{p.word("table"), faint}, leastName)
	for _, t := range top(w.Tables, r.Options.Top, textRows) {
		class, _ := analyzers.ClassOf(t.Reads, t.Writes)
		p.row([]cell{right(show.Short(float64(t.Reads)), 9), right(show.Short(float64(t.Writes)), 9), right(ReadWrite(t.Reads, t.Writes), 9),
			right(show.Duration(float64(t.TimeUS)), 9), left("  "+p.word(string(class)), 15)}, piece{TableName(t), strong}, leastName)
	}
}

func TableName(t analyzers.TableUse) string {
	if t.Schema == "" {
		return t.Table
	}
	return t.Schema + "." + t.Table
}

// WorkloadLine says the class of the workload and the numbers behind it.
func WorkloadLine(r *Report, lang string) string {
	w := r.Workload
	class, ok := analyzers.ClassOf(w.Reads, w.Writes)
	name := show.NoValue
	if ok {
		name = Word(lang, string(class))
	}
	s := fmt.Sprintf("%s (R:W %s): %s %s, %s %s, %s %s", name, ReadWrite(w.Reads, w.Writes),
		show.Count(w.Reads), Word(lang, "reads"), show.Count(w.Writes), Word(lang, "writes"), show.Count(w.Other), Word(lang, "other"))
	if w.PeakQPS > 0 {
		s += fmt.Sprintf("; %s %s %s, %s UTC", Word(lang, "peak"), show.Short(w.PeakQPS), Word(lang, "statements/s"), show.Instant(w.PeakAt*1e6))
	}
	if c, ok := analyzers.ClassOf(w.PeakReads, w.PeakWrites); ok {
		s += "; " + Word(lang, "busiest minute") + ": " + Word(lang, string(c)) + " (R:W " + ReadWrite(w.PeakReads, w.PeakWrites) + ")"
	}
	if w.TablesUnknown > 0 {
		s += "; " + Word(lang, "tables unknown for") + " " + show.Count(w.TablesUnknown)
	}
	return s
}

// A curve is one sparkline with its name and its peak as text.
type curve struct {
	name, spark, peak string
	values            []float64
}

// drawn returns the curves of the report, of at most n points, and the grid they share.
func (r *Report) drawn(ascii bool, n int) ([]curve, Series) {
	s := r.series(r.Digest.Series.Cells(), n)
	var out []curve
	add := func(name string, values []float64, unit string) {
		if high, ok := widget.Peak(values); ok {
			out = append(out, curve{name, widget.Spark(values, ascii), show.Measure(&high, unit), values})
		}
	}
	add("requests/s", s.RequestRate, "count")
	add("request time", s.RequestTime, "s")
	add("5xx/s", s.Errors5xx, "count")
	add("statements/s", s.StatementRate, "count")
	add("queries at once", s.DatabaseTime, "count")
	return out, s
}

// onsetAt returns which of the n points of a grid holds the onset, or -1.
func (r *Report) onsetAt(s Series, n int) int {
	if r.Attribution.Onset == 0 || s.Width == 0 || r.Attribution.Onset < s.Start {
		return -1
	}
	k := int((r.Attribution.Onset - s.Start) / s.Width)
	if k >= n {
		return -1
	}
	return k
}

func (p *page) curves(r *Report) {
	const name = 16
	cells := sparkCells
	if p.narrow() { // the curve stands below its name
		cells = min(p.width-foldIndent, sparkCells)
	}
	curves, s := r.drawn(p.style.ASCII, cells)
	if len(curves) == 0 {
		return
	}
	p.heading("OVER TIME", show.Span(s.Start*1e6, s.End*1e6, p.either(" – ", " - "))+" UTC, "+p.word("one cell is")+" "+show.Duration(float64(s.Width*1e6)))
	before := name
	for _, c := range curves {
		peak := p.word("peak") + " " + c.peak
		if p.narrow() {
			before = foldIndent
			p.text(show.Left(p.word(c.name), name) + peak)
			p.text(strings.Repeat(" ", before) + c.spark)
			continue
		}
		p.text(show.Left(p.word(c.name), name) + show.Left(c.spark, cells) + " " + peak)
	}
	if k := r.onsetAt(s, cells); k >= 0 {
		p.onset(before+k, "^ "+p.word("onset")+" "+show.Clock(r.Attribution.Onset))
	}
}

// onset marks a column below the curves; where the text would not fit behind the mark it stands before it.
func (p *page) onset(column int, text string) {
	if column+show.Columns(text) > p.width {
		mark, rest, _ := strings.Cut(text, " ")
		text = show.Right(rest+" "+mark, column+1)
		column = 0
	}
	p.line(piece{strings.Repeat(" ", column) + text, warn})
}

func (p *page) sources(r *Report) {
	p.heading("SOURCES", r.made())
	if len(r.Sources) == 0 {
		p.text(p.word("No file was read."))
	}
	for _, s := range r.Sources {
		p.source(s)
	}
	if c := r.coverage(p.lang); c != "" {
		p.labelled(0, p.word("coverage"), faint, c, plainText, 0)
	}
}

// made names the program that made the report.
func (r *Report) made() string { return strings.TrimSpace("dbtriage " + r.Options.Version) }

func (p *page) source(s collectors.Source) {
	head := s.Path
	if s.Host != "" {
		head = s.Host + ": " + s.Path
	}
	if p.narrow() {
		p.narrowSource(s, p.oneLine(head))
		return
	}
	room := 37 + p.width - pageWidth
	if s.Unread() {
		p.line(piece{show.Left(show.CutLeft(p.oneLine(head), room-1, p.mark()), room), strong}, piece{p.word("not read"), bad})
		p.hang("   ", plainText, Phrase(p.lang, s.Err), plainText, 2)
		return
	}
	line := show.CutLeft(p.oneLine(head), room-1, p.mark())
	p.line(piece{show.Left(line, room), strong}, piece{show.Left(p.cut(sourceFacts(s, p.lang), 24), 24), plainText},
		piece{show.Right(show.Count(s.Events), 11) + " " + p.word("events"), plainText})
	p.line(piece{"   " + sourceSpan(s, p.lang, p.either(" – ", " - ")) + ", " + show.Size(s.Bytes) + ", ", plainText},
		piece{show.Count(s.Skipped) + " " + p.word("skipped"), skippedColour(s.Skipped)})
	p.trouble(s)
}

// narrowSource writes a source with its name in lines of its own.
func (p *page) narrowSource(s collectors.Source, name string) {
	p.hang("", strong, name, strong, 0)
	if s.Unread() {
		p.hang("   ", bad, p.word("not read")+": "+Phrase(p.lang, s.Err), bad, 0)
		return
	}
	p.hang("   ", plainText, sourceFacts(s, p.lang)+", "+show.Count(s.Events)+" "+p.word("events"), plainText, 0)
	p.hang("   ", plainText, sourceSpan(s, p.lang, p.either(" – ", " - "))+", "+show.Size(s.Bytes)+",", plainText, 0)
	p.line(piece{"   ", plainText}, piece{show.Count(s.Skipped) + " " + p.word("skipped"), skippedColour(s.Skipped)})
	p.trouble(s)
}

// sourceFacts says what a source is.
func sourceFacts(s collectors.Source, lang string) string {
	return phrases(lang, slices.DeleteFunc([]string{s.Format, s.Role}, func(s string) bool { return s == "" }))
}

// trouble writes what of a source was skipped and what else its reader has to say.
func (p *page) trouble(s collectors.Source) {
	for _, k := range s.Skips {
		p.hang("   "+show.Left(skipPlace(k, p.lang), 14)+" ", faint, Phrase(p.lang, k.Why), plainText, 2)
	}
	for _, w := range s.Warnings {
		p.hang("   "+show.Left(p.word("warning"), 14)+" ", faint, Phrase(p.lang, w), plainText, 2)
	}
}

func skippedColour(n int64) colour {
	if n > 0 {
		return warn
	}
	return plainText
}

func sourceSpan(s collectors.Source, lang, dash string) string {
	if s.Events == 0 && s.From == collectors.NoTime {
		return Word(lang, "nothing in it")
	}
	if s.From == collectors.NoTime || s.To == collectors.NoTime {
		return Word(lang, "no instants known")
	}
	return show.Span(s.From, s.To, dash) + " UTC"
}

// skipPlace says where in its file a piece of input was skipped.
func skipPlace(k collectors.Skip, lang string) string {
	if k.Line > 0 {
		return Word(lang, "line") + " " + strconv.FormatInt(k.Line, 10)
	}
	return Word(lang, "at byte") + " " + strconv.FormatInt(k.Offset, 10)
}

// coverage says how much of what happened the logs hold.
func (r *Report) coverage(lang string) string {
	var out []string
	if w := &r.Digest.Web; w.Count > 0 {
		out = append(out, Word(lang, "requests with a duration")+" "+Ratio(w.WithTime, w.Count),
			Word(lang, "with an upstream field")+" "+Ratio(w.UpstreamLogged, w.Count))
	}
	if t := &r.Digest.Statements; t.Count > 0 {
		out = append(out, Word(lang, "shortest statement")+" "+show.Duration(float64(t.Time.Min)))
	}
	return strings.Join(out, ", ")
}

func (p *page) gaps(r *Report) {
	groups := r.GroupedGaps()
	if len(groups) == 0 {
		return
	}
	n := 0
	for _, g := range groups {
		n += len(g.Rules)
	}
	p.heading("NOT JUDGED", fmt.Sprintf("%d %s", n, p.word("rules")))
	for _, g := range groups {
		p.labelled(0, p.word("Missing"), strong, phrases(p.lang, g.Missing), plainText, 0)
		p.labelled(2, p.word("Rules"), faint, strings.Join(g.Rules, " "), faint, 0)
		if g.Provide != "" {
			p.labelled(2, p.word("Provide"), faint, g.Provide, plainText, 0)
		}
	}
}
