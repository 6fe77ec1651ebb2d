package main

import (
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// A Schema is an application: its tables, the indexes that someone who knows it would give them, and
// the statements it sends.
type Schema struct {
	Name      string
	Tables    []Table
	Expert    []string // "table (columns)"
	Literals  map[string]value
	Templates []Template
}

// A Table is made row by row from its columns. Keys are its constraints: they stay when indexes are dropped.
type Table struct {
	Name    string
	Rows    int // at scale 1
	Fixed   bool
	Columns []Column
	Keys    []string
}

// A Column is its definition and what its rows hold.
type Column struct {
	Def   string
	Value value
}

// A Template is a statement whose {names} are replaced by fresh literals of its schema: the same name by
// the same literal, {name1} and {name2} by two of name. Calls is how often the workload sends it, and its
// weight in the score.
type Template struct {
	SQL   string
	Calls int
}

// A draw is what a value is made from.
type draw struct {
	*rand.Rand
	row  int // from 0
	rows func(table string) int
}

// A value makes one cell of a row, or one literal, without quotes.
type value func(d *draw) string

// scaled returns the rows of a table at a scale.
func (s *Schema) scaled(scale float64) func(table string) int {
	return func(table string) int {
		for _, t := range s.Tables {
			switch {
			case t.Name != table:
			case t.Fixed:
				return t.Rows
			default:
				return max(1, int(float64(t.Rows)*scale))
			}
		}
		panic("no table " + table + " in " + s.Name)
	}
}

// chance returns the random numbers of one purpose: one more table or template leaves those of the
// others as they are.
func chance(seed uint64, purpose string) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(purpose))
	return rand.New(rand.NewPCG(seed, h.Sum64()))
}

var placeholder = regexp.MustCompile(`\{([a-z]+)\d*\}`)

// fill puts fresh literals into a template.
func (s *Schema) fill(t Template, d *draw) string {
	known := map[string]string{}
	return placeholder.ReplaceAllStringFunc(t.SQL, func(name string) string {
		if _, ok := known[name]; !ok {
			literal := s.Literals[placeholder.FindStringSubmatch(name)[1]]
			if literal == nil {
				panic("no literal " + name + " in " + s.Name)
			}
			known[name] = literal(d)
		}
		return known[name]
	})
}

// serial numbers the rows from 1.
func serial(d *draw) string { return strconv.Itoa(d.row + 1) }

// upTo is any of 1 to n.
func upTo(n int) value { return func(d *draw) string { return strconv.Itoa(1 + d.IntN(n)) } }

// between is any of from to to.
func between(from, to int) value {
	return func(d *draw) string { return strconv.Itoa(from + d.IntN(to-from+1)) }
}

// ref is the number of any row of a table.
func ref(table string) value {
	return func(d *draw) string { return strconv.Itoa(1 + d.IntN(d.rows(table))) }
}

// popular is the number of a row of a table; low numbers come far more often.
func popular(table string) value {
	return func(d *draw) string {
		n := d.rows(table)
		return strconv.Itoa(1 + min(n-1, int(float64(n)*math.Pow(d.Float64(), 2))))
	}
}

// parent gives each row of a table the same number of children, one after the other; child numbers these.
func parent(each int) value { return func(d *draw) string { return strconv.Itoa(1 + d.row/each) } }
func child(each int) value  { return func(d *draw) string { return strconv.Itoa(1 + d.row%each) } }

// oneOf picks from "value:weight" words.
func oneOf(words string) value {
	var values []string
	var upper []int
	sum := 0
	for w := range strings.FieldsSeq(words) {
		v, weight, _ := strings.Cut(w, ":")
		n, err := strconv.Atoi(weight)
		if err != nil {
			panic(words)
		}
		sum += n
		values, upper = append(values, v), append(upper, sum)
	}
	return func(d *draw) string {
		n := d.IntN(sum)
		for i, u := range upper {
			if n < u {
				return values[i]
			}
		}
		panic("unreachable")
	}
}

// epoch is the first day of all data, and span how many days they cover.
var epoch = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)

const span = 365

func stamp(seconds int) string {
	return epoch.Add(time.Duration(seconds) * time.Second).Format(time.DateTime)
}

// anyTime is any second of the span.
func anyTime(d *draw) string { return stamp(d.IntN(span * 86400)) }

// days is a day of the span between two of its days.
func days(from, to int) value {
	return func(d *draw) string { return stamp(86400 * (from + d.IntN(to-from)))[:10] }
}

// rising are times in the order of the rows of a table, as of a log.
func rising(table string) value {
	return func(d *draw) string { return stamp(int(float64(d.row) / float64(d.rows(table)) * span * 86400)) }
}

// text is n letters and spaces.
func text(n int) value {
	return func(d *draw) string {
		b := make([]byte, n)
		for i := range b {
			if b[i] = byte('a' + d.IntN(26)); i > 0 && i < n-1 && d.IntN(7) == 0 {
				b[i] = ' '
			}
		}
		return string(b)
	}
}

// nameOf makes a name of the number of a row of a table: its column has it of each row, and a literal
// of any.
func nameOf(format string) value {
	return func(d *draw) string { return fmt.Sprintf(format, (d.row+1)*7919%1_000_003) }
}

// of makes a literal of any row of a table.
func of(table string, v value) value {
	return func(d *draw) string {
		return v(&draw{d.Rand, d.IntN(d.rows(table)), d.rows})
	}
}
