package report

import (
	"slices"
	"strings"

	"dbtriage/analyzers"
	"dbtriage/ui/show"
)

func (d *doc) shown(n, of int) {
	if n < of {
		d.para(d.word("shown") + " " + show.Count(int64(n)) + " " + d.word("of") + " " + show.Count(int64(of)))
	}
}

func (d *doc) queries() {
	r, t := d.r, &d.r.Digest.Statements
	if len(r.Classes) == 0 {
		return
	}
	d.heading(2, d.word("Top queries"))
	classes := top(r.Classes, r.Options.Top, markdownRows)
	d.shown(len(classes), len(r.Classes)+r.Digest.Folded())
	var rows [][]string
	for _, c := range classes {
		rows = append(rows, []string{d.text(Ratio(c.Time.Sum, t.TimeUS)), show.Duration(float64(c.Time.Sum)), show.Count(c.Time.Count),
			Quantile(&c.Time, 0.5), Quantile(&c.Time, 0.95), show.Duration(float64(c.Time.Max)), ExaminedToSent(c),
			d.word(c.Kind.String()), d.code(c.ID), d.code(show.Cut(show.OneLine(c.Fingerprint, d.ascii), 100, "…"))})
	}
	d.table([]string{">share", ">total", ">calls", ">p50", ">p95", ">max", ">exam/sent", "kind", "id", "query"}, rows)
	d.para(examinedLegend(classes, r.Options.Lang))
	d.fingerprints(classes)
	if r.Options.Samples {
		d.samples(classes)
	}
}

// fingerprints writes in full what the table had to cut.
func (d *doc) fingerprints(classes []*analyzers.Class) {
	long := slices.DeleteFunc(slices.Clone(classes), func(c *analyzers.Class) bool {
		return show.Columns(show.OneLine(c.Fingerprint, d.ascii)) <= 100
	})
	if len(long) == 0 {
		return
	}
	d.folded(d.word("Full text of the queries"), func() {
		for _, c := range long {
			d.para(d.word("id") + " " + d.span(c.ID))
			d.write("\n" + mdFence("sql", c.Fingerprint, d.ascii))
		}
	})
}

func (d *doc) samples(classes []*analyzers.Class) {
	d.folded(d.word("slowest statement"), func() {
		for _, c := range classes {
			if c.Worst.SQL == "" {
				continue
			}
			note := d.word("id") + " " + d.span(c.ID) + ", " + show.Duration(float64(c.Worst.QueryTime))
			if c.Worst.Source != "" {
				note += ", " + d.span(c.Worst.Source)
			}
			if c.Worst.Source != "" && c.Worst.Offset >= 0 { // a server's own books have no bytes
				note += " " + d.word("at byte") + " " + show.Count(c.Worst.Offset)
			}
			d.para(note)
			d.write("\n" + mdFence("sql", c.Worst.SQL, d.ascii))
		}
	})
}

func (d *doc) endpoints() {
	r := d.r
	if len(r.Endpoints) == 0 {
		return
	}
	d.heading(2, d.word("Endpoints"))
	endpoints := top(r.Endpoints, r.Options.Top, markdownRows)
	d.shown(len(endpoints), len(r.Endpoints))
	var rows [][]string
	for _, e := range endpoints {
		up := show.NoValue
		if e.Upstream.Count > 0 {
			up = Ratio(min(e.Upstream.Sum, e.Time.Sum), e.Time.Sum)
		}
		rows = append(rows, []string{d.code(strings.TrimSpace(e.Key.Method + " " + e.Key.Route)), d.word(e.Key.Role),
			d.text(Ratio(e.Time.Sum, r.roleTotals(e.Key.Role).Time.Sum)), show.Count(e.Requests),
			Quantile(&e.Time, 0.5), Quantile(&e.Time, 0.95), Quantile(&e.Time, 0.99), d.text(up),
			d.text(Ratio(ServerErrors(e.Status), e.Requests)), show.Count(e.Retried)})
	}
	d.table([]string{"route", "role", ">share", ">requests", ">p50", ">p95", ">p99", ">upstream", ">5xx", ">retries"}, rows)
}

func (d *doc) peers() {
	r := d.r
	if len(r.Peers) == 0 {
		return
	}
	d.heading(2, d.word("Upstream peers"))
	peers := top(r.Peers, r.Options.Top, markdownRows)
	d.shown(len(peers), len(r.Peers))
	var rows [][]string
	for _, p := range peers {
		rows = append(rows, []string{d.code(p.Addr), show.Count(p.Attempts), d.text(Ratio(p.Failed, p.Judged())),
			Quantile(&p.Response, 0.5), Quantile(&p.Response, 0.95), Quantile(&p.Response, 0.99), Quantile(&p.Connect, 0.95)})
	}
	d.table([]string{"address", ">attempts", ">failed", ">p50", ">p95", ">p99", ">connect"}, rows)
}

func (d *doc) workload() {
	w := d.r.Workload
	if w.Reads+w.Writes+w.Other == 0 {
		return
	}
	d.heading(2, d.word("Workload"))
	d.para(d.text(WorkloadLine(d.r, d.r.Options.Lang)))
	tables := top(w.Tables, d.r.Options.Top, markdownRows)
	d.shown(len(tables), len(w.Tables))
	var rows [][]string
	for _, t := range tables {
		class, _ := analyzers.ClassOf(t.Reads, t.Writes)
		rows = append(rows, []string{d.code(TableName(t)), show.Count(t.Reads), show.Count(t.Writes), ReadWrite(t.Reads, t.Writes),
			d.word(string(class)), show.Duration(float64(t.TimeUS))})
	}
	d.table([]string{"table", ">reads", ">writes", ">R:W", "class", ">time"}, rows)
}

func (d *doc) sources() {
	r := d.r
	d.heading(2, d.word("Sources"))
	if len(r.Sources) == 0 {
		d.para(d.word("No file was read."))
	}
	var rows [][]string
	var notes []string
	for _, s := range r.Sources {
		if s.Unread() {
			rows = append(rows, []string{d.code(s.Path), "", "**" + d.word("not read") + "**: " + d.text(d.phrase(s.Err)), "", "", "", ""})
			continue
		}
		rows = append(rows, []string{d.code(s.Path), d.text(s.Host), d.text(d.phrase(s.Format)), d.text(d.phrase(s.Role)), show.Count(s.Events), show.Count(s.Skipped),
			sourceSpan(s, r.Options.Lang, " – ")})
		for _, k := range s.Skips {
			notes = append(notes, d.word("file")+" "+d.span(s.Path)+", "+skipPlace(k, r.Options.Lang)+": "+d.text(d.phrase(k.Why)))
		}
		for _, w := range s.Warnings {
			notes = append(notes, d.word("file")+" "+d.span(s.Path)+": "+d.text(d.phrase(w)))
		}
	}
	d.table([]string{"file", "host", "format", "role", ">events", ">skipped", "window"}, rows)
	if c := r.coverage(r.Options.Lang); c != "" {
		d.para(d.text(c))
	}
	if len(notes) > 0 {
		d.folded(d.word("Skipped lines and warnings"), func() { d.list(notes) })
	}
	if r.Options.Version != "" {
		d.para(d.text(r.made()))
	}
}
