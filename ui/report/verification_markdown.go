package report

import (
	"bufio"
	"io"
	"strconv"
	"strings"

	"dbtriage/analyzers/verify"
	"dbtriage/ui/show"
)

// WriteVerificationMarkdown writes a verification for a ticket. All text from logs and servers is in code spans or
// fenced blocks that it cannot leave, or escaped.
func WriteVerificationMarkdown(w io.Writer, v *Verification, style Style) error {
	d := &doc{w: bufio.NewWriter(w), r: &Report{}, ascii: style.ASCII}
	d.write("# Indexes verified: " + d.text(v.summary()) + "\n")
	if len(v.Tables) > 0 {
		d.para("Measured on " + d.text(v.about()) + ".")
	}
	var notes []string
	for _, n := range v.notes() {
		notes = append(notes, d.text(n))
	}
	d.list(notes)
	var rows [][]string
	for i := range v.Results {
		r := &v.Results[i]
		rows = append(rows, []string{d.text(string(r.Verdict)), d.code(r.Table.String()), d.code(r.Index.Name + " (" + columnsText(r) + ")"), d.text(r.Why)})
	}
	d.table([]string{"verdict", "table", "index", "why"}, rows)
	for i := range v.Results {
		d.verification(v, i)
	}
	rows = nil
	for _, c := range v.Tables {
		rows = append(rows, []string{d.code(c.Schema + "." + c.Name), d.text(copyText(c))})
	}
	if len(rows) > 0 {
		d.heading(2, "Copied")
		d.table([]string{"table", "rows"}, rows)
		note := workNote
		if d.ascii {
			note = strings.NewReplacer("→", "->", "×", "*").Replace(note)
		}
		d.para(d.text(note))
	}
	if err := d.w.Flush(); d.err == nil {
		d.err = err
	}
	return d.err
}

func (d *doc) verification(v *Verification, i int) {
	r := &v.Results[i]
	d.heading(2, "Index "+strconv.Itoa(i+1)+": "+d.span(r.Index.Name)+" on "+d.span(r.Table.String())+", "+string(r.Verdict))
	sql := r.DDL() + ";"
	if r.Verdict == verify.Verified {
		sql += "\n-- undo\n" + r.Undo() + ";\n-- check\n" + r.Check() + ";"
	}
	d.write("\n" + mdFence("sql", sql, d.ascii))
	var facts []string
	if s := costText(r); s != "" {
		facts = append(facts, "Size: "+d.text(s))
	}
	facts = append(facts, "Writes: "+d.text(writesText(r.Writes)))
	d.list(facts)
	arrow := " → "
	if d.ascii {
		arrow = " -> "
	}
	var rows [][]string
	for j := range r.Classes {
		c := &r.Classes[j]
		if c.Samples == 0 {
			rows = append(rows, []string{role(c), d.code(c.Class.ID), d.code(show.Cut(show.OneLine(c.Class.Fingerprint, d.ascii), 100, "…")), inLog(c), "0", "", "", "", d.text(unmeasured(c))})
			continue
		}
		how := d.text(keysText(c.Keys[0]) + arrow + keysText(c.Keys[1]))
		if s := unmeasured(c); s != "" {
			how += "; " + d.text(s)
		}
		rows = append(rows, []string{role(c), d.code(c.Class.ID), d.code(show.Cut(show.OneLine(c.Class.Fingerprint, d.ascii), 100, "…")), inLog(c), strconv.Itoa(c.Samples),
			eachText(c.Pages[0], c.Samples) + arrow + eachText(c.Pages[1], c.Samples), eachText(c.Rows[0], c.Samples) + arrow + eachText(c.Rows[1], c.Samples), d.text(changeText(c)), how})
	}
	d.table([]string{"", "class", "statement", ">time", ">samples", ">pages", ">rows", ">work", "reads by"}, rows)
	if !v.ShowLiterals {
		return
	}
	for j := range r.Classes {
		for _, s := range r.Classes[j].Class.Samples {
			d.para(d.span(r.Classes[j].Class.ID) + " " + d.text(s.Picked))
			d.write("\n" + mdFence("sql", s.SQL, d.ascii))
		}
	}
}
