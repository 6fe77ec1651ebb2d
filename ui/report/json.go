package report

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"iter"
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
	buf    bytes.Buffer
	enc    *json.Encoder
	safe   []byte
	fields int
	err    error
}

func newEncoder(w io.Writer) *encoder {
	e := &encoder{w: bufio.NewWriterSize(w, 64<<10)}
	e.enc = json.NewEncoder(&e.buf)
	e.enc.SetEscapeHTML(false)
	return e
}

func (e *encoder) write(s string) {
	if e.err == nil {
		_, e.err = e.w.WriteString(s)
	}
}

func (e *encoder) value(v any) {
	if e.err != nil {
		return
	}
	e.buf.Reset()
	if e.err = e.enc.Encode(v); e.err != nil {
		return
	}
	e.safe = appendJSONSafe(e.safe[:0], bytes.TrimRight(e.buf.Bytes(), "\n"))
	_, e.err = e.w.Write(e.safe)
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
	e.value(v)
}

// rows writes a list, one row to a line. While rows are written the next ones are made: for that the
// text of a query may have to be read again.
func rows[T, R any](e *encoder, name string, list iter.Seq[T], row func(T) R) {
	e.name(name)
	between, after := "[\n    ", "[]"
	made, stop := make(chan []R, 1), make(chan struct{})
	go func() {
		defer close(made)
		batch := make([]R, 0, rowBatch)
		for v := range list {
			if batch = append(batch, row(v)); len(batch) < rowBatch {
				continue
			}
			select {
			case made <- batch:
				batch = make([]R, 0, rowBatch)
			case <-stop:
				return
			}
		}
		made <- batch
	}()
	stopped := false
	for batch := range made {
		for i := range batch {
			e.write(between)
			e.value(batch[i])
			between, after = ",\n    ", "\n  ]"
		}
		if e.err != nil && !stopped {
			stopped = true
			close(stop)
		}
	}
	e.write(after)
}

// rowBatch is how many rows are handed over at a time.
const rowBatch = 128

func (e *encoder) finish() error {
	e.write("\n}\n")
	if err := e.w.Flush(); e.err == nil {
		e.err = err
	}
	return e.err
}
