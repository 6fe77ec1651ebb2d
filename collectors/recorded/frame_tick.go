package recorded

import (
	"encoding/json"
	"hash/crc32"
	"maps"
	"math"
	"slices"

	"dbtriage/collectors"
)

// A Tick is all that was new at one instant of a session.
type Tick struct {
	At       int64 // µs since the epoch
	Readings []collectors.Reading
	Opaque   []Opaque
}

// An Opaque is what later stages put into a recording. Here it is bytes with a name.
type Opaque struct {
	Kind, Name string
	Data       []byte
}

// A memory is what was last of each source: ticks are written as what differs from it. Series, lists
// and texts are forgotten with every chunk, so that each can be read by itself.
type memory struct {
	at        int64
	sources   map[string]*lastReading
	documents map[string]document // the last ones of the file: they are asked anew and seldom change
	lists     tickWriter
	listed    tickReader
	reuse     bool
	noLists   bool
}

type seriesName struct{ name, instance string }

type lastReading struct {
	series    map[seriesName]uint64 // of the source, by number
	names     []seriesName
	values    []float64           // the last of each series
	told      int                 // of the names
	shape     []uint64            // the series of its samples, by number
	samples   []collectors.Sample // to be reused
	processes []collectors.Process
	sessions  []collectors.Session
	waits     []collectors.Wait
}

// A document is settings or tables in writing, known by its sum.
type document struct {
	sum      uint32
	settings map[string]string
	tables   []collectors.Table
}

// forget begins a chunk.
func (m *memory) forget() {
	documents := m.documents
	if documents == nil {
		documents = map[string]document{}
	}
	*m = memory{sources: map[string]*lastReading{}, documents: documents, reuse: m.reuse, noLists: m.noLists}
	m.lists.text = map[string]uint64{}
}

// What a tick may hold; a server has no more, and damaged bytes must not ask for all memory.
const (
	maxSamples = 200_000
	maxList    = 20_000 // rows of one list
	maxListed  = 200_000
)

func (m *memory) of(source string) *lastReading {
	l := m.sources[source]
	if l == nil {
		l = &lastReading{series: map[seriesName]uint64{}}
		m.sources[source] = l
	}
	return l
}

// What a reading has beside its samples.
const (
	hasSettings = 1 << iota
	hasTables
	hasProcesses
	hasSessions
	hasWaits
	hasMissing
	sameShape // its samples are of the same series as those before
	sameTimes // its samples are all of the instant of the reading

	hasLists = hasProcesses | hasSessions | hasWaits
)

func (m *memory) write(w *tickWriter, t *Tick) {
	w.int(t.At - m.at)
	m.at = t.At
	w.uint(uint64(len(t.Readings)))
	for i := range t.Readings {
		m.writeReading(w, &t.Readings[i])
	}
	w.uint(uint64(len(t.Opaque)))
	for _, o := range t.Opaque {
		w.string(o.Kind)
		w.string(o.Name)
		w.bytes(string(o.Data))
	}
}

func (m *memory) read(r *tickReader) (*Tick, error) {
	t := &Tick{At: m.at + r.int()}
	m.at = t.At
	for range r.count() {
		if r.wrong {
			break
		}
		t.Readings = append(t.Readings, m.readReading(r))
	}
	for range r.count() {
		if r.wrong {
			break
		}
		o := Opaque{Kind: r.string(), Name: r.string()}
		o.Data = slices.Clone(r.bytes())
		t.Opaque = append(t.Opaque, o)
	}
	if r.wrong || len(r.buf) > 0 {
		return nil, errTick
	}
	return t, nil
}

func (m *memory) writeReading(w *tickWriter, given *collectors.Reading) {
	r := *given
	r.Samples = r.Samples[:min(len(r.Samples), maxSamples)]
	r.Processes = r.Processes[:min(len(r.Processes), maxList)]
	r.Sessions = r.Sessions[:min(len(r.Sessions), maxList)]
	r.Waits = r.Waits[:min(len(r.Waits), maxList)]
	l := m.of(r.Source)
	w.string(r.Source)
	w.string(r.Host)
	w.string(r.Role)
	shape := l.shapeOf(r.Samples)
	flags := uint64(0)
	set := func(flag uint64, is bool) {
		if is {
			flags |= flag
		}
	}
	set(hasSettings, r.Settings != nil)
	set(hasTables, r.Tables != nil)
	set(hasProcesses, r.Processes != nil)
	set(hasSessions, r.Sessions != nil)
	set(hasWaits, r.Waits != nil)
	set(hasMissing, len(r.Missing) > 0)
	set(sameShape, slices.Equal(shape, l.shape))
	set(sameTimes, !slices.ContainsFunc(r.Samples, func(v collectors.Sample) bool { return v.At != r.At }))
	w.uint(flags)
	w.int(r.At - m.at)
	w.int(r.CostUS)
	if flags&sameShape == 0 {
		l.writeShape(w, shape)
		l.shape = shape
	}
	l.writeValues(w, r.Samples)
	if flags&sameTimes == 0 {
		for _, v := range r.Samples {
			w.int(v.At - r.At)
		}
	}
	if flags&hasSettings != 0 {
		m.writeDocument(w, "settings "+r.Source, settingsText(r.Settings))
	}
	if flags&hasTables != 0 {
		text, _ := json.Marshal(r.Tables)
		m.writeDocument(w, "tables "+r.Source, text)
	}
	if flags&hasLists != 0 {
		// They have texts of their own and can be passed over.
		lists := &m.lists
		lists.buf = lists.buf[:0]
		if flags&hasProcesses != 0 {
			writeRows(lists, r.Processes, l.processes, processFields)
			l.processes = r.Processes
		}
		if flags&hasSessions != 0 {
			writeRows(lists, r.Sessions, l.sessions, sessionFields)
			l.sessions = r.Sessions
		}
		if flags&hasWaits != 0 {
			writeRows(lists, r.Waits, l.waits, waitFields)
			l.waits = r.Waits
		}
		w.bytes(string(lists.buf))
	}
	if flags&hasMissing != 0 {
		w.uint(uint64(len(r.Missing)))
		for _, x := range r.Missing {
			w.string(x.What)
			w.string(x.Why)
			w.string(x.Provide)
		}
	}
}

func (m *memory) readReading(r *tickReader) collectors.Reading {
	out := collectors.Reading{Source: r.string(), Host: r.string(), Role: r.string()}
	l := m.of(out.Source)
	flags := r.uint()
	out.At = m.at + r.int()
	out.CostUS = r.int()
	if flags&sameShape == 0 {
		l.readShape(r)
	}
	l.readValues(r)
	if r.samples += len(l.shape); r.samples > maxSamples {
		r.fail()
	}
	if len(l.shape) > 0 && !r.wrong {
		if cap(l.samples) < len(l.shape) || !m.reuse {
			l.samples = make([]collectors.Sample, len(l.shape))
		}
		out.Samples = l.samples[:len(l.shape)]
	}
	for i := range out.Samples {
		n := l.shape[i]
		out.Samples[i] = collectors.Sample{At: out.At, Name: l.names[n].name, Instance: l.names[n].instance, Value: l.values[n]}
	}
	if flags&sameTimes == 0 {
		for i := range out.Samples {
			out.Samples[i].At += r.int()
		}
	}
	if flags&hasSettings != 0 {
		out.Settings = m.readDocument(r, "settings "+out.Source, settingsOf).settings
	}
	if flags&hasTables != 0 {
		out.Tables = m.readDocument(r, "tables "+out.Source, tablesOf).tables
	}
	if flags&hasLists != 0 {
		m.listed.buf = r.bytes()
		if !m.noLists {
			m.readLists(r, flags, l, &out)
		}
	}
	if flags&hasMissing != 0 {
		for range r.count() {
			if r.wrong {
				break
			}
			out.Missing = append(out.Missing, collectors.Missing{What: r.string(), Why: r.string(), Provide: r.string()})
		}
	}
	return out
}

func (m *memory) readLists(r *tickReader, flags uint64, l *lastReading, out *collectors.Reading) {
	lists := &m.listed
	lists.listed = r.listed
	if flags&hasProcesses != 0 {
		l.processes = readRows(lists, l.processes, processFields)
		out.Processes = l.processes
	}
	if flags&hasSessions != 0 {
		l.sessions = readRows(lists, l.sessions, sessionFields)
		out.Sessions = l.sessions
	}
	if flags&hasWaits != 0 {
		l.waits = readRows(lists, l.waits, waitFields)
		out.Waits = l.waits
	}
	r.listed = lists.listed
	if lists.wrong || len(lists.buf) > 0 {
		r.fail()
	}
}

// shapeOf returns the numbers of the series that samples are of. Names that are new in the chunk are
// written by writeShape.
func (l *lastReading) shapeOf(samples []collectors.Sample) []uint64 {
	is := func(n uint64, v *collectors.Sample) bool {
		name := &l.names[n]
		return name.name == v.Name && name.instance == v.Instance
	}
	same := len(samples) == len(l.shape)
	for i := 0; same && i < len(samples); i++ {
		same = is(l.shape[i], &samples[i])
	}
	if same {
		return l.shape
	}
	shape := make([]uint64, len(samples))
	next := uint64(0) // most follow the one before
	for i := range samples {
		n := next
		if n >= uint64(len(l.names)) || !is(n, &samples[i]) {
			name := seriesName{samples[i].Name, samples[i].Instance}
			var have bool
			if n, have = l.series[name]; !have {
				n = uint64(len(l.names))
				l.series[name] = n
				l.names = append(l.names, name)
				l.values = append(l.values, 0)
			}
		}
		shape[i], next = n, n+1
	}
	return shape
}

func (l *lastReading) writeShape(w *tickWriter, shape []uint64) {
	w.uint(uint64(len(shape)))
	next := int64(0)
	for _, n := range shape {
		w.int(int64(n) - next)
		next = int64(n) + 1
		if int(n) == l.told {
			l.told++
			w.string(l.names[n].name)
			w.string(l.names[n].instance)
		}
	}
}

func (l *lastReading) readShape(r *tickReader) {
	n := r.count()
	shape := slices.Grow(l.shape[:0], min(n, 4096))
	next := int64(0)
	for range n {
		at := next + r.int()
		switch {
		case r.wrong || at < 0 || at > int64(len(l.names)):
			r.fail()
			return
		case at == int64(len(l.names)):
			l.names = append(l.names, seriesName{r.string(), r.string()})
			l.values = append(l.values, 0)
		}
		shape = append(shape, uint64(at))
		next = at + 1
	}
	l.shape = shape
}

// writeValues writes the values that are not what they were before, each with how many are between it
// and the one written before it.
func (l *lastReading) writeValues(w *tickWriter, samples []collectors.Sample) {
	skipped := uint64(0)
	for i := range samples {
		v, last := samples[i].Value, &l.values[l.shape[i]]
		if math.Float64bits(v) == math.Float64bits(*last) {
			skipped++
			continue
		}
		w.number(skipped+1, v, *last)
		*last, skipped = v, 0
	}
	w.uint(0)
}

func (l *lastReading) readValues(r *tickReader) {
	i := 0
	for {
		head := r.uint()
		if head>>2 == 0 {
			return
		}
		i += int(min(head>>2, math.MaxInt32)) - 1
		if i >= len(l.shape) || r.wrong {
			r.fail()
			return
		}
		last := &l.values[l.shape[i]]
		*last = r.number(head&3, *last)
		i++
	}
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// writeDocument writes a text unless it is the one that the file had last under this key.
func (m *memory) writeDocument(w *tickWriter, key string, text []byte) {
	sum := crc32.Checksum(text, castagnoli)
	w.uint(uint64(sum))
	if have, ok := m.documents[key]; ok && have.sum == sum {
		w.byte(0)
		return
	}
	m.documents[key] = document{sum: sum}
	w.byte(1)
	w.bytes(string(text))
}

// readDocument reads one back. What is only referred to and was lost, with a damaged part of the
// file, is absent.
func (m *memory) readDocument(r *tickReader, key string, parse func([]byte) document) document {
	sum := uint32(r.uint())
	if r.byte() == 0 {
		if have := m.documents[key]; have.sum == sum {
			return have
		}
		return document{}
	}
	d := parse(r.bytes())
	d.sum = sum
	if !r.wrong {
		m.documents[key] = d
	}
	return d
}

func settingsText(set map[string]string) []byte {
	var w tickWriter
	for _, name := range slices.Sorted(maps.Keys(set)) {
		w.bytes(name)
		w.bytes(set[name])
	}
	return w.buf
}

func settingsOf(text []byte) document {
	r := tickReader{buf: text}
	set := map[string]string{}
	for len(r.buf) > 0 {
		name := string(r.bytes())
		set[name] = string(r.bytes())
	}
	return document{settings: set}
}

func tablesOf(text []byte) document {
	var tables []collectors.Table
	if json.Unmarshal(text, &tables) != nil {
		return document{}
	}
	return document{tables: tables}
}
