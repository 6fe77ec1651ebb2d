package report

import (
	"slices"
	"strings"

	"dbtriage/analyzers"
)

func (d *doc) shown(n, of int) {
	if n < of {
		d.para(d.word("shown") + " " + count(int64(n)) + " " + d.word("of") + " " + count(int64(of)))
	}
}

func (d *doc) queries() {
	r, t := d.r, &d.r.Digest.Statements
	if len(r.Classes) == 0 {
		return
	}
	d.heading(2, d.word("Top queries"))
	classes := top(r.Classes, r.Options.Top, markdownRows)
	d.shown(len(classes), len(r.Classes))
	var rows [][]string
	for _, c := range classes {
		rows = append(rows, []string{d.text(ratioText(c.Time.Sum, t.TimeUS)), duration(float64(c.Time.Sum)), count(c.Time.Count),
			quantile(&c.Time, 0.5), quantile(&c.Time, 0.95), duration(float64(c.Time.Max)), examinedToSent(c),
			d.word(c.Kind.String()), d.code(c.ID), d.code(cut(oneLine(c.Fingerprint, d.ascii), 100, "…"))})
	}
	d.table([]string{">share", ">total", ">calls", ">p50", ">p95", ">max", ">exam/sent", "kind", "id", "query"}, rows)
	d.fingerprints(classes)
	if r.Options.Samples {
		d.samples(classes)
	}
}

// fingerprints writes in full what the table had to cut.
func (d *doc) fingerprints(classes []*analyzers.Class) {
	long := slices.DeleteFunc(slices.Clone(classes), func(c *analyzers.Class) bool {
		return columns(oneLine(c.Fingerprint, d.ascii)) <= 100
	})
	if len(long) == 0 {
		return
	}
	d.folded(d.word("Full text of the queries"), func() {
		for _, c := range long {
			d.para(d.word("id") + " " + d.code(c.ID))
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
			note := d.word("id") + " " + d.code(c.ID) + ", " + duration(float64(c.Worst.QueryTime))
			if c.Worst.Source != "" {
				note += ", " + d.code(c.Worst.Source) + " " + d.word("at byte") + " " + count(c.Worst.Offset)
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
		up := noValue
		if e.Upstream.Count > 0 {
			up = ratioText(min(e.Upstream.Sum, e.Time.Sum), e.Time.Sum)
		}
		rows = append(rows, []string{d.code(strings.TrimSpace(e.Key.Method + " " + e.Key.Route)), d.word(e.Key.Role),
			d.text(ratioText(e.Time.Sum, r.roleTotals(e.Key.Role).Time.Sum)), count(e.Requests),
			quantile(&e.Time, 0.5), quantile(&e.Time, 0.95), quantile(&e.Time, 0.99), d.text(up),
			d.text(ratioText(serverErrors(e.Status), e.Requests)), count(e.Retried)})
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
		rows = append(rows, []string{d.code(p.Addr), count(p.Attempts), d.text(ratioText(p.Failed, p.Attempts)),
			quantile(&p.Response, 0.5), quantile(&p.Response, 0.95), quantile(&p.Response, 0.99), quantile(&p.Connect, 0.95)})
	}
	d.table([]string{"address", ">attempts", ">failed", ">p50", ">p95", ">p99", ">connect"}, rows)
}

func (d *doc) workload() {
	w := d.r.Workload
	if w.Reads+w.Writes+w.Other == 0 {
		return
	}
	d.heading(2, d.word("Workload"))
	d.para(d.text(workloadLine(d.r, d.r.Options.Lang)))
	tables := top(w.Tables, d.r.Options.Top, markdownRows)
	d.shown(len(tables), len(w.Tables))
	var rows [][]string
	for _, t := range tables {
		class, _ := analyzers.ClassOf(t.Reads, t.Writes)
		rows = append(rows, []string{d.code(tableName(t)), count(t.Reads), count(t.Writes), readWrite(t.Reads, t.Writes),
			d.word(string(class)), duration(float64(t.TimeUS))})
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
		rows = append(rows, []string{d.code(s.Path), d.text(s.Host), d.text(s.Format), d.text(s.Role), count(s.Events), count(s.Skipped),
			sourceSpan(s, r.Options.Lang, " – ")})
		for _, k := range s.Skips {
			notes = append(notes, d.word("file")+" "+d.code(s.Path)+", "+skipPlace(k, r.Options.Lang)+": "+d.text(k.Why))
		}
		for _, w := range s.Warnings {
			notes = append(notes, d.word("file")+" "+d.code(s.Path)+": "+d.text(w))
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
