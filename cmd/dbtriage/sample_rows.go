package main

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"dbtriage/ui/show"
)

// textRows are rows for people: under a heading that a terminal shows again on every screen.
type textRows struct {
	w       io.Writer
	all     []sampleColumn
	columns []sampleColumn // of those the ones that fit
	since   int            // rows since the heading; -1 before it
	sums    []weighted
	rows    int
}

// A weighted is what an average is made of.
type weighted struct{ sum, weight float64 }

func newTextRows(w io.Writer, columns []sampleColumn) rowWriter {
	return &textRows{w: w, all: columns, since: -1, sums: make([]weighted, len(columns))}
}

// timeWidth is "15:04:05" and what stands in its place: "average".
const timeWidth = 8

// fit leaves out the columns of less weight where the row is wider than the terminal.
func fit(all []sampleColumn, width int) []sampleColumn {
	columns := all
	for _, keep := range []func(c sampleColumn) bool{
		func(c sampleColumn) bool { return !c.wide },
		func(c sampleColumn) bool { return c.least },
	} {
		need := timeWidth
		for _, c := range columns {
			need += 1 + c.width
		}
		fewer := slices.DeleteFunc(slices.Clone(columns), func(c sampleColumn) bool { return !keep(c) })
		if need <= width || len(fewer) == 0 {
			break
		}
		columns = fewer
	}
	return columns
}

func (t *textRows) row(r sampleRow) error {
	columns := t.all
	width, height, terminal := terminalSize(t.w)
	if terminal {
		columns = fit(t.all, width)
	}
	var b strings.Builder
	if t.since < 0 || terminal && (t.since >= height-2 || len(columns) != len(t.columns)) {
		t.columns, t.since = columns, 0
		t.line(&b, "", func(c sampleColumn) string { return c.head })
	}
	t.line(&b, r.at.Format("15:04:05"), func(c sampleColumn) string { return shown(c, c.value, r.samples) })
	t.since++
	t.rows++
	for i, c := range t.all {
		v, ok := c.value(r.samples)
		weight := r.seconds
		if c.weight != nil {
			n, _ := c.weight(r.samples)
			weight *= n
		}
		if ok {
			t.sums[i].sum += v * weight
			t.sums[i].weight += weight
		}
	}
	_, err := io.WriteString(t.w, b.String())
	return err
}

func (t *textRows) line(b *strings.Builder, first string, cell func(c sampleColumn) string) {
	b.WriteString(show.Left(first, timeWidth))
	for _, c := range t.columns {
		b.WriteByte(' ')
		b.WriteString(show.Right(cell(c), c.width))
	}
	b.WriteByte('\n')
}

func shown(c sampleColumn, value func(samples) (float64, bool), all samples) string {
	if v, ok := value(all); ok {
		return c.show(v)
	}
	return show.NoValue
}

func (t *textRows) end() error {
	if t.rows == 0 {
		return nil
	}
	averages := map[string]weighted{}
	for i, c := range t.all {
		averages[c.name] = t.sums[i]
	}
	var b strings.Builder
	t.line(&b, "average", func(c sampleColumn) string {
		a := averages[c.name]
		return shown(c, func(samples) (float64, bool) { return a.sum / a.weight, a.weight > 0 }, nil)
	})
	_, err := io.WriteString(t.w, b.String())
	return err
}

// csvRows are rows for programs: the columns of a row in base units, empty where not known. They have
// no averages, which would be no row of that kind.
type csvRows struct {
	w       *csv.Writer
	columns []sampleColumn
	headed  bool
}

func newCSVRows(w io.Writer, columns []sampleColumn) rowWriter {
	return &csvRows{w: csv.NewWriter(w), columns: columns}
}

func (t *csvRows) row(r sampleRow) error {
	cells := make([]string, 0, len(t.columns)+2)
	if !t.headed {
		t.headed = true
		cells = append(cells, "time", "interval_s")
		for _, c := range t.columns {
			cells = append(cells, c.name)
		}
		if err := t.w.Write(cells); err != nil {
			return err
		}
		cells = cells[:0]
	}
	cells = append(cells, stampOf(r.at), strconv.FormatFloat(r.seconds, 'f', 3, 64))
	for _, c := range t.columns {
		cell := ""
		if v, ok := c.value(r.samples); ok {
			cell = strconv.FormatFloat(v, 'g', 7, 64)
		}
		cells = append(cells, cell)
	}
	if err := t.w.Write(cells); err != nil {
		return err
	}
	t.w.Flush() // whoever reads along wants the row now
	return t.w.Error()
}

func (t *csvRows) end() error { return nil }

func stampOf(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.000Z") }

// jsonRows are one object a line with every sample, of each core, disk and interface.
type jsonRows struct{ out *json.Encoder }

type jsonRow struct {
	Time     string       `json:"time"`
	Interval float64      `json:"interval_s"`
	Samples  []jsonSample `json:"samples"`
}

type jsonSample struct {
	Name     string  `json:"name"`
	Instance string  `json:"instance,omitempty"`
	Value    float64 `json:"value"`
}

func newJSONRows(w io.Writer, _ []sampleColumn) rowWriter { return jsonRows{json.NewEncoder(w)} }

func (t jsonRows) row(r sampleRow) error {
	row := jsonRow{Time: stampOf(r.at), Interval: r.seconds, Samples: make([]jsonSample, 0, len(r.samples))}
	for _, s := range r.samples {
		row.Samples = append(row.Samples, jsonSample{s.Name, s.Instance, s.Value})
	}
	return t.out.Encode(row)
}

func (t jsonRows) end() error { return nil }
