package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"dbtriage/analyzers"
	"dbtriage/collectors"
)

// quantile returns a quantile of a timing as text.
func quantile(t *analyzers.Timing, q float64) string {
	us, ok := t.Quantile(q)
	if !ok {
		return noValue
	}
	return duration(float64(us))
}

// examinedToSent says how many rows were read for each row returned.
func examinedToSent(c *analyzers.Class) string {
	if c.RowsExaminedKnown == 0 || c.RowsSentKnown == 0 || c.RowsExamined == 0 && c.RowsSent == 0 {
		return noValue
	}
	if c.RowsSent == 0 {
		return short(float64(c.RowsExamined)) + ":0"
	}
	return short(float64(c.RowsExamined)/float64(c.RowsSent)) + ":1"
}

func ratioText(a, b int64) string {
	q, ok := ratio(a, b)
	if !ok {
		return noValue
	}
	return share(q)
}

func (p *page) queries(r *Report) {
	t := &r.Digest.Statements
	if len(r.Classes) == 0 {
		return
	}
	shown := top(r.Classes, r.Options.Top, textRows)
	p.heading("TOP QUERIES", fmt.Sprintf("%s %s, %s %s, %s", outOf(len(shown), len(r.Classes), p.lang), p.word("shapes"),
		count(t.Count), p.word("calls"), duration(float64(t.TimeUS))))
	p.line(piece{right(p.word("share"), 6) + right(p.word("total"), 8) + right(p.word("calls"), 7) + right("p50", 8) + right("p95", 8) + right("max", 8) +
		right(p.word("exam/sent"), 10) + "  " + left(p.word("kind"), 6) + p.word("id"), faint})
	for _, c := range shown {
		p.text(right(ratioText(c.Time.Sum, t.TimeUS), 6) + right(duration(float64(c.Time.Sum)), 8) + right(short(float64(c.Time.Count)), 7) +
			right(quantile(&c.Time, 0.5), 8) + right(quantile(&c.Time, 0.95), 8) + right(duration(float64(c.Time.Max)), 8) +
			right(examinedToSent(c), 10) + "  " + left(p.word(c.Kind.String()), 6) + c.ID)
		p.line(piece{"       " + p.cut(c.Fingerprint, pageWidth-7), strong})
		if r.Options.Samples && c.Worst.SQL != "" {
			p.labelled(7, p.word("slowest statement"), faint, c.Worst.SQL, plainText, 0)
		}
	}
}

func (p *page) endpoints(r *Report) {
	if len(r.Endpoints) == 0 {
		return
	}
	shown := top(r.Endpoints, r.Options.Top, textRows)
	p.heading("ENDPOINTS", fmt.Sprintf("%s, %s %s", outOf(len(shown), len(r.Endpoints), p.lang)+" "+p.word("routes"),
		count(r.Digest.Web.Count+r.Digest.App.Count), p.word("requests")))
	p.line(piece{right(p.word("share"), 6) + right(p.word("requests"), 9) + right("p50", 8) + right("p95", 8) + right("p99", 8) +
		right(p.word("upstream"), 9) + right("5xx", 6) + "  " + p.word("route"), faint})
	for _, e := range shown {
		up := noValue
		if e.Upstream.Count > 0 {
			up = ratioText(min(e.Upstream.Sum, e.Time.Sum), e.Time.Sum)
		}
		row := right(ratioText(e.Time.Sum, r.roleTotals(e.Key.Role).Time.Sum), 6) + right(short(float64(e.Requests)), 9) +
			right(quantile(&e.Time, 0.5), 8) + right(quantile(&e.Time, 0.95), 8) + right(quantile(&e.Time, 0.99), 8) +
			right(up, 9) + right(ratioText(serverErrors(e.Status), e.Requests), 6) + "  "
		route := e.Key.Route
		if e.Key.Method != "" {
			route = e.Key.Method + " " + route
		}
		if e.Key.Role == "app" {
			route += " (" + p.word("app") + ")"
		}
		p.line(piece{row, plainText}, piece{p.cut(route, pageWidth-columns(row)), strong})
	}
}

// outOf says how many rows of a list are shown, if not all.
func outOf(shown, all int, lang string) string {
	if shown == all {
		return count(int64(all))
	}
	return count(int64(shown)) + " " + word(lang, "of") + " " + count(int64(all))
}

// serverErrors counts answers of 500 and above.
func serverErrors(status map[int64]int64) (n int64) {
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
	p.heading("UPSTREAM PEERS", outOf(len(shown), len(r.Peers), p.lang)+" "+p.word("peers"))
	p.line(piece{right(p.word("attempts"), 9) + right(p.word("failed"), 8) + right("p50", 9) + right("p95", 9) + right("p99", 9) +
		right(p.word("connect")+" p95", 13) + "  " + p.word("address"), faint})
	for _, q := range shown {
		row := right(short(float64(q.Attempts)), 9) + right(ratioText(q.Failed, q.Attempts), 8) + right(quantile(&q.Response, 0.5), 9) +
			right(quantile(&q.Response, 0.95), 9) + right(quantile(&q.Response, 0.99), 9) + right(quantile(&q.Connect, 0.95), 13) + "  "
		p.line(piece{row, plainText}, piece{p.cut(q.Addr, pageWidth-columns(row)), strong})
	}
}

// readWrite says a read/write ratio, or that there is none.
func readWrite(reads, writes int64) string {
	if q, ok := ratio(reads, writes); ok {
		return short(q) + ":1"
	}
	if reads > 0 {
		return count(reads) + ":0"
	}
	return noValue
}

func (p *page) workload(r *Report) {
	w := r.Workload
	if w.Reads+w.Writes+w.Other == 0 {
		return
	}
	p.heading("WORKLOAD", p.word("of the statements in the slow log"))
	p.labelled(0, p.word("class"), plainText, workloadLine(r, p.lang), plainText, 0)
	if len(w.Tables) == 0 {
		return
	}
	p.line(piece{right(p.word("reads"), 9) + right(p.word("writes"), 9) + right("R:W", 9) + right(p.word("time"), 9) + "  " + left(p.word("class"), 13) + p.word("table"), faint})
	for _, t := range top(w.Tables, r.Options.Top, textRows) {
		class, _ := analyzers.ClassOf(t.Reads, t.Writes)
		row := right(short(float64(t.Reads)), 9) + right(short(float64(t.Writes)), 9) + right(readWrite(t.Reads, t.Writes), 9) +
			right(duration(float64(t.TimeUS)), 9) + "  " + left(p.word(string(class)), 13)
		p.line(piece{row, plainText}, piece{p.cut(tableName(t), pageWidth-columns(row)), strong})
	}
}

func tableName(t analyzers.TableUse) string {
	if t.Schema == "" {
		return t.Table
	}
	return t.Schema + "." + t.Table
}

// workloadLine says the class of the workload and the numbers behind it.
func workloadLine(r *Report, lang string) string {
	w := r.Workload
	class, ok := analyzers.ClassOf(w.Reads, w.Writes)
	name := noValue
	if ok {
		name = word(lang, string(class))
	}
	s := fmt.Sprintf("%s (R:W %s): %s %s, %s %s, %s %s", name, readWrite(w.Reads, w.Writes),
		count(w.Reads), word(lang, "reads"), count(w.Writes), word(lang, "writes"), count(w.Other), word(lang, "other"))
	if w.PeakQPS > 0 {
		s += fmt.Sprintf("; %s %s %s, %s UTC", word(lang, "peak"), short(w.PeakQPS), word(lang, "statements/s"), instant(w.PeakAt*1e6))
	}
	if c, ok := analyzers.ClassOf(w.PeakReads, w.PeakWrites); ok {
		s += "; " + word(lang, "busiest minute") + ": " + word(lang, string(c)) + " (R:W " + readWrite(w.PeakReads, w.PeakWrites) + ")"
	}
	if w.TablesUnknown > 0 {
		s += "; " + word(lang, "tables unknown for") + " " + count(w.TablesUnknown)
	}
	return s
}

// A curve is one sparkline with its name and its peak as text.
type curve struct{ name, spark, peak string }

// drawn returns the sparklines of the report and the grid they share.
func (r *Report) drawn(ascii bool) ([]curve, Series) {
	s := r.series(r.Digest.Series.Cells(), sparkCells)
	var out []curve
	add := func(name string, values []float64, unit string) {
		if high, ok := peak(values); ok {
			out = append(out, curve{name, spark(values, ascii), measure(&high, unit)})
		}
	}
	add("requests/s", s.RequestRate, "count")
	add("request time", s.RequestTime, "s")
	add("5xx/s", s.Errors5xx, "count")
	add("statements/s", s.StatementRate, "count")
	add("queries at once", s.DatabaseTime, "count")
	return out, s
}

// onsetAt returns the point of a grid that holds the onset, or -1.
func (r *Report) onsetAt(s Series) int {
	if r.Attribution.Onset == 0 || s.Width == 0 || r.Attribution.Onset < s.Start {
		return -1
	}
	k := int((r.Attribution.Onset - s.Start) / s.Width)
	if k >= sparkCells {
		return -1
	}
	return k
}

func (p *page) curves(r *Report) {
	curves, s := r.drawn(p.style.ASCII)
	if len(curves) == 0 {
		return
	}
	const name = 16
	p.heading("OVER TIME", span(s.Start*1e6, s.End*1e6, p.either(" – ", " - "))+" UTC, "+p.word("one cell is")+" "+duration(float64(s.Width*1e6)))
	for _, c := range curves {
		p.text(left(p.word(c.name), name) + left(c.spark, sparkCells) + " " + p.word("peak") + " " + c.peak)
	}
	if k := r.onsetAt(s); k >= 0 {
		p.line(piece{strings.Repeat(" ", name+k) + "^ " + p.word("onset") + " " + clock(r.Attribution.Onset), warn})
	}
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
	facts := strings.Join(slices.DeleteFunc([]string{s.Format, s.Role}, func(s string) bool { return s == "" }), ", ")
	line := cutLeft(p.oneLine(head), 36, p.mark())
	p.line(piece{left(line, 37), strong}, piece{left(p.cut(facts, 24), 24), plainText},
		piece{right(count(s.Events), 11) + " " + p.word("events"), plainText})
	p.line(piece{"   " + sourceSpan(s, p.lang, p.either(" – ", " - ")) + ", " + size(s.Bytes) + ", ", plainText},
		piece{count(s.Skipped) + " " + p.word("skipped"), skippedColour(s.Skipped)})
	for _, k := range s.Skips {
		p.hang("   "+left(skipPlace(k, p.lang), 14)+" ", faint, k.Why, plainText, 2)
	}
	for _, w := range s.Warnings {
		p.hang("   "+left(p.word("warning"), 14)+" ", faint, w, plainText, 2)
	}
}

func skippedColour(n int64) colour {
	if n > 0 {
		return warn
	}
	return plainText
}

func sourceSpan(s collectors.Source, lang, dash string) string {
	if s.From == collectors.NoTime || s.To == collectors.NoTime {
		return word(lang, "no instants known")
	}
	return span(s.From, s.To, dash) + " UTC"
}

// skipPlace says where in its file a piece of input was skipped.
func skipPlace(k collectors.Skip, lang string) string {
	if k.Line > 0 {
		return word(lang, "line") + " " + strconv.FormatInt(k.Line, 10)
	}
	return word(lang, "at byte") + " " + strconv.FormatInt(k.Offset, 10)
}

// coverage says how much of what happened the logs hold.
func (r *Report) coverage(lang string) string {
	var out []string
	if w := &r.Digest.Web; w.Count > 0 {
		out = append(out, word(lang, "requests with a duration")+" "+ratioText(w.WithTime, w.Count),
			word(lang, "with an upstream field")+" "+ratioText(w.UpstreamLogged, w.Count))
	}
	if t := &r.Digest.Statements; t.Count > 0 {
		out = append(out, word(lang, "shortest statement")+" "+duration(float64(t.Time.Min)))
	}
	return strings.Join(out, ", ")
}

func (p *page) gaps(r *Report) {
	groups := r.groupedGaps()
	if len(groups) == 0 {
		return
	}
	n := 0
	for _, g := range groups {
		n += len(g.Rules)
	}
	p.heading("NOT JUDGED", fmt.Sprintf("%d %s", n, p.word("rules")))
	for _, g := range groups {
		p.labelled(0, p.word("Missing"), strong, strings.Join(g.Missing, ", "), plainText, 0)
		p.labelled(2, p.word("Rules"), faint, strings.Join(g.Rules, " "), faint, 0)
		if g.Provide != "" {
			p.labelled(2, p.word("Provide"), faint, g.Provide, plainText, 0)
		}
	}
}
