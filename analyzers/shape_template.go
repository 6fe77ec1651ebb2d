package analyzers

import "encoding/binary"

// A template is the text of a statement without its literals. A statement that is the text with others
// in their places has the same shape, and to see that takes half as long as to make its key.
type template struct {
	text  []byte
	cuts  []int32 // where in text a literal stands: behind a quote that opens it a string, else a number
	shape *shape
	uses  uint8
}

const (
	templateSlots = 512
	// maxTemplate bounds a template: longer statements are seldom like each other.
	maxTemplate = 2 << 10
	// maxTemplated is up to how many shapes templates are made: of more, hardly one is met again in time.
	maxTemplated = 1024
	// firstLiteral is where the first literal may stand: a shorter one would move those behind it into the
	// first bytes of a statement, where numbers stay.
	firstLiteral = 8
)

// templates are those of the statements met last, by how they begin and how long they are.
type templates []template

func (t templates) slot(sql []byte) *template {
	h := uint64(0)
	if len(sql) >= 30 {
		h = binary.LittleEndian.Uint64(sql[22:]) * 11 // where tables are named
	}
	if len(sql) >= 24 {
		h += binary.LittleEndian.Uint64(sql) + binary.LittleEndian.Uint64(sql[8:])*3 + binary.LittleEndian.Uint64(sql[16:])*5 + uint64(len(sql)>>3)*7
	} else {
		for _, b := range sql { // BEGIN, COMMIT
			h = h<<5 + h + uint64(b)
		}
	}
	return &t[h*0x9e3779b97f4a7c15>>55%templateSlots]
}

// find returns the shape of a statement, nil if no template tells it.
func (t templates) find(sql []byte) *shape {
	if t == nil {
		return nil
	}
	known := t.slot(sql)
	if known.shape == nil || !known.matches(sql) {
		return nil
	}
	known.uses = min(known.uses+1, 8)
	return known.shape
}

// learn makes a template of a statement, unless one is in its place that is used more. key is its shape
// key without what lookup puts before it.
func (t *templates) learn(sql, key []byte, s *shape) {
	if len(sql) > maxTemplate || s.listed {
		return
	}
	if *t == nil {
		*t = make(templates, templateSlots)
	}
	known := t.slot(sql)
	if known.uses > 0 {
		known.uses--
		return
	}
	if known.shape = nil; known.set(sql, key) {
		known.shape = s
	} else {
		s.listed = true
	}
}

// set makes t the template of a statement with a key that is whole. ok is false where the key leaves out
// more than literals, or one that stands too near the beginning.
func (t *template) set(sql, key []byte) (ok bool) {
	t.text, t.cuts = t.text[:0], t.cuts[:0]
	i := 0
	for k := 0; k < len(key); k++ {
		if i >= len(sql) {
			return false
		}
		end := 0
		switch c := key[k]; {
		case c == '?' && sql[i]-'0' <= 9:
			end = numberEnd(sql, i)
		case (c == '\'' || c == '"') && c == sql[i]:
			t.text = append(t.text, c)
			k++
			end = quotedEnd(sql, i)
		case c == sql[i]:
			t.text = append(t.text, c)
			i++
			continue
		}
		if end <= 0 || i < firstLiteral || k == len(key) || key[k] != '?' {
			return false
		}
		t.cuts = append(t.cuts, int32(len(t.text)))
		i = end
	}
	return i == len(sql)
}

// matches reports whether a statement is the template with literals.
func (t *template) matches(sql []byte) bool {
	from := 0
	for _, cut := range t.cuts {
		to := int(cut)
		n := to - from
		if len(sql) <= n || string(sql[:n]) != string(t.text[from:to]) {
			return false
		}
		end := 0
		if q := t.text[to-1]; q == '\'' || q == '"' {
			if end = quotedEnd(sql, n-1); end < 0 {
				return false
			}
		} else {
			if sql[n]-'0' > 9 {
				return false
			}
			end = numberEnd(sql, n) // no text of a template goes on with what would make a word of it
		}
		sql, from = sql[end:], to
	}
	return string(sql) == string(t.text[from:])
}
