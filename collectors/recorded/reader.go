package recorded

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"dbtriage/collectors"
)

// maxLine bounds a line: a statement in a process list may be long, and what is longer is skipped.
const maxLine = 1 << 20

// A reader hands out the lines of a recording and counts what comes of them.
type reader struct {
	ctx  context.Context
	in   *bufio.Reader
	opt  Options
	sink Sink
	res  Result

	offset int64 // of the next line
	line   int64 // number of the line last read
	start  int64 // offset of the line last read
	buf    []byte
	// pass reports whether a line that is too long, of which it sees the beginning, is of no concern.
	pass func(begin []byte) bool
}

func newReader(ctx context.Context, in io.Reader, opt Options, sink Sink) *reader {
	return &reader{
		ctx: ctx, in: bufio.NewReaderSize(in, 64<<10), opt: opt, sink: sink,
		res: Result{From: collectors.NoTime, To: collectors.NoTime},
	}
}

// next returns the next line without its end, valid until the next call. A line that is too long is
// skipped. The error is io.EOF after the last.
func (r *reader) next() ([]byte, error) {
	for {
		if r.line%4096 == 0 && r.ctx.Err() != nil {
			return nil, r.ctx.Err()
		}
		r.buf, r.start = r.buf[:0], r.offset
		long := false
		for {
			part, err := r.in.ReadSlice('\n')
			r.offset += int64(len(part))
			if len(r.buf)+len(part) > maxLine {
				long = true
			} else if !long {
				r.buf = append(r.buf, part...)
			}
			if err == bufio.ErrBufferFull {
				continue
			}
			if err != nil && (err != io.EOF || r.offset == r.start) {
				return nil, err
			}
			break
		}
		r.line++
		if long && r.pass != nil && r.pass(r.buf) {
			continue
		}
		if long {
			r.skip(fmt.Sprintf("line longer than %d bytes", maxLine))
			continue
		}
		return bytes.TrimRight(r.buf, "\r\n"), nil
	}
}

// each calls do with every line.
func (r *reader) each(do func(line []byte) error) error {
	for {
		line, err := r.next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := do(line); err != nil {
			return err
		}
	}
}

// skip counts the line last read as one that could not be used.
func (r *reader) skip(why string) { r.skipAt(r.start, r.line, why) }

func (r *reader) skipAt(offset, line int64, why string) {
	r.res.Skipped++
	if len(r.res.Skips) < maxSkips {
		r.res.Skips = append(r.res.Skips, collectors.Skip{Offset: offset, Line: line, Why: why})
	}
}

func (r *reader) warn(text string) {
	for _, have := range r.res.Warnings {
		if have == text {
			return
		}
	}
	if len(r.res.Warnings) < maxSkips {
		r.res.Warnings = append(r.res.Warnings, text)
	}
}

// sample hands on a value; what is not finite was not measured.
func (r *reader) sample(at int64, name, instance string, value float64) {
	if at == collectors.NoTime || math.IsNaN(value) || math.IsInf(value, 0) {
		return
	}
	r.res.Events++
	if r.res.From == collectors.NoTime || at < r.res.From {
		r.res.From = at
	}
	r.res.To = max(r.res.To, at)
	r.sink.Sample(collectors.Sample{At: at, Name: name, Instance: instance, Value: value})
}

func (r *reader) host(name string) {
	r.res.Host = name
	r.sink.Host(name)
}

var stalkName = regexp.MustCompile(`(?:^|[^0-9])([0-9]{4})_([0-9]{2})_([0-9]{2})_([0-9]{2})_([0-9]{2})_([0-9]{2})-`)

// begin returns the instant that pt-stalk puts in the names of its files, in the zone of the host.
func (o Options) begin() (us int64, ok bool) {
	m := stalkName.FindStringSubmatch(o.Base)
	if m == nil {
		return collectors.NoTime, false
	}
	t, err := time.Parse("2006-01-02 15:04:05", m[1]+"-"+m[2]+"-"+m[3]+" "+m[4]+":"+m[5]+":"+m[6])
	if err != nil {
		return collectors.NoTime, false
	}
	return t.UnixMicro() - o.Zone, true
}

// quarter is the step of time zones, in microseconds.
const quarter = 15 * 60 * 1_000_000

// ZoneOf returns how far ahead of UTC the local time of a stamp is, in microseconds: pt-stalk writes
// both. ok is false when the line is no stamp.
func ZoneOf(line []byte) (ahead int64, ok bool) {
	us, ok := stamp(line)
	words := strings.Fields(string(line[:min(len(line), 128)]))
	if !ok || len(words) < 4 {
		return 0, false
	}
	local, err := time.Parse("2006-01-02 15:04:05", words[2]+" "+words[3])
	if err != nil {
		return 0, false
	}
	ahead = int64(math.Round(float64(local.UnixMicro()-us)/quarter)) * quarter
	return ahead, ahead > -24*4*quarter && ahead < 24*4*quarter
}

// StalkPrefix returns what the names of all files of one pt-stalk capture begin with; "" for a name that is not
// from pt-stalk.
func StalkPrefix(base string) string {
	if m := stalkName.FindStringIndex(base); m != nil && m[0] == 0 {
		return base[:m[1]]
	}
	return ""
}

// stamp reads pt-stalk's line "TS 1795388432.486140999 2026-11-22 23:00:32".
func stamp(line []byte) (us int64, ok bool) {
	rest, ok := bytes.CutPrefix(line, []byte("TS "))
	if !ok {
		return collectors.NoTime, false
	}
	text, _, _ := strings.Cut(string(rest), " ")
	s, err := strconv.ParseFloat(text, 64)
	if err != nil || s < 0 || s > 253402300799 {
		return collectors.NoTime, false
	}
	return int64(s * 1e6), true
}

// onlyStamps reports whether a head holds nothing but stamps, and one at least.
func onlyStamps(head []byte) bool {
	seen := false
	for line := range bytes.Lines(head) {
		line = bytes.TrimSpace(line)
		if len(line) == 0 {
			continue
		}
		if _, ok := stamp(line); !ok {
			return false
		}
		seen = true
	}
	return seen
}

// A row is the columns of one row as \G prints it.
type row map[string]string

// maxColumn bounds a column that is kept: states and names are short, and of statements the
// beginning is enough.
const maxColumn = 4 << 10

// vertical reads rows in the form of \G, grouped by the stamps before them: do is called at the end
// of each group, for one without rows too.
//
// Some releases of pt-stalk write no stamps here. A first row with the columns of the very first then
// begins the next sample, a second after the one before: that is how often it asks.
func (r *reader) vertical(do func(at int64, rows []row)) error {
	at := collectors.NoTime
	if begin, ok := r.opt.begin(); ok {
		at = begin
	}
	var rows []row
	stamped, first := false, false // first: the row at hand is the first of an answer
	last, opening := "", ""        // the column before; the first of all
	unstamped := 0
	flush := func() {
		if stamped || len(rows) > 0 {
			do(at, rows)
		}
		rows, last = nil, ""
	}
	err := r.each(func(line []byte) error {
		if us, ok := stamp(line); ok {
			flush()
			at, stamped = us, true
			if ahead, ok := ZoneOf(line); ok {
				r.opt.Zone = ahead
			}
			return nil
		}
		if bytes.HasPrefix(line, []byte("*****")) {
			if len(rows) >= maxRows {
				return errors.New("more rows in one sample than any server has sessions")
			}
			rows, last = append(rows, row{}), ""
			first = bytes.Contains(line, []byte(" 1. row "))
			return nil
		}
		if bytes.HasSuffix(line, []byte(`\G`)) && last == "" {
			return nil // the question, which pt-stalk writes before some answers
		}
		if len(rows) == 0 {
			if len(bytes.TrimSpace(line)) > 0 {
				r.skip("neither a time stamp nor part of a row")
			}
			return nil
		}
		cur := rows[len(rows)-1]
		name, value, ok := strings.Cut(string(line[:min(len(line), maxColumn)]), ":")
		name = strings.TrimSpace(name)
		if !ok || !columnName(name) {
			if last == "" && len(bytes.TrimSpace(line)) > 0 {
				r.skip("no column of a row")
			}
			return nil // a statement goes on over several lines
		}
		if opening == "" {
			opening = name
		}
		if first && last == "" && name == opening && !stamped && len(rows) > 1 {
			rows = rows[:len(rows)-1]
			flush()
			rows = append(rows, cur)
			unstamped++
			if at != collectors.NoTime {
				at += unstampedStep
			}
		}
		if _, have := cur[name]; !have {
			cur[name], last = strings.TrimSpace(value), name
		}
		return nil
	})
	flush()
	switch {
	case at == collectors.NoTime:
		r.warn("neither the text nor the name of the file says when this was")
	case unstamped > 0:
		r.warn(fmt.Sprintf("its %d samples carry no time: they are taken to be a second apart from the time in the file's name on", unstamped+1))
	}
	return err
}

// unstampedStep is the time between two samples that carry none, pt-stalk's --sleep-collect.
const unstampedStep = 1_000_000

// maxRows bounds the rows of one sample.
const maxRows = 200_000

func columnName(s string) bool {
	if s == "" || len(s) > 64 {
		return false
	}
	for _, c := range s {
		if c != '_' && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return true
}

// column returns a column by its name in any case; NULL is no value.
func (w row) column(name string) (string, bool) {
	for k, v := range w {
		if strings.EqualFold(k, name) {
			return v, v != "NULL" && v != ""
		}
	}
	return "", false
}
