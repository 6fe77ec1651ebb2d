package logs

import (
	"context"
	"io"
	"sync"

	"dbtriage/collectors"
)

// MaxSkips is how many skipped pieces are kept with their place and reason; the rest are counted.
const MaxSkips = 5

// Parts says what a scan does with the events of its parts. P is what one part becomes: New makes
// an empty one for a worker, numbered from 0, Sink gives the functions that take its events, and Append
// joins a part to the total, after which nothing looks at it again. The texts of a statement are there
// until then, those of a request until the next. Of a slow log a part is one piece, and parts come in
// file order: schema is the one in force where the part begins, which statements marked
// SchemaInherited have. Of other logs a part is what one worker read, from anywhere in the file.
type Parts[P any] struct {
	New    func(worker int) P
	Sink   func(P) Sink
	Append func(total, part P, schema string)
}

// ScanOptions are what a scan may be told.
type ScanOptions struct {
	Workers int
	// Chunk is how many bytes are read at a time; 0 is the default. Any value gives the same result:
	// tests cut small inputs everywhere with it.
	Chunk int
	// Start is where the bytes to read lie in the input.
	Start Carry
	// Grows says that more may be appended to the input: a record that is not surely complete at its
	// end is left for the next scan.
	Grows bool
}

// A Result is what a scan says of its input beside the events.
type Result struct {
	Bytes    int64
	Events   int64
	Skipped  int64
	Skips    []collectors.Skip
	Warnings []string
	// Next is where another scan goes on, and Rest the bytes from there on that were read already.
	Next Carry
	Rest []byte
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
	if len(t.skips) < MaxSkips {
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
	for n := range s.workers {
		wg.Go(func() { s.work(ctx, n) })
	}
	wg.Wait()
	s.result.Next = s.carry()
	s.result.Rest = append(s.rest, s.chunks.carry...)
	return s.total, s.result, s.chunks.readError()
}

type scanner[P any] struct {
	format *Detected
	parts  Parts[P]
	chunks *chunker
	free   chan []byte // buffers; their number bounds the pieces in flight

	workers int

	mu     sync.Mutex // guards what follows
	next   int        // index of the piece to join next
	wait   map[int]*parsed[P]
	total  P
	result Result
	state  slowState
	rest   []byte // an unfinished record at the end of the last joined piece
	reader *slowReader
	lines  int64 // so far; -1 when unknown
	start  int64
}

func newScanner[P any](in io.Reader, f *Detected, opt ScanOptions, parts Parts[P]) *scanner[P] {
	if log, ok := in.(*Input); ok {
		in = log.Reader
	}
	s := &scanner[P]{format: f, parts: parts, wait: map[int]*parsed[P]{}, workers: max(opt.Workers, 1)}
	s.total = parts.New(s.workers)
	if f.unread != "" {
		s.result.Warnings = []string{f.unread}
	}
	s.start, s.state, s.lines = opt.Start.Offset, opt.Start.state(), opt.Start.Lines
	s.chunks = &chunker{in: in, cut: cutLines, limit: maxLine, size: chunkSize, grows: opt.Grows, base: s.start, torn: opt.Start.Torn}
	if f.newLine == nil {
		s.chunks.cut, s.chunks.limit = cutSlow, maxRecord
		s.reader = &slowReader{}
	}
	if opt.Chunk > 0 {
		s.chunks.size = opt.Chunk
	}
	s.chunks.useFile()
	s.free = make(chan []byte, s.workers+1)
	for range s.workers + 1 {
		s.free <- nil
	}
	return s
}

// work reads and parses pieces until there are none.
func (s *scanner[P]) work(ctx context.Context, worker int) {
	if s.format.newLine != nil {
		s.workLines(ctx, worker)
		return
	}
	reader := &slowReader{}
	s.pieces(ctx, func(d *parsed[P]) {
		d.part = s.parts.New(worker)
		sink := s.parts.Sink(d.part)
		s.chunks.runs(ctx, &d.piece, func(run piece) int {
			e := reader.read(run, d.slow.end, sink, &d.tally)
			d.slow.follow(e, int(run.base-d.piece.base))
			return e.rest
		})
	})
}

// workLines keeps one part for all pieces of a worker: a line inherits nothing from the one before,
// so only their skips must be told in file order.
func (s *scanner[P]) workLines(ctx context.Context, worker int) {
	lines := lineReader{parse: s.format.newLine()}
	part := s.parts.New(worker)
	sink := s.parts.Sink(part)
	s.pieces(ctx, func(d *parsed[P]) {
		s.chunks.lineRuns(ctx, &d.piece, func(run piece) { lines.read(run, sink, &d.tally) })
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	s.parts.Append(s.total, part, "")
}

func (s *scanner[P]) pieces(ctx context.Context, parse func(*parsed[P])) {
	for {
		buf := <-s.free
		p, ok := s.chunks.next(ctx, buf)
		if !ok {
			s.free <- buf
			return
		}
		done := &parsed[P]{piece: p}
		parse(done)
		s.join(done)
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
		if cap(buf) > 2*regionChunks*chunkSize {
			buf = nil // a huge statement came by; do not keep its memory
		}
		s.free <- buf
	}
}

func (s *scanner[P]) append(d *parsed[P]) {
	s.result.Bytes = d.piece.base + int64(len(d.piece.buf)) - s.start
	if s.reader != nil {
		s.appendSlow(d)
		return
	}
	s.count(&d.tally)
}

// appendSlow joins a piece of a slow log. Two things a worker cannot know are settled here: the
// time that the first records inherit, and whether the piece before ended inside a literal that
// goes on in this one.
func (s *scanner[P]) appendSlow(d *parsed[P]) {
	if len(s.rest) > 0 {
		// What the worker took for the first record may lie inside a literal: read again.
		p := d.piece
		p.buf = append(s.rest, p.buf...)
		p.base -= int64(len(s.rest))
		p.continued = false
		var t tally
		edges := s.again(p, &t)
		s.count(&t)
		s.rest = append([]byte(nil), p.buf[edges.rest:]...)
		return
	}
	if d.slow.headEnd > 0 {
		head := d.piece
		head.until = d.slow.headEnd
		var t tally
		s.again(head, &t)
		// Lines and skips of the head were counted by the worker.
		s.count(&tally{events: t.events, warnings: t.warnings})
	}
	s.parts.Append(s.total, d.part, string(s.state.schema))
	if d.slow.inherits && !s.state.schemaKnown {
		d.tally.warn(schemaUnknown)
	}
	s.count(&d.tally)
	if d.slow.end.timeKnown {
		s.state.time = d.slow.end.time
	}
	if d.slow.end.schemaKnown {
		s.state.schema = append(s.state.schema[:0], d.slow.end.schema...)
	}
	s.rest = append(s.rest[:0], d.piece.buf[d.slow.rest:]...)
}

const schemaUnknown = "reading began inside the log, and the first statements do not name their schema: it is unknown"

// again reads a piece in file order, with all that it inherits known.
func (s *scanner[P]) again(p piece, t *tally) slowEdges {
	part := s.parts.New(s.workers)
	edges := s.reader.read(p, s.state, s.parts.Sink(part), t)
	s.parts.Append(s.total, part, "")
	if edges.inherits {
		t.warn(schemaUnknown)
	}
	s.state = edges.end
	return edges
}

// count adds a tally, whose lines follow all lines counted so far.
func (s *scanner[P]) count(t *tally) {
	s.result.Events += t.events
	s.result.Skipped += t.skipped
	for _, k := range t.skips {
		if len(s.result.Skips) < MaxSkips {
			if k.Line += s.lines; s.lines < 0 {
				k.Line = 0
			}
			s.result.Skips = append(s.result.Skips, k)
		}
	}
	if s.lines >= 0 {
		s.lines += t.lines
	}
	all := tally{warnings: s.result.Warnings}
	for _, w := range t.warnings {
		all.warn(w)
	}
	s.result.Warnings = all.warnings
}
