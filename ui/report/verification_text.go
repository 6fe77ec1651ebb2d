package report

import (
	"io"
	"strconv"
	"strings"

	"dbtriage/analyzers/verify"
)

// WriteVerificationText writes a verification for a terminal of 40 columns or more, the verdict first.
func WriteVerificationText(w io.Writer, v *Verification, style Style) error {
	p := newPage(w, &Report{}, style)
	colour := good
	switch {
	case v.Count(verify.Rejected) > 0:
		colour = bad
	case v.Count(verify.Undecided) > 0 || len(v.Results) == 0:
		colour = warn
	}
	p.labelled(0, "VERDICT", strong, v.summary(), colour, 0)
	if len(v.Tables) > 0 {
		p.labelled(0, "MEASURED", strong, "on "+v.about(), plainText, 0)
	}
	label := "NOTE"
	for _, n := range v.notes() {
		p.labelled(0, label, strong, n, plainText, 0)
		label = ""
	}
	for i := range v.Results {
		p.verification(v, i)
	}
	if len(v.Tables) > 0 {
		p.heading("COPIED", "")
		for _, c := range v.Tables {
			p.hang("  ", plainText, c.Schema+"."+c.Name+": "+copyText(c), plainText, 0)
		}
		p.blank()
		p.hang("  ", faint, strings.NewReplacer("→", p.either("→", "->"), "×", p.either("×", "*")).Replace(workNote), faint, 0)
	}
	return p.finish()
}

// verification writes one index: what is to say of it, then a row for each class.
func (p *page) verification(v *Verification, i int) {
	r := &v.Results[i]
	name := "INDEX " + strconv.Itoa(i+1)
	p.heading(name, r.Table.String())
	p.labelled(0, strings.ToUpper(string(r.Verdict)), verdictColour(r.Verdict), r.Index.Name+" ("+columnsText(r)+"): "+r.Why, plainText, 0)
	if r.Verdict == verify.Verified {
		p.labelled(2, "do", faint, r.DDL()+";", strong, 0)
		p.labelled(2, "undo", faint, r.Undo()+";", plainText, 0)
		p.labelled(2, "check", faint, r.Check()+";", plainText, 0)
	} else {
		p.labelled(2, "ddl", faint, r.DDL()+";", plainText, 0)
	}
	if s := costText(r); s != "" {
		p.labelled(2, "size", faint, s, plainText, 0)
	}
	p.labelled(2, "writes", faint, writesText(r.Writes), plainText, 0)
	if len(r.Classes) == 0 {
		return
	}
	p.blank()
	p.row(in(faint, left("", 10), left("class", 18), right("samples", 7), p.pair("pages", "", 8, 7), p.pair("rows", "", 8, 7), right("work", 7)), piece{}, 0)
	for j := range r.Classes {
		c := &r.Classes[j]
		colour := plainText
		switch {
		case c.Worse:
			colour = bad
		case c.For:
			colour = strong
		}
		p.row(append(in(colour, left("  "+role(c), 10), left(c.Class.ID, 18)),
			right(strconv.Itoa(c.Samples), 7), p.beforeAfter(c.Pages, c.Samples), p.beforeAfter(c.Rows, c.Samples), right(changeText(c), 7)), piece{}, 0)
		p.named(strings.Repeat(" ", 10), plainText, c.Class.Fingerprint, plainText)
		if c.Samples > 0 {
			p.hang(strings.Repeat(" ", 10), plainText, inLog(c)+"; reads by "+keysText(c.Keys[0])+p.arrow()+keysText(c.Keys[1]), faint, 0)
		}
		if s := unmeasured(c); s != "" {
			p.hang(strings.Repeat(" ", 10), plainText, s, warn, 0)
		}
		if v.ShowLiterals {
			for _, s := range c.Class.Samples {
				p.hang(strings.Repeat(" ", 10), plainText, s.Picked+": "+s.SQL, faint, 0)
			}
		}
	}
}

func (p *page) beforeAfter(n [2]int64, samples int) cell {
	return p.pair(eachText(n[0], samples), eachText(n[1], samples), 8, 7)
}
