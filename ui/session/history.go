package session

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"dbtriage/analyzers"
	"dbtriage/collectors"
)

// How a history ages, in µs. Younger than detailAge it has every reading; until rolledAge it has
// minutes, and beyond these tens of minutes. Lists of processes and sessions are kept at each reading
// for listAge and every listEvery beyond it. Digests are in slices of ten seconds until sliceAge.
const (
	detailAge = 3600 * 1e6
	rolledAge = 6 * 3600 * 1e6
	oldestAge = 7 * 24 * 3600 * 1e6
	listAge   = 600 * 1e6
	listEvery = 10 * 1e6
	sliceAge  = 900 * 1e6
)

// maxTape and maxSlices bound the bytes that readings and digests are kept in. When there is more,
// they age sooner.
const (
	maxTape   = 8 << 20
	maxSlices = 6 << 20
)

// maxStatePoints bounds the points of the series in one state, of which there may be three in memory: a
// minute of all figures of a server and a host. A wider window has coarser cells.
const maxStatePoints = 60_000

// A history keeps what a session has read, encoded and in slices of time, so that any span of it can
// be looked at.
type history struct {
	readings *readingHistory
	logs     map[string]*logHistory
	settings []settingsAt
	tables   map[string][]collectors.Table // by source
	servers  []string                      // addresses of those that were asked, in order
	from, to int64
}

// A settingsAt is what a source was set to from an instant on.
type settingsAt struct {
	at     int64
	source string
	values map[string]string
}

// maxSettingsChanges bounds the changes of settings that are kept.
const maxSettingsChanges = 100

func newHistory() *history {
	return &history{readings: newReadingHistory(), logs: map[string]*logHistory{}, tables: map[string][]collectors.Table{}, from: collectors.NoTime, to: collectors.NoTime}
}

// add takes in a tick and its digests.
func (h *history) add(t *tick) error {
	widen(&h.from, &h.to, t.At)
	for i := range t.Readings {
		r := &t.Readings[i]
		widen(&h.from, &h.to, r.At)
		h.know(r.Server())
		if r.Settings != nil {
			h.set(r)
		}
		if r.Tables != nil {
			h.tables[r.Source] = r.Tables
		}
	}
	h.nameErrorLogs(t.Readings)
	if err := h.readings.add(t.At, t.Readings); err != nil {
		return err
	}
	for _, p := range t.Parts {
		h.log(p.Path).add(p, t.At)
		widen(&h.from, &h.to, p.Slice*1e6)
	}
	for i := range t.Sources {
		if src := t.Sources[i].Log; src != nil && !src.Recording {
			h.log(src.Path).source = *src
		}
	}
	return h.age(t.At)
}

func (h *history) set(r *collectors.Reading) {
	for i := len(h.settings) - 1; i >= 0; i-- {
		if have := &h.settings[i]; have.source == r.Source {
			if maps.Equal(have.values, r.Settings) {
				return
			}
			break
		}
	}
	if len(h.settings) >= maxSettingsChanges {
		h.settings = slices.Delete(h.settings, 0, 1)
	}
	h.settings = append(h.settings, settingsAt{r.At, r.Source, r.Settings})
}

// settingsOf returns what a source was last set to.
func (h *history) settingsOf(source string) map[string]string {
	for i := len(h.settings) - 1; i >= 0; i-- {
		if h.settings[i].source == source {
			return h.settings[i].values
		}
	}
	return nil
}

func (h *history) log(path string) *logHistory {
	l := h.logs[path]
	if l == nil {
		l = newLogHistory(path)
		h.logs[path] = l
	}
	return l
}

// age brings what has become old into a shorter form.
func (h *history) age(now int64) error {
	if err := h.readings.age(now); err != nil {
		return err
	}
	size := 0
	for _, l := range h.logs {
		if err := l.age(now, sliceAge); err != nil {
			return err
		}
		size += l.size
	}
	for age := int64(sliceAge); size > maxSlices && age > 60e6; {
		age /= 2
		size = 0
		for _, l := range h.logs {
			if err := l.age(now, age); err != nil {
				return err
			}
			size += l.size
		}
	}
	h.from = h.to
	widen(&h.from, &h.to, h.readings.from())
	for _, l := range h.logs {
		widen(&h.from, &h.to, l.from())
	}
	return nil
}

// window is the span that a look asks for, its begin rounded down to a slice.
func (h *history) window(look Look) analyzers.Window {
	if h.to == collectors.NoTime {
		return analyzers.Window{From: collectors.NoTime, To: collectors.NoTime}
	}
	w := look.Span(h.from, h.to+1)
	if look.Cursor != collectors.NoTime {
		w.To++ // what was read at the cursor belongs to it
	}
	const width = sliceSeconds * 1e6
	w.From = w.From / width * width
	return w
}

// snapshot returns what is known of the window that a look asks for.
func (h *history) snapshot(look Look) (*analyzers.Snapshot, error) {
	if look == (Look{Cursor: collectors.NoTime}) {
		return h.snapshotOf(analyzers.Window{From: collectors.NoTime, To: collectors.NoTime})
	}
	return h.snapshotOf(h.window(look))
}

// snapshotOf returns what is known of a window, either end of which may be open. It shares nothing that
// changes.
func (h *history) snapshotOf(asked analyzers.Window) (*analyzers.Snapshot, error) {
	s := emptySnapshot()
	s.Window = asked
	w := h.window(Look{Cursor: collectors.NoTime})
	w.From = asked.From // open, it holds what is older than the tick it came with
	if asked.To != collectors.NoTime {
		w.To = asked.To
	}
	servers := h.serversUntil(w.To)
	for _, path := range slices.Sorted(maps.Keys(h.logs)) {
		l := h.logs[path]
		if l.source.Format == "" {
			continue
		}
		d, err := l.digest(w)
		if err != nil {
			return nil, err
		}
		s.Sources = append(s.Sources, l.source)
		s.WrittenBy(l.source.Version, l.source.VersionComment)
		servers.log(path, d)
		s.Digest.Merge(d)
	}
	s.Digest.Close()
	sources, series, err := h.readings.series(w)
	if err != nil {
		return nil, err
	}
	s.Sources = append(s.Sources, sources...)
	s.Series = series
	for _, set := range h.settings {
		if collectors.ServerOf(set.source) == "" && (w.To == collectors.NoTime || set.at < w.To) {
			for _, name := range slices.Sorted(maps.Keys(set.values)) {
				s.Set(name, set.values[name])
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(h.tables)) {
		if collectors.ServerOf(name) == "" {
			for _, t := range h.tables[name] {
				s.AddTable(t)
			}
		}
	}
	for _, v := range servers.told() {
		s.AddServer(v)
	}
	return s, nil
}

// latest returns the newest reading of each source at an instant.
func (h *history) latest(at int64) ([]collectors.Reading, error) {
	out, err := h.readings.latest(at)
	slices.SortFunc(out, func(a, b collectors.Reading) int {
		return cmp.Or(strings.Compare(a.Source, b.Source), cmp.Compare(a.At, b.At))
	})
	return out, err
}
