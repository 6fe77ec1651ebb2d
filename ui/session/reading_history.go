package session

import (
	"bytes"
	"cmp"
	"io"
	"slices"

	"dbtriage/analyzers"
	"dbtriage/collectors"
	"dbtriage/collectors/recorded"
)

// A readingHistory keeps the readings of a session, in the form that recordings have: in chunks of a minute
// while they are young, as series of one point a minute when they are older.
type readingHistory struct {
	writer *recorded.ChunkWriter
	reader *recorded.ChunkReader
	// thinner writes chunks anew.
	thinner *recorded.ChunkWriter
	open    chunk
	chunks  []chunk
	rolled  []rolledChunk
	recent  []collectors.Reading // the newest of each source, with its lists
	size    int

	memo latestMemo
}

// A chunk is a stretch of readings.
type chunk struct {
	from, to int64 // instants of the first and last tick; 0 while empty
	data     []byte
	thin     bool // lists are kept now and then only
	// summary is there once the chunk is shut, for looks at a long time.
	summary rolledChunk
}

// A rolledChunk is the series of a stretch of time.
type rolledChunk struct {
	from, to int64
	width    int64 // of its cells in seconds
	data     []byte
	sources  []collectors.Source
}

// A latestMemo is what was last looked up.
type latestMemo struct {
	at   int64
	size int
	got  []collectors.Reading
}

const chunkTime = 60e6

// wideWindow is from where on a look uses summaries of the chunks inside of it, in µs.
const wideWindow = 1200 * 1e6

// summaryCell, minuteCell and tenMinuteCell are the cells of older and older series in seconds: powers
// of two.
const (
	summaryCell   = 16
	minuteCell    = 64
	tenMinuteCell = 512
)

func newReadingHistory() *readingHistory { return &readingHistory{writer: recorded.NewChunkWriter()} }

// add appends the readings of one tick.
func (t *readingHistory) add(at int64, readings []collectors.Reading) error {
	for i := range readings {
		t.remember(&readings[i])
	}
	if len(readings) == 0 {
		return nil
	}
	if t.open.from != 0 && (at-t.open.from >= chunkTime || at < t.open.to) {
		if err := t.shut(); err != nil {
			return err
		}
	}
	lean := slices.Clone(readings)
	for i := range lean {
		lean[i].Settings, lean[i].Tables = nil, nil // kept beside
	}
	data, err := t.writer.Append(&recorded.Tick{At: at, Readings: lean})
	if err != nil {
		t.writer.Begin()
		return nil // one reading too large to be kept
	}
	if t.open.from == 0 {
		t.open.from = at
	}
	t.open.to = at
	t.open.data = append(t.open.data, data...)
	t.size += len(data)
	return nil
}

// shut ends the open chunk.
func (t *readingHistory) shut() error {
	c := t.open
	t.open = chunk{}
	t.writer.Begin()
	if c.from == 0 {
		return nil
	}
	c.data = slices.Clip(c.data)
	sum := summary{window: analyzers.Window{From: collectors.NoTime, To: collectors.NoTime}}
	if err := t.each([]chunk{c}, false, sum.tick); err != nil {
		return err
	}
	c.summary = rolledChunk{from: c.from, to: c.to, width: summaryCell, sources: sum.sources}
	if sum.set != nil {
		sum.set.Coarsen(summaryCell)
		c.summary.encode(sum.set)
	}
	t.size += len(c.summary.data)
	t.chunks = append(t.chunks, c)
	return nil
}

// remember keeps a reading as the newest of its source. Lists that it lacks are those of the one
// before.
func (t *readingHistory) remember(r *collectors.Reading) {
	now := *r
	i := slices.IndexFunc(t.recent, func(have collectors.Reading) bool { return have.Source == r.Source })
	if i < 0 {
		t.recent = append(t.recent, now)
		return
	}
	keepLists(&now, &t.recent[i])
	t.recent[i] = now
}

func keepLists(now, before *collectors.Reading) {
	if now.Processes == nil {
		now.Processes = before.Processes
	}
	if now.Sessions == nil {
		now.Sessions = before.Sessions
	}
	if now.Waits == nil {
		now.Waits = before.Waits
	}
	if now.Settings == nil {
		now.Settings = before.Settings
	}
	if now.Tables == nil {
		now.Tables = before.Tables
	}
}

// from is the instant of the oldest reading that is kept.
func (t *readingHistory) from() int64 {
	switch {
	case len(t.rolled) > 0:
		return t.rolled[0].from
	case len(t.chunks) > 0:
		return t.chunks[0].from
	case t.open.from != 0:
		return t.open.from
	}
	return collectors.NoTime
}

// age shortens what has become old, and more when there is too much.
func (t *readingHistory) age(now int64) error {
	for i := range t.chunks {
		c := &t.chunks[i]
		if c.to > now-listAge {
			break
		}
		if !c.thin {
			if err := t.thin(c); err != nil {
				return err
			}
		}
	}
	for len(t.chunks) > 0 && (t.chunks[0].to < now-detailAge || t.size > maxTape && len(t.chunks) > 2) {
		if err := t.roll(); err != nil {
			return err
		}
	}
	for {
		joined, err := t.join(now)
		if err != nil {
			return err
		}
		if !joined {
			break
		}
	}
	for len(t.rolled) > 1 && (t.rolled[0].to < now-oldestAge || t.size > maxTape) {
		t.size -= len(t.rolled[0].data)
		t.rolled = slices.Delete(t.rolled, 0, 1)
	}
	return nil
}

// each calls do with every tick of chunks; its samples are valid until the next one.
func (t *readingHistory) each(chunks []chunk, lists bool, do func(*recorded.Tick)) error {
	if t.reader == nil {
		t.reader = recorded.NewChunkReader()
		t.reader.Reuse = true
	}
	r := t.reader
	r.NoLists = !lists
	for _, c := range chunks {
		if err := r.Begin(bytes.NewReader(c.data)); err != nil {
			return err
		}
		for {
			tick, err := r.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				return err
			}
			do(tick)
		}
	}
	return nil
}

// thin drops most lists of a chunk.
func (t *readingHistory) thin(c *chunk) error {
	w := t.thinner
	if w == nil {
		w = recorded.NewChunkWriter()
		t.thinner = w
	}
	w.Begin()
	kept := map[string]int64{}
	var data []byte
	var failed error
	err := t.each([]chunk{*c}, true, func(tick *recorded.Tick) {
		for i := range tick.Readings {
			r := &tick.Readings[i]
			if last, have := kept[r.Source]; have && r.At-last < listEvery {
				r.Processes, r.Sessions, r.Waits = nil, nil, nil
				continue
			}
			if r.Processes != nil || r.Sessions != nil || r.Waits != nil {
				kept[r.Source] = r.At
			}
		}
		b, err := w.Append(tick)
		if err != nil {
			failed = err
		}
		data = append(data, b...)
	})
	if err == nil {
		err = failed
	}
	if err != nil {
		return err
	}
	t.size += len(data) - len(c.data)
	c.data, c.thin = slices.Clip(data), true
	return nil
}

// roll keeps the oldest chunk as series only.
func (t *readingHistory) roll() error {
	c := t.chunks[0]
	t.chunks = slices.Delete(t.chunks, 0, 1)
	t.size -= len(c.data) + len(c.summary.data)
	if c.summary.data == nil {
		return nil
	}
	set := analyzers.NewSeriesSet()
	if err := c.summary.addTo(set); err != nil {
		return err
	}
	set.Coarsen(minuteCell)
	c.summary.width = minuteCell
	t.keep(len(t.rolled), c.summary, set)
	return nil
}

func (t *readingHistory) keep(i int, c rolledChunk, set *analyzers.SeriesSet) {
	c.encode(set)
	t.size += len(c.data)
	t.rolled = slices.Insert(t.rolled, i, c)
}

func (c *rolledChunk) encode(set *analyzers.SeriesSet) {
	c.data = slices.Clip(packer.EncodeAll(set.Encode(nil), nil))
}

// join makes one of the oldest minutes that are to be tens of minutes.
func (t *readingHistory) join(now int64) (joined bool, err error) {
	i := slices.IndexFunc(t.rolled, func(c rolledChunk) bool { return c.width < tenMinuteCell })
	if i < 0 || t.rolled[i].to > now-rolledAge {
		return false, nil
	}
	j := i
	set := analyzers.NewSeriesSet()
	all := rolledChunk{from: t.rolled[i].from, width: tenMinuteCell}
	for ; j < len(t.rolled) && t.rolled[j].to-all.from < 10*chunkTime+chunkTime/2; j++ {
		if err := t.rolled[j].addTo(set); err != nil {
			return false, err
		}
		all.to = t.rolled[j].to
		for _, src := range t.rolled[j].sources {
			all.sources = addSource(all.sources, src)
		}
		t.size -= len(t.rolled[j].data)
	}
	set.Coarsen(tenMinuteCell)
	t.rolled = slices.Delete(t.rolled, i, j)
	t.keep(i, all, set)
	return true, nil
}

func (c *rolledChunk) addTo(set *analyzers.SeriesSet) error {
	text, err := unpacker.DecodeAll(c.data, nil)
	if err != nil {
		return err
	}
	return set.MergeEncoded(text)
}

// A summary adds up readings as sources and series.
type summary struct {
	window  analyzers.Window
	limit   int
	series  int // expected
	sources []collectors.Source
	set     *analyzers.SeriesSet
	memos   map[string]*analyzers.Memo
}

func (s *summary) tick(t *recorded.Tick) {
	for i := range t.Readings {
		if r := &t.Readings[i]; s.window.Holds(r.At) && len(r.Samples) > 0 {
			s.reading(r)
		}
	}
}

func (s *summary) begin() {
	if s.set != nil {
		return
	}
	s.set = analyzers.NewSeriesSetOf(cmp.Or(s.limit, analyzers.MaxPoints))
	s.memos = map[string]*analyzers.Memo{}
	if s.series > 0 && s.window.From != collectors.NoTime {
		s.set.Expect(s.series, int((s.window.To-s.window.From)/1e6)+1)
	}
}

func (s *summary) reading(r *collectors.Reading) {
	s.begin()
	s.sources = addSource(s.sources, collectors.Source{
		Path: r.Source, Format: "live", Role: r.Role, Recording: true, Host: r.Host, Events: int64(len(r.Samples)), From: r.At, To: r.At,
	})
	memo := s.memos[r.Source]
	if memo == nil {
		memo = &analyzers.Memo{}
		s.memos[r.Source] = memo
	}
	s.set.AddAll(r.Of(), r.Role, r.Samples, memo)
}

// addSource adds what was read of a source to what was read of it before.
func addSource(all []collectors.Source, src collectors.Source) []collectors.Source {
	for i := range all {
		if have := &all[i]; have.Path == src.Path && have.Host == src.Host && have.Role == src.Role {
			have.Events += src.Events
			widen(&have.From, &have.To, src.From)
			widen(&have.From, &have.To, src.To)
			return all
		}
	}
	return append(all, src)
}

// series returns the sources and the series of a window; nil when nothing was read in it.
func (t *readingHistory) series(w analyzers.Window) ([]collectors.Source, *analyzers.SeriesSet, error) {
	sum := summary{window: w, limit: maxStatePoints}
	for i := range t.recent {
		sum.series += len(t.recent[i].Samples)
	}
	rolled := t.rolled
	detail := t.during(w)
	if w.To-max(w.From, t.from()) > wideWindow {
		rolled = slices.Clip(rolled)
		detail = slices.DeleteFunc(detail, func(c chunk) bool {
			inside := c.summary.data != nil && c.from >= w.From && c.to < w.To
			if inside {
				rolled = append(rolled, c.summary)
			}
			return inside
		})
	}
	for i := range rolled {
		c := &rolled[i]
		if c.to < w.From || c.from >= w.To {
			continue
		}
		sum.begin()
		if err := c.addTo(sum.set); err != nil {
			return nil, nil, err
		}
		for _, src := range c.sources {
			sum.sources = addSource(sum.sources, src)
		}
	}
	if err := t.each(detail, false, sum.tick); err != nil {
		return nil, nil, err
	}
	return sum.sources, sum.set, nil
}

// during returns the chunks that have ticks in a window. A reading may be older than its tick.
func (t *readingHistory) during(w analyzers.Window) []chunk {
	var in []chunk
	for _, c := range append(t.chunks[:len(t.chunks):len(t.chunks)], t.open) {
		if c.from != 0 && (w.From == collectors.NoTime || c.to >= w.From) && (w.To == collectors.NoTime || c.from < w.To+5e6) {
			in = append(in, c)
		}
	}
	return in
}

// latest returns the newest reading of each source at an instant, of those no older than a minute.
func (t *readingHistory) latest(at int64) ([]collectors.Reading, error) {
	if !slices.ContainsFunc(t.recent, func(r collectors.Reading) bool { return r.At > at }) {
		return slices.DeleteFunc(slices.Clone(t.recent), func(r collectors.Reading) bool { return r.At < at-chunkTime }), nil
	}
	if t.memo.at == at && t.memo.size == len(t.chunks) {
		return t.memo.got, nil
	}
	var got []collectors.Reading
	err := t.each(t.during(analyzers.Window{From: at - chunkTime, To: at + 1}), true, func(tick *recorded.Tick) {
		for _, r := range tick.Readings {
			if r.At > at || r.At < at-chunkTime {
				continue
			}
			r.Samples = slices.Clone(r.Samples)
			i := slices.IndexFunc(got, func(have collectors.Reading) bool { return have.Source == r.Source })
			if i < 0 {
				got = append(got, r)
				continue
			}
			keepLists(&r, &got[i])
			got[i] = r
		}
	})
	t.memo = latestMemo{at, len(t.chunks), got}
	return got, err
}
