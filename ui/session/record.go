package session

import (
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"maps"
	"slices"

	"dbtriage/analyzers"
	"dbtriage/collectors"
	"dbtriage/collectors/recorded"
)

// What a recording holds beside readings.
const (
	ofSession = "session" // an opening, in JSON
	ofSources = "sources" // []SourceState in JSON
	ofEvents  = "events"  // []Event in JSON
	ofDigest  = "digest"  // begin of a slice as a varint, then an encoded analyzers.Digest
)

// An opening is what every file of a recording begins with.
type opening struct {
	Host     string
	Interval int64 // µs
	Version  string
}

// A recording writes ticks.
type recording struct {
	to      *recorded.Recorder
	opening opening

	// Of every source the state, and what is asked anew seldom: each file begins with them.
	sources []SourceState
	slow    map[string]*collectors.Reading

	// pending are digests that wait, so that the same classes are not written at every tick.
	pending map[pendingKey]*pendingSlice
	broken  string // why the last tick could not be written
}

type pendingKey struct {
	path  string
	slice int64
}

type pendingSlice struct {
	digest *analyzers.Digest
	since  int64
}

// A digest is written at once while it has few events; a busy log's waits until pendingFor is over,
// in µs. Should the program be killed, what waits is lost to the recording, but not from the log.
const (
	pendingFor  = 10e6
	eventsAtOne = 30
)

func startRecording(opt recorded.RecorderOptions, o opening) (*recording, error) {
	r := &recording{opening: o, slow: map[string]*collectors.Reading{}, pending: map[pendingKey]*pendingSlice{}}
	opt.Opening = r.open
	var err error
	r.to, err = recorded.NewRecorder(opt)
	return r, err
}

// open is the first tick of a file.
func (r *recording) open(at int64) *recorded.Tick {
	t := &recorded.Tick{At: at, Opaque: []recorded.Opaque{
		{Kind: ofSession, Data: inJSON(r.opening)},
		{Kind: ofSources, Data: inJSON(r.sources)},
	}}
	for _, name := range slices.Sorted(maps.Keys(r.slow)) {
		t.Readings = append(t.Readings, *r.slow[name])
	}
	return t
}

func inJSON(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // of plain structs
	}
	return text
}

// write writes a tick; what it holds stays the caller's. At the end nothing waits any longer.
func (r *recording) write(t *tick, end bool) error {
	out := &recorded.Tick{At: t.At, Readings: t.Readings}
	for _, p := range t.Parts {
		key := pendingKey{p.Path, p.Slice}
		w := r.pending[key]
		if w == nil {
			w = &pendingSlice{digest: analyzers.NewDigest(), since: t.At}
			r.pending[key] = w
		}
		w.digest.Append(p.Digest.Clone(), "")
	}
	keys := slices.SortedFunc(maps.Keys(r.pending), func(a, b pendingKey) int {
		return cmp.Or(cmp.Compare(a.path, b.path), cmp.Compare(a.slice, b.slice))
	})
	for _, key := range keys {
		w := r.pending[key]
		if n := w.digest.Statements.Count + w.digest.Web.Count + w.digest.App.Count; !end && n > eventsAtOne && t.At-w.since < pendingFor {
			continue
		}
		out.Opaque = append(out.Opaque, recorded.Opaque{Kind: ofDigest, Name: key.path, Data: w.digest.Encode(binary.AppendVarint(nil, key.slice))})
		delete(r.pending, key)
	}
	if len(t.Sources) > 0 {
		out.Opaque = append(out.Opaque, recorded.Opaque{Kind: ofSources, Data: inJSON(t.Sources)})
	}
	if len(t.Events) > 0 {
		out.Opaque = append(out.Opaque, recorded.Opaque{Kind: ofEvents, Data: inJSON(t.Events)})
	}
	err := r.to.Append(out)
	r.know(t)
	return err
}

// know keeps what the next file is to begin with.
func (r *recording) know(t *tick) {
	r.sources = withStates(r.sources, t.Sources)
	for i := range t.Readings {
		from := &t.Readings[i]
		if from.Settings == nil && from.Tables == nil {
			continue
		}
		have := r.slow[from.Source]
		if have == nil {
			have = &collectors.Reading{Source: from.Source, Host: from.Host, Role: from.Role}
			r.slow[from.Source] = have
		}
		have.At = from.At
		if from.Settings != nil {
			have.Settings = from.Settings
		}
		if from.Tables != nil {
			have.Tables = from.Tables
		}
	}
}

// withStates returns the states of sources with those that are new; all is not changed.
func withStates(all, news []SourceState) []SourceState {
	all = slices.Clone(all)
	for _, now := range news {
		i := slices.IndexFunc(all, func(have SourceState) bool { return have.Name == now.Name && have.Kind == now.Kind })
		if i < 0 {
			all = append(all, now)
			continue
		}
		if now.LastAt == collectors.NoTime {
			now.LastAt = all[i].LastAt
		}
		all[i] = now
	}
	return all
}

var errTick = errors.New("a tick of another version of dbtriage")

// tickOf makes a tick of what was recorded; o is set when it is the first of a file.
func tickOf(from *recorded.Tick, o *opening) (*tick, error) {
	t := &tick{At: from.At, Readings: from.Readings}
	for _, x := range from.Opaque {
		var err error
		switch x.Kind {
		case ofSession:
			err = json.Unmarshal(x.Data, o)
		case ofSources:
			err = json.Unmarshal(x.Data, &t.Sources)
		case ofEvents:
			err = json.Unmarshal(x.Data, &t.Events)
		case ofDigest:
			slice, n := binary.Varint(x.Data)
			if n <= 0 {
				return nil, errTick
			}
			var d *analyzers.Digest
			if d, err = analyzers.DecodeDigest(x.Data[n:]); err == nil {
				t.Parts = append(t.Parts, logPart{x.Name, slice, d})
			}
		}
		if err != nil {
			return nil, errTick
		}
	}
	return t, nil
}
