package logs

import (
	"bytes"
	"context"
	"io"

	"dbtriage/collectors"
)

// A log that is asked for one span of time need not be read whole when its times are in order. That
// is checked where it is looked at: at places spread over the file, inside and between them, and on
// the way of the search. A server writes a record when it ends, so times fall back by little, if at
// all; but Nginx with a buffer writes late, clocks are set, and files are joined. So what the search
// leaves out is gone through for its times by NarrowSafely, which is what a result may rest on.

const (
	// seekSize is the size from which on a file is worth looking at.
	seekSize = 16 << 20
	// seekPlaces is how many places are looked at before the search.
	seekPlaces = 32
	// seekBlock is how much is read at one place, and seekGrain how far the search narrows down.
	seekBlock = 64 << 10
	seekGrain = 1 << 20
	// disorder is how far back time may fall, and seekMargin how far outside of the span reading
	// begins and ends; both in microseconds.
	disorder   = 5e6
	seekMargin = 2 * disorder
)

// A place is what one look into a file showed.
type place struct {
	at        int64 // where the look began
	start     Carry // of the first record with a time of its own, and a schema if one has
	end       int64 // offset of the first record with a time
	low, high int64 // instants
}

// Narrow makes reading begin and end near a span of time, if the input is a plain file whose times
// are in order where it is looked at; either end may be collectors.NoTime. It returns where the bytes
// to read lie, and their number; ok is false when all must be read.
func (in *Input) Narrow(from, to int64) (start Carry, size int64, ok bool) {
	start, end, ok := in.span(from, to)
	if ok {
		in.Narrowed = true
		in.section(start.Offset, end)
	}
	return start, end - start.Offset, ok
}

// NarrowSafely is Narrow for results that must be those of reading all: it goes through the times of
// what is left out, and is not ok when one lies in the span. That costs a part of what reading does,
// and tells what the first record of the span inherits.
func (in *Input) NarrowSafely(ctx context.Context, from, to int64, workers int) (start Carry, size int64, ok bool) {
	start, end, ok := in.span(from, to)
	if !ok {
		return Carry{}, 0, false
	}
	whole := in.Reader
	behind := Carry{Offset: end, Lines: -1, SchemaUnknown: true}
	before, ok := in.outside(ctx, Carry{}, start.Offset, from, to, workers)
	if ok {
		_, ok = in.outside(ctx, behind, in.Size, from, to, workers)
	}
	if !ok {
		in.Reader = whole
		return Carry{}, 0, false
	}
	in.Narrowed = true
	in.section(before.Offset, end)
	return before, end - before.Offset, true
}

// outside goes through the times of a part of the file. It is ok when none lies in the span, and
// returns where the last record begins that may go on behind the part.
func (in *Input) outside(ctx context.Context, start Carry, end, from, to int64, workers int) (next Carry, ok bool) {
	if start.Offset >= end {
		return start, true
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	see := func(us int64) {
		if us != collectors.NoTime && (from == collectors.NoTime || us >= from) && (to == collectors.NoTime || us < to) {
			cancel()
		}
	}
	sink := Sink{
		Request:   func(r *collectors.Request) { see(r.End) },
		Statement: func(st *collectors.Statement) { see(st.End) },
	}
	format := *in.Detected
	if newLine := format.newLine; newLine != nil {
		format.newLine = func() LineParser { return onlyTimes(newLine(), from, to) }
	}
	_, res, err := Scan(ctx, io.NewSectionReader(in.file, start.Offset, end-start.Offset), &format,
		ScanOptions{Workers: workers, Start: start, Grows: end < in.Size}, Parts[struct{}]{
			New:    func(int) struct{} { return struct{}{} },
			Sink:   func(struct{}) Sink { return sink },
			Append: func(_, _ struct{}, _ string) {},
		})
	return res.Next, err == nil && ctx.Err() == nil
}

// onlyTimes makes a parser that passes over lines whose time in brackets is, to the letter, that of a
// line before, and far from a span of time: most lines of an access log share their second with others.
func onlyTimes(parse LineParser, from, to int64) LineParser {
	const far = 2e6 // what else a line has for its time is within that, or this is not done
	var c clock
	var known [len("05/Mar/2024:10:00:00 +0000")]byte
	usual := true
	return func(line []byte, req *collectors.Request) string {
		var text []byte
		if i := bytes.IndexByte(line, '['); usual && i >= 0 && len(line) > i+1+len(known) && line[i+1+len(known)] == ']' {
			if text = line[i+1 : i+1+len(known)]; string(text) == string(known[:]) {
				req.End = collectors.NoTime
				return ""
			}
		}
		why := parse(line, req)
		if text == nil || why != "" {
			return why
		}
		us, ok := c.local(text)
		if usual = ok && req.End > us-far && req.End < us+far; !usual {
			known = [len(known)]byte{}
		} else if from != collectors.NoTime && us < from-far || to != collectors.NoTime && us >= to+far {
			copy(known[:], text)
		}
		return ""
	}
}

// span finds where reading may begin and end for a span of time.
func (in *Input) span(from, to int64) (start Carry, end int64, ok bool) {
	if in.file == nil || in.Size < seekSize || from == collectors.NoTime && to == collectors.NoTime {
		return Carry{}, 0, false
	}
	s := newSeeker(in.file, in.Size, in.Detected)
	places, ok := s.spread()
	if !ok {
		return Carry{}, 0, false
	}
	end = in.Size
	if from != collectors.NoTime {
		before, _, ok := s.search(places, func(p *place) bool { return p.high < from-seekMargin })
		if !ok {
			return Carry{}, 0, false
		}
		if before != nil {
			start = before.start
		}
	}
	if to != collectors.NoTime {
		_, after, ok := s.search(places, func(p *place) bool { return p.low < to+seekMargin })
		if !ok {
			return Carry{}, 0, false
		}
		if after != nil {
			end = after.end
		}
	}
	in.First, in.Last = places[0].low, places[len(places)-1].high
	if p := s.look(max(0, in.Size-seekBlock)); p != nil {
		in.Last = max(in.Last, p.high)
	}
	return start, end, (start.Offset > 0 || end < in.Size) && start.Offset <= end
}

// A seeker looks into one file.
type seeker struct {
	file  io.ReaderAt
	size  int64
	buf   []byte
	lines *lineReader
	slow  *slowReader
}

func newSeeker(file io.ReaderAt, size int64, d *Detected) *seeker {
	s := &seeker{file: file, size: size}
	if d.newLine != nil {
		s.lines = &lineReader{parse: d.newLine()}
	} else {
		s.slow = &slowReader{}
	}
	return s
}

// spread looks at places all over the file; it is not ok when time is not in order there.
func (s *seeker) spread() (all []*place, ok bool) {
	for i := range int64(seekPlaces) {
		p := s.look(s.size / seekPlaces * i)
		if p == nil || i > 0 && !inOrder(all[i-1], p) {
			return nil, false
		}
		all = append(all, p)
	}
	return all, true
}

func inOrder(a, b *place) bool { return b.low >= a.high-disorder }

// search returns the last place that is still before and the next that is not, to the grain; nil
// when there is none. Those that are before come first.
func (s *seeker) search(places []*place, before func(*place) bool) (last, next *place, ok bool) {
	for _, p := range places {
		if !before(p) {
			next = p
			break
		}
		last = p
	}
	if last == nil {
		return nil, next, true
	}
	limit := s.size
	if next != nil {
		limit = next.at
	}
	for limit-last.at > seekGrain {
		mid := s.look(last.at + (limit-last.at)/2)
		if mid == nil || !inOrder(last, mid) || next != nil && !inOrder(mid, next) {
			return nil, nil, false
		}
		if before(mid) {
			last = mid
		} else {
			next, limit = mid, mid.at
		}
	}
	return last, next, true
}

// look reads the records that begin at or after at; nil when there is none with a time, or when
// their times are not in order.
func (s *seeker) look(at int64) *place {
	for block := int64(seekBlock); block <= 256*seekBlock; block *= 8 {
		buf := s.read(at, block)
		p, ok := s.parse(at, buf)
		if !ok {
			return nil
		}
		if p != nil {
			return p
		}
		if at+int64(len(buf)) >= s.size {
			return nil
		}
	}
	return nil
}

func (s *seeker) read(at, n int64) []byte {
	if int64(cap(s.buf)) < n {
		s.buf = make([]byte, n)
	}
	got, _ := s.file.ReadAt(s.buf[:min(n, s.size-at)], at)
	return s.buf[:got]
}

// parse makes a place of the records in buf; ok is false when their times are not in order.
func (s *seeker) parse(at int64, buf []byte) (p *place, ok bool) {
	ok = true
	see := func(offset, us int64) {
		if us == collectors.NoTime {
			return
		}
		if p == nil {
			p = &place{at: at, end: offset, low: us, high: us}
			p.start = Carry{Offset: offset, Lines: -1, Time: us, HasTime: true, SchemaUnknown: s.slow != nil}
		}
		ok = ok && us >= p.high-disorder
		p.low, p.high = min(p.low, us), max(p.high, us)
	}
	var t tally
	if s.lines != nil {
		end := bytes.LastIndexByte(buf, '\n') + 1
		s.lines.read(piece{base: at, buf: buf[:end], continued: at > 0}, Sink{Request: func(r *collectors.Request) { see(r.Offset, r.End) }}, &t)
		return p, ok
	}
	s.slow.read(piece{base: at, buf: buf, continued: at > 0}, slowState{}, Sink{Statement: func(st *collectors.Statement) {
		see(st.Offset, st.End)
		if p != nil && p.start.SchemaUnknown && !st.SchemaInherited {
			p.start.Offset, p.start.Time, p.start.SchemaUnknown = st.Offset, st.End, false
		}
	}}, &t)
	return p, ok
}
