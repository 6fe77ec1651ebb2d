package analyzers

import (
	"bytes"
	"cmp"
	"math/bits"
	"slices"
)

// RepeatSpan is the span, in seconds, within which a repeated read could come from a cache and a
// repeated write could be merged with the one before.
const RepeatSpan = 10

// maxRepeats is how many texts a class keeps count of: estimates from as many are good to some 12 %. A
// digest is kept for every ten seconds of a live session, and recorded.
const maxRepeats = 64

// digestOf keeps 32 bits of a hash. Among a million texts one in a hundred of those that are kept shares
// its digest with another.
func digestOf(hash uint64) uint32 { return uint32(hash) }

// Repeats count how often the statements of a class come with the same parameters again: reads with
// the same text, UPDATEs and DELETEs with the same WHERE. INSERTs are not followed. Only digests of
// texts are kept.
//
// Texts are sampled by their digest (Gibbons 2001): level ℓ keeps those whose digest ends in ℓ zero
// bits, and it is the smallest at which no more than maxRepeats remain. What is kept depends on the
// statements alone, not on how they were cut into parts.
type Repeats struct {
	Calls int64 // statements followed
	Timed int64 // those whose instant is known

	texts heldTexts // statements by digest of the text
	spans heldTexts // statements by digest of text and span
	heavy heavyBuckets
}

// heldTexts are sampled digests with how many statements had each: an open-addressing table, since a
// part of a log fills one anew for each class.
type heldTexts struct {
	level uint8
	n     int
	slots []heldText // a power of 2, about half full at most; calls is 0 where free
}

// fullTable is the size of the table for maxRepeats digests and the one that is too many.
const fullTable = 2 * maxRepeats

type heldText struct{ digest, calls uint32 }

// slot returns where a digest is, or would be.
func (t *heldTexts) slot(digest uint32) *heldText {
	for i := digest >> 16; ; i++ {
		h := &t.slots[i&uint32(len(t.slots)-1)]
		if h.calls == 0 || h.digest == digest {
			return h
		}
	}
}

func (t *heldTexts) has(digest uint32) bool { return t.n > 0 && t.slot(digest).calls > 0 }

func (t *heldTexts) add(digest uint32, calls uint32) {
	if calls == 0 || bits.TrailingZeros32(digest) < int(t.level) {
		return
	}
	if 2*t.n >= len(t.slots) && len(t.slots) < fullTable {
		t.rebuild(max(4, 2*len(t.slots)), t.level)
	}
	h := t.slot(digest)
	if h.calls == 0 {
		h.digest = digest
		t.n++
	}
	h.calls += calls
	for t.n > maxRepeats {
		t.rebuild(len(t.slots), t.level+1)
	}
}

// rebuild moves what is of a level to new slots.
func (t *heldTexts) rebuild(slots int, level uint8) {
	old := t.slots
	*t = heldTexts{level: level, slots: make([]heldText, slots)}
	t.slots[0] = heldText{} // new memory that is read before it is written costs two faults
	for _, h := range old {
		if h.calls > 0 && bits.TrailingZeros32(h.digest) >= int(level) {
			*t.slot(h.digest) = h
			t.n++
		}
	}
}

func (t *heldTexts) merge(o *heldTexts) {
	if o.level > t.level {
		t.rebuild(max(4, len(t.slots)), o.level)
	}
	for _, h := range o.slots {
		t.add(h.digest, h.calls)
	}
}

// distinct estimates how many different digests there were; it is exact up to maxRepeats.
func (t *heldTexts) distinct() float64 { return float64(t.n) * float64(uint64(1)<<t.level) }

// Add follows one statement, by the digest of its parameters, that ended at an instant; timed is false
// when that is not known.
func (r *Repeats) Add(digest uint32, at int64, timed bool) {
	r.Calls++
	r.count(digest, 1)
	if timed {
		r.Timed++
		r.spans.add(digestOf(mix(uint64(digest), uint64(floorDiv(at, RepeatSpan*1e6)))), 1)
	}
}

// repeatLevels are the levels that a class has reached in the parts before.
type repeatLevels struct{ texts, spans uint8 }

// begin starts a part at the levels of those before. The whole ends at these or higher, so nothing is
// lost, and filling the tables only to thin them out again is spared.
func (r *Repeats) begin(at repeatLevels) {
	r.spans.level = at.spans
	if r.texts.level = at.texts; at.texts > 0 {
		r.heavy.open = true
	}
}

// levelsOf returns where a new part begins with a class.
func (g *Gatherer) levelsOf(fingerprint string) repeatLevels {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.levels[fingerprint]
}

// learnLevels notes the levels that the total has reached in the classes of a part just joined.
func (g *Gatherer) learnLevels(part *Part) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for i := range part.met {
		s := part.met[i].shape
		c := s.home.class
		if part.met[i].class == nil || c == nil || c.Repeats.texts.level == 0 && c.Repeats.spans.level == 0 {
			continue
		}
		if g.levels == nil {
			g.levels = map[string]repeatLevels{}
		}
		g.levels[s.fingerprint] = repeatLevels{c.Repeats.texts.level, c.Repeats.spans.level}
	}
}

// parameters returns the part of a statement that tells its parameters: comments around it often
// differ from call to call, and so does what an UPDATE sets.
func parameters(sql []byte, kind Kind) []byte {
	if bytes.HasPrefix(sql, []byte("/*")) {
		if end := bytes.Index(sql, []byte("*/")); end >= 0 {
			sql = sql[end+2:]
		}
	}
	if bytes.HasSuffix(sql, []byte("*/")) {
		if from := bytes.LastIndex(sql, []byte("/*")); from >= 0 {
			sql = sql[:from]
		}
	}
	if kind == Write {
		if i := max(lastWord(sql, upperWhere), lastWord(sql, lowerWhere)); i >= 0 {
			return sql[i:]
		}
	}
	return sql
}

var upperWhere, lowerWhere = []byte("WHERE"), []byte("where")

// lastWord is bytes.LastIndex, which goes byte by byte, for a word that is seldom there twice.
func lastWord(text, word []byte) int {
	last := -1
	for from := 0; ; from = last + len(word) {
		i := bytes.Index(text[from:], word)
		if i < 0 {
			return last
		}
		last = from + i
	}
}

// mix makes one digest of two numbers.
func mix(a, b uint64) uint64 {
	h := a ^ b*0x9e3779b97f4a7c15
	h = (h ^ h>>32) * 0xd6e8feb86659fd93
	return h ^ h>>32
}

func (r *Repeats) count(digest uint32, calls uint32) {
	if !r.heavy.open && r.texts.n == maxRepeats && !r.texts.has(digest) {
		r.spread()
	}
	if r.heavy.open {
		r.heavy.add(heavyBucket(digest), calls)
	}
	r.texts.add(digest, calls)
}

// spread opens the buckets while all texts are still kept.
func (r *Repeats) spread() {
	r.heavy.open = true
	for _, h := range r.texts.slots {
		r.heavy.add(heavyBucket(h.digest), h.calls)
	}
}

// reset empties r and keeps its memory, but not of tables that take long to look through.
func (r *Repeats) reset() {
	*r = Repeats{texts: r.texts.emptied(), spans: r.spans.emptied(), heavy: r.heavy.emptied()}
}

func (t *heldTexts) emptied() heldTexts {
	if len(t.slots) >= fullTable {
		return heldTexts{}
	}
	clear(t.slots)
	return heldTexts{slots: t.slots}
}

func (r *Repeats) merge(o *Repeats) {
	r.Calls += o.Calls
	r.Timed += o.Timed
	r.spans.merge(&o.spans)
	if !o.heavy.open {
		for _, h := range o.texts.slots {
			if h.calls > 0 {
				r.count(h.digest, h.calls)
			}
		}
		return
	}
	if !r.heavy.open {
		r.spread()
	}
	r.heavy.merge(&o.heavy)
	r.texts.merge(&o.texts)
}

func (r *Repeats) clone() Repeats {
	n := *r
	n.texts.slots, n.spans.slots, n.heavy = slices.Clone(r.texts.slots), slices.Clone(r.spans.slots), r.heavy.clone()
	return n
}

// Distinct estimates how many different parameter sets there were, to some 12 %.
func (r *Repeats) Distinct() float64 { return float64(r.Calls) / r.perKept(&r.texts, r.Calls) }

// PerSpan estimates how many statements with the same parameters come within RepeatSpan seconds, at
// least 1; ok is false when no statement had a time.
func (r *Repeats) PerSpan() (n float64, ok bool) {
	if r.Timed == 0 {
		return 0, false
	}
	return r.perKept(&r.spans, r.Timed), true
}

// perKept estimates statements per digest in two ways: all statements over the number of digests,
// which is off by as much as that number, and the statements of the kept digests over those, which is
// exact where nothing repeats but depends on whether a hot one is kept. Without a hot one the smaller
// is the safer.
func (r *Repeats) perKept(t *heldTexts, statements int64) float64 {
	all := float64(statements) / max(t.distinct(), 1)
	if top, ok := r.Top(); ok && top < hotShare && t.level > 0 && t.n > 0 {
		var calls int64
		for _, h := range t.slots {
			calls += int64(h.calls)
		}
		all = min(all, float64(calls)/float64(t.n))
	}
	return max(all, 1)
}

// hotShare is the share of one text above which a sample may miss or catch it.
const hotShare = 0.05

// Top is the share of the most frequent parameter set: exact while there are few, else an upper
// bound. ok is false when nothing was followed.
func (r *Repeats) Top() (share float64, ok bool) {
	if r.Calls == 0 {
		return 0, false
	}
	var most uint32
	if r.heavy.open {
		most = slices.Max(r.heavy.counts())
	} else {
		for _, h := range r.texts.slots {
			most = max(most, h.calls)
		}
	}
	return float64(most) / float64(r.Calls), true
}

// repeats writes what is kept in an order of its own, so that equal Repeats are equal bytes.
func (e *encoder) repeats(r *Repeats) {
	e.ints(r.Calls, r.Timed)
	if r.Calls == 0 {
		return
	}
	for _, t := range []*heldTexts{&r.texts, &r.spans} {
		kept := make([]heldText, 0, t.n)
		for _, h := range t.slots {
			if h.calls > 0 {
				kept = append(kept, h)
			}
		}
		slices.SortFunc(kept, func(a, b heldText) int { return cmp.Compare(a.digest, b.digest) })
		e.uint(uint64(t.level))
		e.uint(uint64(len(kept)))
		before := uint32(0)
		for _, h := range kept {
			e.uint(uint64((h.digest - before) >> t.level))
			e.uint(uint64(h.calls))
			before = h.digest
		}
	}
	if !r.heavy.open {
		e.uint(0)
		return
	}
	e.uint(buckets)
	for _, n := range r.heavy.counts() {
		e.uint(uint64(n))
	}
}

func (r *decoder) repeats(x *Repeats) {
	r.ints(&x.Calls, &x.Timed)
	if x.Calls == 0 {
		return
	}
	for _, t := range []*heldTexts{&x.texts, &x.spans} {
		if level := r.uint(); level <= 32 {
			t.level = uint8(level)
		} else {
			r.fail()
		}
		digest := uint32(0)
		for range r.most(maxRepeats) {
			digest += uint32(r.uint()) << t.level
			t.add(digest, uint32(r.uint()))
		}
	}
	switch r.count() {
	case 0:
	case buckets:
		x.heavy.open = true
		for i := range buckets {
			x.heavy.add(uint8(i), uint32(r.uint()))
		}
	default:
		r.fail()
	}
}
