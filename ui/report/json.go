package report

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"iter"
	"runtime"
	"slices"
)

// WriteJSON writes the report for programs: one row of a list to a line, encoded one by one, so
// that a list of a million queries is never held a second time.
func WriteJSON(w io.Writer, r *Report, _ Style) error {
	e := newEncoder(w)
	e.field("version", r.Options.Version)
	rows(e, "sources", slices.Values(r.Sources), sourceRow)
	e.field("window", windowJSON{micros(r.Window.From), micros(r.Window.To)})
	e.field("server", r.serverRow())
	e.field("verdict", verdictRow(r.Verdict))
	e.field("attribution", r.attributionRow())
	e.field("coverage", r.coverageRow())
	e.field("workload", r.workloadRow())
	rows(e, "queries", r.allClasses(), r.queryRow)
	rows(e, "endpoints", slices.Values(top(r.Endpoints, r.Options.Top, 0)), r.endpointRow)
	rows(e, "peers", slices.Values(top(r.Peers, r.Options.Top, 0)), peerRow)
	rows(e, "findings", slices.Values(r.Findings), findingRow)
	rows(e, "gaps", slices.Values(r.Gaps), gapRow)
	e.field("overrides", overridesRow(r.InForce))
	e.field("series", seriesRow(r.series(r.Digest.Series.Cells(), seriesPoints)))
	return e.finish()
}

// seriesPoints bounds the points of each curve in JSON.
const seriesPoints = 600

// An encoder writes one JSON object, field by field.
type encoder struct {
	w      *bufio.Writer
	coder  *coder
	fields int
	err    error
}

func newEncoder(w io.Writer) *encoder {
	return &encoder{w: bufio.NewWriterSize(w, 64<<10), coder: newCoder()}
}

func (e *encoder) write(s string) {
	if e.err == nil {
		_, e.err = e.w.WriteString(s)
	}
}

func (e *encoder) name(name string) {
	if e.fields++; e.fields == 1 {
		e.write("{\n  ")
	} else {
		e.write(",\n  ")
	}
	e.write(`"` + name + `": `)
}

func (e *encoder) field(name string, v any) {
	e.name(name)
	if e.err != nil {
		return
	}
	var text []byte
	if text, e.err = e.coder.append(nil, v); e.err == nil {
		_, e.err = e.w.Write(text)
	}
}

const betweenRows = ",\n    "

// rowBatch is how many rows are encoded at a time.
const rowBatch = 512

// A batch is some rows of a list on their way to be text.
type batch[R any] struct {
	rows  []R
	coder *coder
	text  []byte
	err   error
	done  chan struct{}
}

func (b *batch[R]) encode() {
	for i := range b.rows {
		if i > 0 {
			b.text = append(b.text, betweenRows...)
		}
		if b.text, b.err = b.coder.append(b.text, b.rows[i]); b.err != nil {
			break
		}
	}
	b.done <- struct{}{}
}

// rows writes a list, one row to a line. Of a long one, rows are made, encoded and written side by side.
func rows[T, R any](e *encoder, name string, list iter.Seq[T], row func(T) R) {
	e.name(name)
	before, after := "[\n    ", "[]"
	n := runtime.GOMAXPROCS(0) + 1
	free, full, stop := make(chan *batch[R], n), make(chan *batch[R], n), make(chan struct{})
	for range n {
		free <- nil
	}
	go fill(list, row, free, full, stop)
	for b := range full {
		<-b.done
		e.write(before)
		if e.err == nil {
			e.err = b.err
		}
		if e.err == nil {
			_, e.err = e.w.Write(b.text)
		}
		if e.err != nil {
			break
		}
		before, after = betweenRows, "\n  ]"
		b.rows, b.text = b.rows[:0], b.text[:0]
		free <- b
	}
	close(stop)
	for range full { // what makes rows reads logs, which the caller is free to close
	}
	e.write(after)
}

// fill makes the rows of a list and has them encoded, in order, until told to stop.
func fill[T, R any](list iter.Seq[T], row func(T) R, free <-chan *batch[R], full chan<- *batch[R], stop <-chan struct{}) {
	defer close(full)
	var b *batch[R]
	for v := range list {
		if b == nil {
			select {
			case b = <-free:
			case <-stop:
				return
			}
			if b == nil {
				b = &batch[R]{coder: newCoder(), done: make(chan struct{}, 1)}
			}
		}
		if b.rows = append(b.rows, row(v)); len(b.rows) == rowBatch {
			go b.encode()
			full <- b // there is room for all
			b = nil
		}
	}
	if b != nil {
		go b.encode()
		full <- b
	}
}

// A coder makes JSON of values, one at a time.
type coder struct {
	buf bytes.Buffer
	enc *json.Encoder
}

func newCoder() *coder {
	c := &coder{}
	c.enc = json.NewEncoder(&c.buf)
	c.enc.SetEscapeHTML(false)
	return c
}

func (c *coder) append(dst []byte, v any) ([]byte, error) {
	c.buf.Reset()
	if err := c.enc.Encode(v); err != nil {
		return dst, err
	}
	return appendJSONSafe(dst, bytes.TrimSuffix(c.buf.Bytes(), []byte("\n"))), nil
}

func (e *encoder) finish() error {
	e.write("\n}\n")
	if err := e.w.Flush(); e.err == nil {
		e.err = err
	}
	return e.err
}
