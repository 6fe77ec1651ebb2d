package recorded

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"time"

	"dbtriage/collectors"
)

func sniffSar(head []byte, _ string) bool {
	head = bytes.TrimLeft(head, " \t\r\n\ufeff")
	return bytes.HasPrefix(head, []byte("{")) && bytes.Contains(head, []byte(`"sysstat"`)) && bytes.Contains(head, []byte(`"hosts"`))
}

// maxEntry bounds one entry of sar's JSON: a host with a thousand disks has a few hundred kilobytes.
const maxEntry = 8 << 20

var errEntryTooLong = fmt.Errorf("an entry is longer than %d bytes", maxEntry)

// A jsonFeed is the input of the JSON decoder. It knows the line of every byte that the decoder has
// not passed yet and refuses to feed an entry that never ends.
type jsonFeed struct {
	in    io.Reader
	read  int64
	limit int64 // read no further
	ends  []int64
	lines int64 // line ends before those of ends
}

func (f *jsonFeed) Read(p []byte) (int, error) {
	if f.read >= f.limit {
		return 0, errEntryTooLong
	}
	n, err := f.in.Read(p)
	for i, c := range p[:n] {
		if c == '\n' {
			f.ends = append(f.ends, f.read+int64(i))
		}
	}
	f.read += int64(n)
	return n, err
}

// lineAt returns the line of an offset and forgets the ones before.
func (f *jsonFeed) lineAt(offset int64) int64 {
	n := 0
	for n < len(f.ends) && f.ends[n] < offset {
		n++
	}
	f.ends = f.ends[n:]
	f.lines += int64(n)
	return f.lines + 1
}

// A sarReader reads the entries of "statistics" one by one, whatever else stands beside them.
type sarReader struct {
	*reader
	feed  *jsonFeed
	dec   *json.Decoder
	cores float64
	zone  *time.Location
	date  string // of the file, for entries that have only a time
}

func readSar(r *reader) error {
	feed := &jsonFeed{in: r.in, limit: maxEntry}
	s := &sarReader{reader: r, feed: feed, dec: json.NewDecoder(feed), zone: time.UTC}
	s.dec.UseNumber()
	err := s.walk("", 0)
	r.offset = s.dec.InputOffset()
	if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
		r.skipAt(r.offset, s.feed.lineAt(r.offset), "the recording ends in the middle of an entry")
		return nil
	}
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		r.skipAt(r.offset, s.feed.lineAt(r.offset), "not JSON from here on: "+syntax.Error())
		return nil
	}
	return err
}

// walk reads one value: it descends to the entries of "statistics" and takes what it needs of a
// host on the way.
func (s *sarReader) walk(key string, depth int) error {
	if depth > 8 {
		return errors.New("nested too deeply")
	}
	tok, err := s.dec.Token()
	if err != nil {
		return err
	}
	delim, ok := tok.(json.Delim)
	if !ok {
		s.head(key, tok)
		return nil
	}
	for s.dec.More() {
		s.feed.limit = s.feed.read + maxEntry
		switch {
		case delim == '{':
			name, err := s.dec.Token()
			if err != nil {
				return err
			}
			if err := s.walk(fmt.Sprint(name), depth+1); err != nil {
				return err
			}
		case key == "statistics":
			if err := s.ctx.Err(); err != nil {
				return err
			}
			at := s.dec.InputOffset()
			var entry map[string]any
			err := s.dec.Decode(&entry)
			var wrong *json.UnmarshalTypeError
			if errors.As(err, &wrong) {
				s.skipAt(at, s.feed.lineAt(s.dec.InputOffset()), "an entry is no object")
				continue
			}
			if err != nil {
				return err
			}
			line := s.feed.lineAt(s.dec.InputOffset())
			if why := s.entry(entry); why != "" {
				s.skipAt(at, line, why)
			}
		default:
			if err := s.walk("", depth+1); err != nil {
				return err
			}
		}
	}
	_, err = s.dec.Token()
	return err
}

// head takes what stands before the entries of a host.
func (s *sarReader) head(key string, v any) {
	text := fmt.Sprint(v)
	switch key {
	case "nodename":
		s.host(text)
	case "number-of-cpus":
		s.cores, _ = strconv.ParseFloat(text, 64)
	case "file-date":
		s.date = text
	case "timezone":
		if zone, err := time.LoadLocation(text); err == nil {
			s.zone = zone
		}
	}
}

// entry reads all activities of one instant; why says why it cannot be used.
func (s *sarReader) entry(e map[string]any) (why string) {
	at, interval, ok := s.instant(object(e["timestamp"]))
	if !ok {
		return "an entry without a time"
	}
	if interval == 0 {
		return "" // what sar writes after a restart: nothing was measured
	}
	if s.cores > 0 {
		s.sample(at, "cpu.cores", "", s.cores)
	}
	bad := ""
	for name, v := range e {
		read := sarActivities[name]
		if read == nil {
			continue
		}
		o := &sarObject{reader: s.reader, at: at}
		read(o, v)
		if o.bad != "" {
			bad = name + ": " + o.bad
		}
	}
	return bad
}

// instant reads the time of an entry; interval is -1 when it does not say.
func (s *sarReader) instant(t map[string]any) (us int64, interval float64, ok bool) {
	text, _ := t["time"].(string)
	date, hasDate := t["date"].(string)
	if !hasDate {
		date = s.date
	}
	zone := time.UTC
	if n, given := t["utc"]; given && fmt.Sprint(n) == "0" {
		zone = s.zone
		if zone == time.UTC {
			s.warn("times are local and the zone is not told: they are taken as UTC; sadf -jU writes UTC")
		}
	}
	if name, given := t["tz"].(string); given {
		if z, err := time.LoadLocation(name); err == nil {
			zone = z
		}
	}
	when, err := time.ParseInLocation("2006-01-02 15:04:05", date+" "+text, zone)
	if err != nil || when.Year() < 1970 || when.Year() > 9999 {
		return collectors.NoTime, 0, false
	}
	interval = -1
	if n, isNumber := t["interval"].(json.Number); isNumber {
		interval, _ = n.Float64()
	}
	return when.UnixMicro(), interval, true
}

func object(v any) map[string]any {
	o, _ := v.(map[string]any)
	return o
}

// A sarObject is one object of an activity with the instant it belongs to.
type sarObject struct {
	*reader
	at  int64
	in  map[string]any
	bad string // what was no number
}

// num returns the first number among the spellings that versions of sysstat use.
func (o *sarObject) num(names ...string) (float64, bool) {
	for _, name := range names {
		v, ok := o.in[name]
		if !ok {
			continue
		}
		n, isNumber := v.(json.Number)
		f, err := n.Float64()
		if !isNumber || err != nil || math.IsInf(f, 0) {
			o.bad = name + " is no number"
			return 0, false
		}
		return f, true
	}
	return 0, false
}

// put hands on a value in base units, if it is there.
func (o *sarObject) put(metric, instance string, scale float64, names ...string) {
	if v, ok := o.num(names...); ok {
		o.sample(o.at, metric, instance, v*scale)
	}
}

// sum is put for what several fields share.
func (o *sarObject) sum(metric, instance string, scale float64, names ...string) {
	total, seen := 0.0, false
	for _, name := range names {
		if v, ok := o.num(name); ok {
			total += v
			seen = true
		}
	}
	if seen {
		o.sample(o.at, metric, instance, total*scale)
	}
}

// list calls do for each object of an activity that is a list.
func (o *sarObject) list(v any, do func()) {
	items, ok := v.([]any)
	if !ok {
		items = []any{v}
	}
	for _, item := range items {
		if o.in = object(item); o.in != nil {
			do()
		}
	}
}

func (o *sarObject) text(names ...string) string {
	for _, name := range names {
		if s, ok := o.in[name].(string); ok {
			return s
		}
	}
	return ""
}
