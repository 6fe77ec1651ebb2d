package session

import (
	"maps"
	"slices"
	"strings"

	"dbtriage/analyzers"
	"dbtriage/collectors"
)

// A history keeps what a session has read, in slices of time, so that any span of it can be looked
// at.
type history struct {
	readings []collectors.Reading // in time order
	logs     map[string]*logHistory
	settings []settingsAt
	tables   map[string][]collectors.Table // by source
	from, to int64
}

// A logHistory is one log: what is known of it as a whole, and its digest in slices.
type logHistory struct {
	source collectors.Source
	slices map[int64]*analyzers.Digest // by where they begin, in seconds
}

// A settingsAt is what a source was set to from an instant on.
type settingsAt struct {
	at     int64
	source string
	values map[string]string
}

// maxAge is how long readings are kept, in µs.
const maxAge = 3600 * 1e6

func newHistory() *history {
	return &history{logs: map[string]*logHistory{}, tables: map[string][]collectors.Table{}, from: collectors.NoTime, to: collectors.NoTime}
}

// add takes in a tick.
func (h *history) add(t *tick) {
	widen(&h.from, &h.to, t.At)
	for i := range t.Readings {
		r := &t.Readings[i]
		widen(&h.from, &h.to, r.At)
		if r.Settings != nil {
			h.settings = append(h.settings, settingsAt{r.At, r.Source, r.Settings})
		}
		if r.Tables != nil {
			h.tables[r.Source] = r.Tables
		}
		h.readings = append(h.readings, *r)
	}
	for n := len(h.readings); n > 0 && h.readings[0].At < h.to-maxAge; n = len(h.readings) {
		h.readings = h.readings[1:]
	}
	for _, p := range t.Parts {
		l := h.log(p.Path)
		d := l.slices[p.Slice]
		if d == nil {
			d = analyzers.NewDigest()
			l.slices[p.Slice] = d
		}
		d.Append(p.Digest, "")
		widen(&h.from, &h.to, p.Slice*1e6)
	}
	for i := range t.Sources {
		if src := t.Sources[i].Log; src != nil {
			h.log(src.Path).source = *src
		}
	}
}

func (h *history) log(path string) *logHistory {
	l := h.logs[path]
	if l == nil {
		l = &logHistory{slices: map[int64]*analyzers.Digest{}, source: collectors.Source{Path: path, From: collectors.NoTime, To: collectors.NoTime}}
		h.logs[path] = l
	}
	return l
}

// window is the span that a look asks for, its begin rounded down to a slice.
func (h *history) window(look Look) analyzers.Window {
	if h.to == collectors.NoTime {
		return analyzers.Window{From: collectors.NoTime, To: collectors.NoTime}
	}
	w := look.Span(h.from, h.to+1)
	const width = sliceSeconds * 1e6
	w.From = w.From / width * width
	return w
}

// snapshot returns what is known of the window that a look asks for. It shares nothing that changes.
func (h *history) snapshot(look Look) *analyzers.Snapshot {
	s := emptySnapshot()
	w := h.window(look)
	if look != (Look{Cursor: collectors.NoTime}) {
		s.Window = w
	}
	for _, path := range slices.Sorted(maps.Keys(h.logs)) {
		l := h.logs[path]
		if l.source.Format == "" {
			continue
		}
		d := analyzers.NewDigest()
		for _, start := range slices.Sorted(maps.Keys(l.slices)) {
			if start*1e6 >= w.From && start*1e6 < w.To {
				d.Append(l.slices[start].Clone(), "")
			}
		}
		s.Sources = append(s.Sources, l.source)
		s.Digest.Merge(d)
	}
	s.Digest.Close()
	h.addReadings(s, w)
	return s
}

func (h *history) addReadings(s *analyzers.Snapshot, w analyzers.Window) {
	sources := map[string]int{}
	for i := range h.readings {
		r := &h.readings[i]
		if !w.Holds(r.At) {
			continue
		}
		n, have := sources[r.Source]
		if !have {
			n = len(s.Sources)
			sources[r.Source] = n
			s.Sources = append(s.Sources, collectors.Source{
				Path: r.Source, Format: "live", Role: r.Role, Recording: true, Host: r.Host, From: collectors.NoTime, To: collectors.NoTime,
			})
		}
		src := &s.Sources[n]
		src.Events += int64(len(r.Samples))
		widen(&src.From, &src.To, r.At)
		for _, v := range r.Samples {
			if s.Series == nil {
				s.Series = analyzers.NewSeriesSet()
			}
			s.Series.Add(r.Host, r.Role, v)
		}
	}
	for _, set := range h.settings {
		if set.at < w.To {
			for name, value := range set.values {
				s.Set(name, value)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(h.tables)) {
		for _, t := range h.tables[name] {
			s.AddTable(t)
		}
	}
}

// latest returns the newest reading of each source at an instant.
func (h *history) latest(at int64) []collectors.Reading {
	var out []collectors.Reading
	for i := len(h.readings) - 1; i >= 0; i-- {
		r := &h.readings[i]
		if r.At > at || slices.ContainsFunc(out, func(have collectors.Reading) bool { return have.Source == r.Source }) {
			continue
		}
		if at-r.At > 60*1e6 {
			break
		}
		out = append(out, *r)
	}
	slices.SortFunc(out, func(a, b collectors.Reading) int { return strings.Compare(a.Source, b.Source) })
	return out
}
