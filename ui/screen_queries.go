package ui

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"dbtriage/analyzers"
	"dbtriage/collectors"
	"dbtriage/ui/report"
	"dbtriage/ui/session"
	"dbtriage/ui/show"
	"dbtriage/ui/widget"
)

func queryPanels(v *view) []panel {
	own := v.on(v.server)
	var notes []string
	switch {
	case v.server == "":
	case own == v:
		notes = append(notes, "of all servers: whose they are is not known")
	default:
		notes = append(notes, v.server, v.serverPlace())
	}
	if s := &own.report.Digest.Statements; s.Count > 0 {
		notes = append(notes, show.Count(s.Count)+" statements", show.Duration(float64(s.TimeUS)), "R:W "+report.ReadWrite(s.Reads, s.Writes))
	}
	return []panel{
		{name: "QUERIES", note: strings.Join(notes, ", "), table: own.queryTable(), search: true, open: own.openQuery, least: 4},
		{name: "SELECTED", wide: true, text: func(width int) []widget.Line { return own.selectedQuery(v.selected, width) }, most: 18, yield: 2},
		{name: "TABLES", table: own.tableTable(), search: true, most: v.tall(0, 12), least: v.tall(99, 4), yield: 3},
	}
}

func (v *view) queryTable() *widget.Table {
	spark := 12
	if v.width >= 120 {
		spark = 20
	}
	t := &widget.Table{Empty: v.noQueries(), Columns: []widget.Column{
		{Name: "id", Width: 8, Help: "first digits of the query id of percona/go-mysql, the one PMM shows"},
		{Name: "share", Width: 6, Right: true, Help: "share of the time of all statements that were read"},
		{Name: "cum", Width: 5, Right: true, Priority: 10, Help: "share of this statement and of all that take more, together"},
		{Name: "total", Width: 7, Right: true, Priority: 3, Help: "time of all calls together"},
		{Name: "calls", Width: 6, Right: true, Priority: 2, Help: "calls that were logged or counted"},
		{Name: "p50", Width: 7, Right: true, Priority: 7, Help: "half the calls took at most this"},
		{Name: "p95", Width: 7, Right: true, Priority: 1, Help: "95 % of the calls took at most this"},
		{Name: "most", Width: 7, Right: true, Priority: 6, Help: "time of the slowest call"},
		{Name: "exam:sent", Width: 9, Right: true, Priority: 4, Help: "rows examined for each row sent, or by each call (/c) of what sends none; much above 1 an index is missing or not used"},
		{Name: "lock", Width: 5, Right: true, Priority: 8, Help: "share of its time that it waited for table locks, and on MySQL for row locks; MariaDB does not count row locks there"},
		{Name: "kind", Width: 5, Priority: 5, Help: "read, write or other"},
		{Name: "over time", Width: spark, Priority: 9, Help: "its time in the window"},
		{Name: "statement", Width: 16, Flex: true, Help: "the statement without its literals"},
	}}
	total, sum := v.report.Digest.Statements.TimeUS, int64(0)
	for _, c := range v.report.Classes {
		sum += c.Time.Sum // they come by time
		cum := float64(sum) / float64(max(total, 1))
		share := float64(c.Time.Sum) / float64(max(total, 1))
		p50, _ := c.Time.Quantile(0.5)
		p95, _ := c.Time.Quantile(0.95)
		lock := float64(c.LockUS) / float64(max(c.Time.Sum, 1))
		exam := widget.Name(strings.Replace(report.ExaminedToSent(c), "/call", "/c", 1)) // the column is narrow
		if c.RowsSentKnown > 0 && c.RowsExaminedKnown > 0 {
			of := c.RowsSent
			if of == 0 {
				of = c.RowsExaminedKnown
			}
			exam = widget.Number(exam.Text, float64(c.RowsExamined)/float64(max(of, 1)))
		}
		role := widget.Plain
		if found := v.about("query", c.ID); len(found) > 0 {
			_, role = severity(found[0].Severity)
		}
		t.Rows = append(t.Rows, widget.Row{Key: c.ID + c.Fingerprint, Copy: c.Fingerprint, Cells: []widget.Cell{
			widget.Name(shortID(c.ID)).In(role), widget.Number(show.Share(share), share), widget.Number(show.Share(cum), cum), widget.Number(show.Duration(float64(c.Time.Sum)), float64(c.Time.Sum)),
			widget.Number(show.Short(float64(c.Time.Count)), float64(c.Time.Count)),
			widget.Number(report.Quantile(&c.Time, 0.5), float64(p50)), widget.Number(report.Quantile(&c.Time, 0.95), float64(p95)),
			widget.Number(show.Duration(float64(c.Time.Max)), float64(c.Time.Max)), exam, widget.Number(show.Share(lock), lock),
			widget.Name(c.Kind.String()), widget.Name(v.sliceSpark(&c.Slices, spark)).In(widget.Curve), widget.Name(c.Fingerprint),
		}})
	}
	return t
}

// noQueries says why there are no statements, and what would show them.
func (v *view) noQueries() string {
	if v.report.SlowLog {
		if of := v.statementSource(); of == collectors.PerformanceSchema {
			return collectors.PerformanceSchema + " counted no statement in this window."
		} else if of == collectors.SlowLogTable {
			return "The table " + of + " holds no statement in this window."
		}
		return "The slow log holds no statement in this window."
	}
	for _, r := range v.latest("db") {
		for _, m := range r.Missing {
			if slices.Contains(statementGaps, m.What) {
				return "The server does not show its statements: " + m.Why + ". " + m.Provide
			}
		}
	}
	named := slices.ContainsFunc(v.state.Sources, func(s session.SourceState) bool { return s.Kind == "mysql" })
	switch {
	case v.state.Mode == session.Live && named:
		return "No statements of the server yet: they are read from performance_schema or mysql.slow_log each ten seconds while it answers. Or name its slow log with --slow-log."
	case v.state.Mode == session.Live:
		return "No statements are read: name a slow log with --slow-log, or the server with --mysql user@host."
	}
	return "No slow log was read. Turn it on for some minutes with long_query_time=0, or name it with --slow-log."
}

// statementGaps are what a server's reading lacks where it does not show its statements.
var statementGaps = []string{"which statements run", "statements by digest", "the slow log in mysql.slow_log"}

// statementSource says where statements are read from.
func (v *view) statementSource() string {
	sources := slices.Clone(v.report.Sources)
	for _, s := range v.state.Sources {
		if s.Log != nil && v.serverOf(s.Log.Path) == v.server {
			sources = append(sources, *s.Log)
		}
	}
	for _, of := range []string{collectors.PerformanceSchema, collectors.SlowLogTable} {
		if slices.ContainsFunc(sources, func(s collectors.Source) bool { return s.Format == of }) {
			return of
		}
	}
	return "slow log"
}

// shortID is how tables name a query.
func shortID(id string) string {
	if len(id) > 7 {
		return "#" + id[:7]
	}
	return id
}

// sliceSpark draws the time of a class over the window.
func (v *view) sliceSpark(s *analyzers.Slices, n int) string {
	return widget.Spark(v.sliceCurve(s, n), v.style.ASCII)
}

func (v *view) sliceCurve(s *analyzers.Slices, n int) []float64 {
	a := v.axis(n)
	out := make([]float64, n)
	covered := make([]float64, n)
	first, last := v.report.Digest.Span()
	known := a.inside(first, last)
	if s.Width > 0 {
		for _, c := range s.Cells {
			// Slices reach beyond what was read at either end.
			from, to := max(c.Start*1e6, first), min((c.Start+s.Width)*1e6, last+1)
			a.spread(from, to, func(k int, share float64) { out[k] += float64(c.TimeUS) * share })
		}
	}
	a.spread(first, last+1, func(k int, share float64) { covered[k] = share })
	for k := range out {
		if !known(k) || covered[k] == 0 {
			out[k] = math.NaN()
			continue
		}
		out[k] /= covered[k] // a point that was read in part only
	}
	return out
}

func (v *view) class(id string) *analyzers.Class {
	for _, c := range v.report.Classes {
		if c.ID == id {
			return c
		}
	}
	return nil
}

func (v *view) classOf(key string) *analyzers.Class {
	for _, c := range v.report.Classes {
		if c.ID+c.Fingerprint == key {
			return c
		}
	}
	return nil
}

// selectedQuery tells of the class of a key, or of the first.
func (v *view) selectedQuery(key string, width int) []widget.Line {
	c := v.classOf(key)
	if c == nil && len(v.report.Classes) > 0 {
		c = v.report.Classes[0]
	}
	if c == nil {
		return nil
	}
	return v.classText(c, width)
}

func (v *view) openQuery(key string) *page {
	c := v.classOf(key)
	if c == nil {
		return nil
	}
	copy := c.Fingerprint
	if v.options.Samples && c.Worst.SQL != "" {
		copy = c.Worst.SQL
	}
	return &page{title: "QUERY " + c.ID, copy: copy, query: key, server: v.of, text: func(width int) []widget.Line {
		out := v.classText(c, width)
		for _, f := range v.about("query", c.ID) {
			out = append(out, nil)
			out = append(out, v.findingText(f, width)...)
		}
		return out
	}}
}

// classText is all that is known of one class.
func (v *view) classText(c *analyzers.Class, width int) []widget.Line {
	style := v.style
	var out []widget.Line
	add := func(label, text string) {
		if text != "" {
			out = append(out, style.Paragraph(" "+show.Left(label, 10), widget.Faint, text, widget.Plain, width)...)
		}
	}
	out = append(out, style.Paragraph(" "+show.Left("statement", 10), widget.Faint, c.Fingerprint, widget.Strong, width)...)
	add("times", timingText(&c.Time))
	add("of all", report.Ratio(c.Time.Sum, v.report.Digest.Statements.TimeUS)+" of the time of all statements, "+show.Duration(float64(c.Time.Sum))+" together, "+show.Share(float64(c.LockUS)/float64(max(c.Time.Sum, 1)))+" of it waiting for locks")
	var rows []string
	if c.RowsExaminedKnown > 0 {
		rows = append(rows, "examined "+show.Short(float64(c.RowsExamined)/float64(c.RowsExaminedKnown))+" a call")
	}
	if c.RowsSentKnown > 0 {
		rows = append(rows, "sent "+show.Short(float64(c.RowsSent)/float64(c.RowsSentKnown))+" a call", "examined:sent "+report.ExaminedToSent(c))
	}
	if c.RowsAffectedKnown > 0 && c.RowsAffected > 0 {
		rows = append(rows, "affected "+show.Short(float64(c.RowsAffected)/float64(c.RowsAffectedKnown))+" a call")
	}
	add("rows", strings.Join(rows, ", "))
	if known, tables := v.report.PlanNotes.Known(c), v.report.PlanNotes.TablesKnown(c); known > 0 || tables > 0 {
		var plan []string
		for _, p := range []struct {
			what     string
			n, known int64
		}{
			{"full scan", c.FullScans, known}, {"full join", c.FullJoins, known}, {"temporary table", c.WithTmpTable, tables},
			{"on disk", c.WithTmpDiskTable, tables}, {"filesort", c.Filesorts, known}, {"filesort on disk", c.FilesortsOnDisk, known},
		} {
			if p.n > 0 && p.known > 0 {
				plan = append(plan, p.what+" in "+report.Ratio(p.n, p.known))
			}
		}
		switch {
		case len(plan) > 0:
		case known > 0:
			plan = []string{"no full scan, temporary table or filesort"}
		default:
			plan = []string{"no temporary table"}
		}
		add("plan", strings.Join(plan, ", "))
	}
	add("tables", strings.Join(v.report.Workload.TablesOf[c.Fingerprint], ", "))
	add("schemas", databasesText(c))
	if c.First != collectors.NoTime {
		add("seen", show.Span(c.First, c.Last, " - ")+" UTC")
	}
	n := min(max(width-12, 1), 80)
	out = append(out, widget.Line{{Text: " " + show.Left("over time", 10), Role: widget.Faint}, {Text: v.sliceSpark(&c.Slices, n), Role: widget.Curve}})
	place := show.Duration(float64(c.Worst.QueryTime)) + ", " + c.Worst.Source
	if c.Worst.Offset >= 0 { // a server's own books have no bytes
		place = show.Duration(float64(c.Worst.QueryTime)) + ", " + spot{c.Worst.Source, c.Worst.Offset}.text() + "; o reads it"
	}
	switch {
	case c.Worst.SQL == "":
	case !v.options.Samples:
		add("slowest", place)
	default:
		add("slowest", place+":")
		out = append(out, style.Paragraph("   ", widget.Plain, c.Worst.SQL, widget.Plain, width)...)
		for _, line := range strings.Split(c.Worst.Explain, "\n") {
			if strings.TrimSpace(line) != "" {
				out = append(out, style.Paragraph("   explain  ", widget.Faint, strings.ReplaceAll(line, "\t", "  "), widget.Plain, width)...)
			}
		}
	}
	return out
}

func databasesText(c *analyzers.Class) string {
	all := map[string]analyzers.Usage{}
	for name, u := range c.Databases.All() {
		if name == "" {
			name = "(none)"
		}
		all[name] = u
	}
	var out []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		out = append(out, name+" "+show.Short(float64(all[name].Calls)))
	}
	return strings.Join(out, ", ")
}

func (v *view) tableTable() *widget.Table {
	t := &widget.Table{Empty: "No statement names a table.", Columns: []widget.Column{
		{Name: "table", Width: 16, Flex: true, Help: "as the statements name it"},
		{Name: "reads", Width: 7, Right: true, Help: "statements that read it"},
		{Name: "writes", Width: 7, Right: true, Help: "statements that write it"},
		{Name: "R:W", Width: 8, Right: true, Priority: 2, Help: "reads for each write"},
		{Name: "time", Width: 7, Right: true, Help: "of every statement that names it: tables share time"},
		{Name: "shapes", Width: 6, Right: true, Priority: 1, Help: "kinds of statement that name it"},
		{Name: "size", Width: 9, Right: true, Priority: 3, Help: "data and indexes, as information_schema tells; -- when it was not given"},
	}}
	sizes := map[string]int64{}
	for _, tab := range v.tables() {
		if tab.DataBytes >= 0 && tab.IndexBytes >= 0 {
			sizes[tab.Schema+"."+tab.Name] = tab.DataBytes + tab.IndexBytes
		}
	}
	for _, u := range v.report.Workload.Tables {
		size := widget.Name(show.NoValue)
		if n, ok := sizes[u.Schema+"."+u.Table]; ok {
			size = widget.Number(show.Size(n), float64(n))
		}
		name := report.TableName(u)
		ratio := widget.Name(report.ReadWrite(u.Reads, u.Writes))
		if u.Writes > 0 {
			ratio = widget.Number(ratio.Text, float64(u.Reads)/float64(u.Writes))
		}
		t.Rows = append(t.Rows, widget.Row{Key: name, Copy: name, Cells: []widget.Cell{
			widget.Name(name), widget.Number(show.Short(float64(u.Reads)), float64(u.Reads)), widget.Number(show.Short(float64(u.Writes)), float64(u.Writes)), ratio,
			widget.Number(show.Duration(float64(u.TimeUS)), float64(u.TimeUS)), widget.Number(strconv.Itoa(u.Classes), float64(u.Classes)), size,
		}})
	}
	return t
}
