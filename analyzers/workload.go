package analyzers

import (
	"cmp"
	"runtime"
	"slices"
	"sync"

	"dbtriage/analyzers/sqlshape"
)

// A WorkloadClass is the kind of business a read/write ratio speaks of.
type WorkloadClass string

// The classes and their cut points: the geometric midpoints between the notes' examples of games
// (1:4), communities (1:1) and e-commerce (4:1), which are 0.5 and 2.
const (
	WriteHeavy WorkloadClass = "write-heavy"
	Balanced   WorkloadClass = "balanced"
	ReadHeavy  WorkloadClass = "read-heavy"
)

// ClassOf classifies reads and writes; ok is false when there is neither.
func ClassOf(reads, writes int64) (class WorkloadClass, ok bool) {
	switch {
	case reads == 0 && writes == 0:
		return "", false
	case 2*reads < writes:
		return WriteHeavy, true
	case reads > 2*writes:
		return ReadHeavy, true
	}
	return Balanced, true
}

// A TableUse is how statements used one table.
type TableUse struct {
	Schema, Table string
	Reads, Writes int64 // statements
	TimeUS        int64 // of every statement that names the table, so tables share time
	Classes       int
}

// A Workload is what a digest's statements do to data.
type Workload struct {
	Reads, Writes, Other int64
	PeakQPS              float64 // statements a second in the busiest cell of the series
	PeakAt               int64   // seconds since the epoch
	PeakReads            int64   // in the busiest minute
	PeakWrites           int64
	Tables               []TableUse // by time, largest first
	// TablesUnknown counts reads and writes of classes whose tables could not be told.
	TablesUnknown int64
	// TablesOf gives each class, by fingerprint, the tables it names as schema.table or table.
	TablesOf map[string][]string
}

// maxTables bounds the tables of a workload: those that took the most time.
const maxTables = 10_000

// NewWorkload derives the workload of a digest; it parses one statement of every class.
func NewWorkload(d *Digest) (Workload, error) {
	st := &d.Statements
	w := Workload{Reads: st.Reads, Writes: st.Writes, Other: st.Count - st.Reads - st.Writes, TablesOf: map[string][]string{}}
	w.peak(d.Series)
	parser, err := sqlshape.NewParser()
	if err != nil {
		return w, err
	}
	var classes []*Class
	for _, c := range d.Classes {
		if c.Kind != Other {
			classes = append(classes, c)
		}
	}
	shapes := make([]sqlshape.Shape, len(classes))
	var wg sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	for n := range workers {
		wg.Go(func() {
			for i := n; i < len(classes); i += workers {
				if c := classes[i]; c.Worst.Truncated {
					shapes[i] = parser.ParseCut(c.Worst.SQL, c.Fingerprint)
				} else {
					shapes[i] = parser.Parse(c.Worst.SQL)
				}
			}
		})
	}
	wg.Wait()
	tables := map[sqlshape.Table]*TableUse{}
	for i, c := range classes {
		w.addTables(tables, c, shapes[i])
	}
	for _, u := range tables {
		w.Tables = append(w.Tables, *u)
	}
	slices.SortFunc(w.Tables, func(a, b TableUse) int {
		return cmp.Or(cmp.Compare(b.TimeUS, a.TimeUS), cmp.Compare(a.Schema, b.Schema), cmp.Compare(a.Table, b.Table))
	})
	if len(w.Tables) > maxTables {
		w.Tables = w.Tables[:maxTables]
	}
	return w, nil
}

// addTables gives a class's calls to its tables. A table without a schema is in the default one,
// which may differ from call to call.
func (w *Workload) addTables(tables map[sqlshape.Table]*TableUse, c *Class, s sqlshape.Shape) {
	if len(s.Reads)+len(s.Writes) == 0 {
		w.TablesUnknown += c.Time.Count
		return
	}
	add := func(t sqlshape.Table, write bool) {
		name := t.Name
		if t.Schema != "" {
			name = t.Schema + "." + name
			use(tables, t, write, Usage{c.Time.Count, c.Time.Sum})
		} else {
			for schema, u := range c.Databases.All() {
				use(tables, sqlshape.Table{Schema: schema, Name: t.Name}, write, u)
			}
			if c.Databases.Len() == 1 {
				for schema := range c.Databases.All() {
					if schema != "" {
						name = schema + "." + name
					}
				}
			}
		}
		w.TablesOf[c.Fingerprint] = append(w.TablesOf[c.Fingerprint], name)
	}
	for _, t := range s.Writes {
		add(t, true)
	}
	for _, t := range s.Reads {
		add(t, false)
	}
}

func use(tables map[sqlshape.Table]*TableUse, t sqlshape.Table, write bool, u Usage) {
	e := tables[t]
	if e == nil {
		e = &TableUse{Schema: t.Schema, Table: t.Name}
		tables[t] = e
	}
	e.Classes++
	e.TimeUS += u.TimeUS
	if write {
		e.Writes += u.Calls
	} else {
		e.Reads += u.Calls
	}
}

// peak finds the busiest cell and the reads and writes of the busiest minute.
func (w *Workload) peak(s *SecondSeries) {
	type minute struct{ all, reads, writes int64 }
	minutes := map[int64]minute{}
	var best minute
	for _, c := range s.Cells() {
		if qps := float64(c.Statements) / float64(s.Width()); qps > w.PeakQPS {
			w.PeakQPS, w.PeakAt = qps, c.Start
		}
		at := floorDiv(c.Start, 60)
		m := minutes[at]
		m.all, m.reads, m.writes = m.all+c.Statements, m.reads+c.Reads, m.writes+c.Writes
		minutes[at] = m
		if m.all > best.all {
			best = m
		}
	}
	w.PeakReads, w.PeakWrites = best.reads, best.writes
}
