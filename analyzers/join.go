package analyzers

import (
	"unsafe"

	"dbtriage/collectors"
)

// A home is where the class of a shape is in the total with a number: looked up by name it would cost
// more than to add a statement to it.
type home struct {
	total uint64
	class *Class // while it has the shape's number: of a class that became a row the memory is used again
	row   uint32 // number in the tail, from 1
}

// take joins the part that follows; schema is the one in force where it begins.
func (p *Part) take(part *Part, schema string) {
	d := p.Digest
	d.merge(part.Digest)
	for i := range part.met {
		part.fetch(i)
		m := &part.met[i]
		if m.class != nil {
			p.takeClass(m, schema)
		}
		for c := range part.kept(m) {
			if c.SchemaInherited {
				c.Schema, c.SchemaInherited = []byte(schema), false
			}
			p.takeCall(m.shape, c, part.g.Source)
		}
		if c, _ := p.find(m.shape); c != nil {
			c.Runs.merge(m.runs)
		}
	}
	appendRuns(&d.runs, &part.sessions, func(slot int32) *Class {
		c, _ := p.find(part.met[slot].shape)
		return c
	})
	d.fold()
}

// How many shapes before its turn what it leads to is asked for. Of a log of many shapes joining would else
// wait for memory most of the time: hardly a class was touched since the part before. Each step needs what
// the one before has brought.
const (
	shapeAhead = 16
	classAhead = 8
	listsAhead = 4
)

// fetch asks for the memory of shapes that are joined soon after the one with number i.
func (p *Part) fetch(i int) {
	if n := i + shapeAhead; n < len(p.met) {
		prefetch(unsafe.Pointer(p.met[n].shape), int(unsafe.Sizeof(shape{})))
	}
	if n := i + classAhead; n < len(p.met) {
		if c := p.met[n].shape.home.class; c != nil {
			prefetch(unsafe.Pointer(c), int(unsafe.Sizeof(*c)))
		}
	}
	if n := i + listsAhead; n < len(p.met) {
		if c := p.met[n].shape.home.class; c != nil {
			prefetch(unsafe.Pointer(unsafe.SliceData(c.Time.sketch.counts)), 1)
			prefetch(unsafe.Pointer(unsafe.SliceData(c.Repeats.texts.slots)), 1)
			prefetch(unsafe.Pointer(unsafe.SliceData(c.Repeats.spans.slots)), 1)
			prefetch(unsafe.Pointer(unsafe.SliceData(c.Slices.Cells)), 1)
			prefetch(unsafe.Pointer(unsafe.SliceData(c.Databases.few)), 1)
		}
	}
}

// find returns the class of a shape, or the row that is kept of it; neither when there is none yet.
func (p *Part) find(s *shape) (*Class, *row) {
	h := &s.home
	if h.total == p.number {
		if h.class != nil && h.class.number == s.number {
			return h.class, nil
		}
		if h.row > 0 {
			if r := p.tail.at(int(h.row - 1)); r.calls > 0 {
				return nil, r
			}
		}
	}
	*h = home{total: p.number}
	if h.row = p.tail.number(s.number); h.row > 0 {
		if r := p.tail.at(int(h.row - 1)); r.calls > 0 {
			return nil, r
		}
	}
	if c := p.Classes[s.fingerprint]; c != nil {
		if _, ok := c.idNumber(); ok {
			h.class = c
			c.Kind = max(c.Kind, s.kind) // another shape's statements may do more to data
		}
		return c, nil
	}
	return nil, nil
}

func (p *Part) takeClass(m *met, schema string) {
	c := m.class
	c.settleSchema(schema)
	if mine, _ := p.find(m.shape); mine != nil {
		mine.merge(c)
	} else if !p.addFolded(c) {
		p.newClass(m.shape).merge(c)
	}
}

// takeCall adds a statement that a part has kept as it came.
func (p *Part) takeCall(s *shape, st *call, source string) {
	c, r := p.find(s)
	if c == nil {
		if p.addToRow(s, r, &st.Statement, source) {
			return
		}
		c = p.newClass(s)
		if r != nil {
			p.promote(s.home.row, c)
		}
	}
	c.add(&st.Statement, s, st.digest, source)
	c.Worst = c.Worst.kept()
}

// addToRow adds a statement to a row, which it makes for a class that would become one at once. done
// is false when the class is to be kept whole.
func (p *Part) addToRow(s *shape, r *row, st *collectors.Statement, source string) (done bool) {
	switch {
	case r == nil && (p.tail.count == 0 || st.QueryTime > p.promoteAbove):
		return false
	case r == nil && p.tail.count >= MaxClasses:
		p.class(OtherName, OtherID, Other).addSums(st)
		return true
	case r != nil && int64(r.timeUS)+st.QueryTime > 2*p.promoteAbove:
		return false
	}
	if r == nil {
		r = &row{}
	}
	if !r.holds(st) {
		return false
	}
	p.tail.row(s.number, s.fingerprint).add(st, s.kind, p.tail.source(source))
	return true
}

// newClass returns an empty class of a shape that the digest has none of.
func (d *Digest) newClass(s *shape) *Class {
	c := emptyClass(&d.spare)
	c.name(s)
	d.Classes[c.Fingerprint] = c
	return c
}
