package widget

import (
	"fmt"
	"regexp"
	"strings"
)

// A Filter keeps the rows that fit all its terms: "word" or a regular expression anywhere in a row,
// "column:value" in one column, "!term" for rows that do not fit. Case does not matter.
type Filter struct {
	Text  string // as it was typed
	terms []term
}

type term struct {
	not    bool
	column string // lower case; empty is any
	fits   *regexp.Regexp
}

// ParseFilter reads what a reader typed; the error says what is wrong with it.
func ParseFilter(text string) (Filter, error) {
	f := Filter{Text: strings.TrimSpace(text)}
	for _, word := range strings.Fields(text) {
		var t term
		if rest, ok := strings.CutPrefix(word, "!"); ok && rest != "" {
			t.not, word = true, rest
		}
		if column, value, ok := strings.Cut(word, ":"); ok && column != "" && value != "" && plainName(column) {
			t.column, word = strings.ToLower(column), value
		}
		fits, err := regexp.Compile("(?i)" + word)
		if err != nil {
			return f, fmt.Errorf("%q is no regular expression: put a backslash before ( [ + * ?", word)
		}
		t.fits = fits
		f.terms = append(f.terms, t)
	}
	return f, nil
}

func plainName(s string) bool {
	for _, r := range s {
		if r != '_' && r != '/' && r != '%' && r != '-' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') {
			return false
		}
	}
	return true
}

// Keep returns the rows that fit. A term for a column that the table does not have is looked for in
// the whole row, colon and all.
func (f Filter) Keep(t *Table, rows []Row) []Row {
	if len(f.terms) == 0 {
		return rows
	}
	var out []Row
	for _, r := range rows {
		if f.fits(t, r) {
			out = append(out, r)
		}
	}
	return out
}

func (f Filter) fits(t *Table, r Row) bool {
	for _, term := range f.terms {
		if term.match(t, r) == term.not {
			return false
		}
	}
	return true
}

func (q *term) match(t *Table, r Row) bool {
	known := q.column == ""
	for i, c := range t.Columns {
		if q.column != "" && !strings.HasPrefix(strings.ToLower(c.Name), q.column) {
			continue
		}
		known = true
		if i < len(r.Cells) && q.fits.MatchString(r.Cells[i].Text) {
			return true
		}
	}
	if !known {
		for _, c := range r.Cells {
			if strings.Contains(strings.ToLower(c.Text), q.column+":") && q.fits.MatchString(c.Text) {
				return true
			}
		}
	}
	return q.column == "" && q.fits.MatchString(r.Copy)
}
