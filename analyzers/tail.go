package analyzers

import (
	"cmp"
	"iter"
	"math"
	"slices"
	"strconv"

	"dbtriage/collectors"
)

// MaxFull is how many classes a digest keeps with sketches, examples and slices. When there are
// more, the half that took the least time is kept as compact rows.
const MaxFull = 4_096

// A row is what is kept of a class beyond MaxFull: exact counts and sums, and where one of its
// statements stands in the log, from which its text can be read again. A class of which a number
// does not fit is kept whole.
type row struct {
	id             uint64 // the 16 digits of the query id
	offset         int64
	calls          uint32 // 0 when the class is kept whole again
	timeUS, maxUS  uint32
	lockUS         uint32
	sent, examined uint32
	first, last    uint32 // seconds since the epoch; 0 when unknown
	source         uint16 // index into tail.sources
	kind           Kind
	sentKnown      bool
	examinedKnown  bool
}

// fits reports whether the sums of c and r together fit a row.
func (r *row) fits(c *Class) bool {
	return r.fitting(c.Time.Count, c.Time.Sum, c.LockUS, c.RowsSent, c.RowsExamined)
}

func (r *row) fitting(calls, timeUS, lockUS, sent, examined int64) bool {
	return int64(r.calls)+calls <= math.MaxUint32 && int64(r.timeUS)+timeUS <= math.MaxUint32 && int64(r.lockUS)+lockUS <= math.MaxUint32 &&
		int64(r.sent)+sent <= math.MaxUint32 && int64(r.examined)+examined <= math.MaxUint32
}

const slabRows = 4096

// A tail holds rows by id: slabs that never move, and an open-addressing index of row numbers. It
// holds no pointers into itself, so the garbage collector has nothing to follow.
type tail struct {
	slabs   []*[slabRows]row
	count   int
	gone    int      // rows of classes that are kept whole again
	index   []uint32 // row number + 1; 0 is free
	sources []string
	names   []string // fingerprints by row number, as far as there is room; the others are read again
	named   int      // bytes in names
}

// maxNamed bounds the bytes of the fingerprints of rows.
const maxNamed = 4 << 20

func (t *tail) at(n int) *row { return &t.slabs[n/slabRows][n%slabRows] }

// number returns the number of the row of an id, from 1; 0 when there is none.
func (t *tail) number(id uint64) uint32 {
	if t.count == 0 {
		return 0
	}
	for i := t.slot(id); ; i = (i + 1) & (len(t.index) - 1) {
		if n := t.index[i]; n == 0 || t.at(int(n-1)).id == id {
			return n
		}
	}
}

// find returns the row of an id, or nil.
func (t *tail) find(id uint64) *row {
	if n := t.number(id); n > 0 {
		return t.at(int(n - 1))
	}
	return nil
}

// slot is where the search for an id begins: ids are digits of a hash already.
func (t *tail) slot(id uint64) int { return int(id>>7) & (len(t.index) - 1) }

// put returns the row of an id and fingerprint, making it if need be.
func (t *tail) put(id uint64, name string) *row {
	if r := t.find(id); r != nil {
		return r
	}
	if 2*(t.count+1) > len(t.index) {
		t.index = make([]uint32, max(1024, 2*len(t.index)))
		for n := range t.count {
			t.enter(t.at(n).id, n)
		}
	}
	if t.count == len(t.slabs)*slabRows {
		t.slabs = append(t.slabs, new([slabRows]row))
	}
	t.enter(id, t.count)
	if t.count++; t.named+len(name) <= maxNamed && len(t.names) == t.count-1 {
		t.names = append(t.names, name)
		t.named += len(name)
	}
	r := t.at(t.count - 1)
	*r = row{id: id}
	return r
}

func (t *tail) enter(id uint64, n int) {
	i := t.slot(id)
	for t.index[i] != 0 {
		i = (i + 1) & (len(t.index) - 1)
	}
	t.index[i] = uint32(n + 1)
}

func (t *tail) source(name string) uint16 {
	if i := slices.Index(t.sources, name); i >= 0 {
		return uint16(i)
	}
	if len(t.sources) == math.MaxUint16 {
		return math.MaxUint16 - 1
	}
	t.sources = append(t.sources, name)
	return uint16(len(t.sources) - 1)
}

// row returns the row of an id and fingerprint that something is about to be added to.
func (t *tail) row(id uint64, name string) *row {
	before := t.count
	r := t.put(id, name)
	if t.count == before && r.calls == 0 {
		t.gone--
	}
	return r
}

// add sums a class up in its row; the caller has seen that it fits.
func (t *tail) add(id uint64, c *Class) *row {
	r := t.row(id, c.Fingerprint)
	if r.calls == 0 || c.Worst.QueryTime > int64(r.maxUS) {
		r.offset, r.source = c.Worst.Offset, t.source(c.Worst.Source)
	}
	r.kind = max(r.kind, c.Kind)
	r.calls += uint32(c.Time.Count)
	r.timeUS += uint32(c.Time.Sum)
	r.maxUS = max(r.maxUS, uint32(c.Time.Max))
	r.lockUS += uint32(c.LockUS)
	r.sent += uint32(c.RowsSent)
	r.examined += uint32(c.RowsExamined)
	r.sentKnown = r.sentKnown || c.RowsSentKnown > 0
	r.examinedKnown = r.examinedKnown || c.RowsExaminedKnown > 0
	r.see(c.First)
	r.see(c.Last)
	return r
}

// holds reports whether the sums of r fit it with a statement more.
func (r *row) holds(st *collectors.Statement) bool {
	return r.fitting(1, st.QueryTime, st.LockTime, max(st.RowsSent, 0), max(st.RowsExamined, 0))
}

// add adds a statement; the caller has seen that it fits.
func (r *row) add(st *collectors.Statement, kind Kind, source uint16) {
	if r.calls == 0 || st.QueryTime > int64(r.maxUS) {
		r.offset, r.source = st.Offset, source
	}
	r.kind = max(r.kind, kind)
	r.calls++
	r.timeUS += uint32(st.QueryTime)
	r.maxUS = max(r.maxUS, uint32(st.QueryTime))
	r.lockUS += uint32(st.LockTime)
	r.sent += uint32(max(st.RowsSent, 0))
	r.examined += uint32(max(st.RowsExamined, 0))
	r.sentKnown = r.sentKnown || st.RowsSent >= 0
	r.examinedKnown = r.examinedKnown || st.RowsExamined >= 0
	r.see(st.End)
}

func (r *row) see(us int64) {
	if us == collectors.NoTime || us < 0 {
		return
	}
	s := uint32(min(us/1e6, math.MaxUint32))
	if r.first == 0 || s < r.first {
		r.first = s
	}
	r.last = max(r.last, s)
}

// class fills c with what the row with a number from 1 knows. Its quantiles are unknown.
func (t *tail) class(n uint32, c *Class) {
	r := t.at(int(n - 1))
	*c = Class{
		ID: formatID(r.id), Kind: r.kind, Folded: true,
		Time:   Timing{Count: int64(r.calls), Sum: int64(r.timeUS), Max: int64(r.maxUS)},
		LockUS: int64(r.lockUS), RowsSent: int64(r.sent), RowsExamined: int64(r.examined),
		First: collectors.NoTime, Last: collectors.NoTime,
		Worst: Example{Source: t.sources[r.source], Offset: r.offset, QueryTime: int64(r.maxUS)},
	}
	if r.sentKnown {
		c.RowsSentKnown = c.Time.Count
	}
	if r.examinedKnown {
		c.RowsExaminedKnown = c.Time.Count
	}
	if int(n) <= len(t.names) {
		c.Fingerprint = t.names[n-1]
	}
	if r.first != 0 {
		c.First, c.Last = int64(r.first)*1e6, int64(r.last)*1e6
	}
}

func parseID(id string) (uint64, bool) {
	n, err := strconv.ParseUint(id, 16, 64)
	return n, err == nil && len(id) == 16
}

func formatID(id uint64) string {
	var b [16]byte
	for i := range b {
		b[i] = "0123456789ABCDEF"[id>>(60-4*i)&0xf]
	}
	return string(b[:])
}

func (t *tail) clone() tail {
	n := *t
	n.index, n.sources, n.names, n.slabs = slices.Clone(t.index), slices.Clone(t.sources), slices.Clone(t.names), nil
	for _, slab := range t.slabs {
		rows := *slab
		n.slabs = append(n.slabs, &rows)
	}
	return n
}

// Folded returns how many classes the digest keeps as compact rows only.
func (d *Digest) Folded() int { return d.tail.count - d.tail.gone }

// FoldedClasses yields the classes kept as compact rows, the longest total time first. They have no
// quantiles, tables or plan notes, and many no fingerprint; Worst says where a statement of theirs stands. The
// class is reused: copy what is kept.
func (d *Digest) FoldedClasses() iter.Seq[*Class] {
	return func(yield func(*Class) bool) {
		order := make([]uint32, 0, d.tail.count)
		for n := range d.tail.count {
			if d.tail.at(n).calls > 0 {
				order = append(order, uint32(n))
			}
		}
		slices.SortFunc(order, func(a, b uint32) int {
			x, y := d.tail.at(int(a)), d.tail.at(int(b))
			return cmp.Or(cmp.Compare(y.timeUS, x.timeUS), cmp.Compare(x.id, y.id))
		})
		var c Class
		for _, n := range order {
			d.tail.class(n+1, &c)
			if !yield(&c) {
				return
			}
		}
	}
}

// fold keeps the classes that took the most time and makes rows of the others.
func (d *Digest) fold() {
	if len(d.Classes) <= MaxFull {
		return
	}
	all := make([]*Class, 0, len(d.Classes))
	for _, c := range d.Classes {
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b *Class) int {
		if a.Time.Sum != b.Time.Sum {
			return cmp.Compare(b.Time.Sum, a.Time.Sum)
		}
		return cmp.Compare(a.ID, b.ID)
	})
	for _, c := range all[MaxFull/2:] {
		id, ok := c.idNumber()
		if !ok { // the row of all that is beyond MaxClasses
			continue
		}
		if r := d.tail.find(id); r != nil && !r.fits(c) || !(&row{}).fits(c) {
			continue
		}
		delete(d.Classes, c.Fingerprint)
		if d.tail.count >= MaxClasses && d.tail.find(id) == nil {
			d.class(OtherName, OtherID, Other).mergeSums(c)
			continue
		}
		d.tail.add(id, c)
		if c.reset(); len(d.spare) < maxSpare {
			d.spare = append(d.spare, c)
		}
	}
	d.promoteAbove = all[MaxFull/2-1].Time.Sum
	d.runs.forsake(func(c *Class) bool { return c != nil && c.Fingerprint == "" })
}

// addFolded adds a class to its row if it has one; done says so. A row that has outgrown the classes
// kept whole becomes one of them again: its counts and sums stay exact, its sketch has only what
// came since.
func (d *Digest) addFolded(c *Class) (done bool) {
	if d.tail.count == 0 {
		return false
	}
	id, ok := c.idNumber()
	if !ok {
		return false
	}
	number := d.tail.number(id)
	if number == 0 {
		return false
	}
	r := d.tail.at(int(number - 1))
	if r.calls == 0 {
		return false
	}
	if int64(r.timeUS)+c.Time.Sum <= 2*d.promoteAbove && r.fits(c) {
		d.tail.add(id, c)
		return true
	}
	d.promote(number, c)
	return false
}

// promote adds to a class what its row knows; the class is kept whole from now on.
func (d *Digest) promote(number uint32, c *Class) {
	var old Class
	d.tail.class(number, &old)
	r := d.tail.at(int(number - 1))
	r.calls, r.timeUS, r.maxUS, r.lockUS, r.sent, r.examined = 0, 0, 0, 0, 0, 0
	d.tail.gone++
	c.Kind = max(c.Kind, old.Kind)
	c.mergeSums(&old)
}

// mergeSums adds what a row knows.
func (c *Class) mergeSums(o *Class) {
	c.Time.Merge(&o.Time)
	c.LockUS += o.LockUS
	c.RowsSent += o.RowsSent
	c.RowsSentKnown += o.RowsSentKnown
	c.RowsExamined += o.RowsExamined
	c.RowsExaminedKnown += o.RowsExaminedKnown
	see(&c.First, &c.Last, o.First)
	see(&c.First, &c.Last, o.Last)
}

// mergeTail adds the rows of another digest.
func (d *Digest) mergeTail(o *tail) {
	if o.count == 0 {
		return
	}
	whole := make(map[string]*Class, len(d.Classes)) // rows have no fingerprint to look for
	for _, c := range d.Classes {
		whole[c.ID] = c
	}
	var c Class
	for n := range o.count {
		r := o.at(n)
		if r.calls == 0 {
			continue
		}
		o.class(uint32(n+1), &c)
		if have := whole[c.ID]; have != nil {
			have.Kind = max(have.Kind, c.Kind)
			have.mergeSums(&c)
			continue
		}
		if have := d.tail.find(r.id); have != nil && !have.fits(&c) {
			d.class(OtherName, OtherID, Other).mergeSums(&c)
			continue
		}
		d.tail.add(r.id, &c)
	}
}
