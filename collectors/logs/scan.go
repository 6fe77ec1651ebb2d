package logs

import (
	"context"
	"io"
	"sync"

	"dbtriage/collectors"
)

// maxSkips is how many skipped pieces are kept with their place and reason; the rest are counted.
const maxSkips = 5

// Parts says what a scan does with the events of its parts. P is what one part becomes: New makes
// an empty one, Sink gives the functions that take its events, and Append joins a part to the
// total of all parts before it, in file order. The schema is the one in force where the part
// begins: statements marked SchemaInherited have it.
type Parts[P any] struct {
	New    func() P
	Sink   func(P) Sink
	Append func(total, part P, schema string)
}

// ScanOptions are what a scan may be told.
type ScanOptions struct {
	Workers int
	// Chunk is how many bytes are read at a time; 0 is the default. Any value gives the same result:
	// tests cut small inputs everywhere with it.
	Chunk int
}

// A Result is what a scan says of its input beside the events.
type Result struct {
	Bytes    int64
	Events   int64
	Skipped  int64
	Skips    []collectors.Skip
	Warnings []string
}

// A parsed is one piece after a worker has read it, on its way to be joined in file order.
type parsed[P any] struct {
	piece piece
	part  P
	tally tally
	slow  slowEdges
}

// A tally counts what came of a piece. Line numbers in it are relative to the piece.
type tally struct {
	events, skipped, lines int64
	skips                  []collectors.Skip
	warnings               []string
}

func (t *tally) skip(offset, line int64, why string) {
	t.skipped++
	if len(t.skips) < maxSkips {
		t.skips = append(t.skips, collectors.Skip{Offset: offset, Line: line, Why: why})
	}
}

func (t *tally) warn(what string) {
	for _, w := range t.warnings {
		if w == what {
			return
		}
	}
	t.warnings = append(t.warnings, what)
}

// Scan reads one input to its end and returns the total of its parts. The error says what stopped
// it early; the total then holds all that was read until there.
func Scan[P any](ctx context.Context, in io.Reader, f *Detected, opt ScanOptions, parts Parts[P]) (P, Result, error) {
	s := newScanner(in, f, opt, parts)
	var wg sync.WaitGroup
	for range max(opt.Workers, 1) {
		wg.Go(func() { s.work(ctx) })
	}
	wg.Wait()
	return s.total, s.result, s.chunks.readError()
}

type scanner[P any] struct {
	format *Detected
	parts  Parts[P]
	chunks *chunker
	free   chan []byte // buffers; their number bounds the pieces in flight

	mu     sync.Mutex // guards what follows
	next   int        // index of the piece to join next
	wait   map[int]*parsed[P]
	total  P
	result Result
	state  slowState
	rest   []byte // an unfinished record at the end of the last joined piece
	reader *slowReader
	lines  int64
}

func newScanner[P any](in io.Reader, f *Detected, opt ScanOptions, parts Parts[P]) *scanner[P] {
	s := &scanner[P]{format: f, parts: parts, wait: map[int]*parsed[P]{}, total: parts.New()}
	s.state = slowState{time: collectors.NoTime, timeKnown: true, schemaKnown: true}
	s.chunks = &chunker{in: in, cut: cutLines, limit: maxLine, size: chunkSize}
	if f.newLine == nil {
		s.chunks.cut, s.chunks.limit = cutSlow, maxRecord
		s.reader = &slowReader{}
	}
	if opt.Chunk > 0 {
		s.chunks.size = opt.Chunk
	}
	workers := max(opt.Workers, 1)
	s.free = make(chan []byte, 2*workers)
	for range 2 * workers {
		s.free <- nil
	}
	return s
}

// work reads and parses pieces until there are none.
func (s *scanner[P]) work(ctx context.Context) {
	parse := s.lineParser()
	if s.format.newLine == nil {
		parse = s.slowParser()
	}
	for {
		buf := <-s.free
		p, ok := s.chunks.next(ctx, buf)
		if !ok {
			s.free <- buf
			return
		}
		done := &parsed[P]{piece: p, part: s.parts.New()}
		parse(done)
		s.join(done)
	}
}

func (s *scanner[P]) lineParser() func(*parsed[P]) {
	var lines lineReader
	if s.format.newLine != nil {
		lines.parse = s.format.newLine()
	}
	return func(d *parsed[P]) { lines.read(d.piece, s.parts.Sink(d.part), &d.tally) }
}

func (s *scanner[P]) slowParser() func(*parsed[P]) {
	reader := &slowReader{}
	return func(d *parsed[P]) {
		d.slow = reader.read(d.piece, slowState{}, s.parts.Sink(d.part), &d.tally)
	}
}

// join takes in a parsed piece, and every piece that was waiting for it.
func (s *scanner[P]) join(d *parsed[P]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wait[d.piece.index] = d
	for d := s.wait[s.next]; d != nil; d = s.wait[s.next] {
		delete(s.wait, s.next)
		s.next++
		s.append(d)
		buf := d.piece.buf
		if cap(buf) > 4*chunkSize {
			buf = nil // a huge statement came by; do not keep its memory
		}
		s.free <- buf
	}
}

func (s *scanner[P]) append(d *parsed[P]) {
	s.result.Bytes = d.piece.base + int64(len(d.piece.buf))
	if s.reader != nil {
		s.appendSlow(d)
		return
	}
	s.parts.Append(s.total, d.part, "")
	s.count(&d.tally)
}

// appendSlow joins a piece of a slow log. Two things a worker cannot know are settled here: the
// time that the first records inherit, and whether the piece before ended inside a literal that
// goes on in this one.
func (s *scanner[P]) appendSlow(d *parsed[P]) {
	total := s.parts.Sink(s.total)
	if len(s.rest) > 0 {
		// What the worker took for the first record may lie inside a literal: read again.
		p := d.piece
		p.buf = append(s.rest, p.buf...)
		p.base -= int64(len(s.rest))
		p.continued = false
		var t tally
		edges := s.reader.read(p, s.state, total, &t)
		s.count(&t)
		s.state = edges.end
		s.rest = append([]byte(nil), p.buf[edges.rest:]...)
		return
	}
	if d.slow.headEnd > 0 {
		head := d.piece
		head.until = d.slow.headEnd
		var t tally
		s.state = s.reader.read(head, s.state, total, &t).end
		// Lines and skips of the head were counted by the worker.
		s.result.Events += t.events
	}
	schema := string(s.state.schema)
	s.parts.Append(s.total, d.part, schema)
	s.count(&d.tally)
	if d.slow.end.timeKnown {
		s.state.time = d.slow.end.time
	}
	if d.slow.end.schemaKnown {
		s.state.schema = append(s.state.schema[:0], d.slow.end.schema...)
	}
	s.rest = append(s.rest[:0], d.piece.buf[d.slow.rest:]...)
}

// count adds a tally, whose lines follow all lines counted so far.
func (s *scanner[P]) count(t *tally) {
	s.result.Events += t.events
	s.result.Skipped += t.skipped
	for _, k := range t.skips {
		if len(s.result.Skips) < maxSkips {
			k.Line += s.lines
			s.result.Skips = append(s.result.Skips, k)
		}
	}
	s.lines += t.lines
	all := tally{warnings: s.result.Warnings}
	for _, w := range t.warnings {
		all.warn(w)
	}
	s.result.Warnings = all.warnings
}
