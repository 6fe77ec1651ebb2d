package advise

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// A planLine is what the plan that MariaDB logs says of one table: log_slow_verbosity=explain.
type planLine struct {
	scan     bool    // all of the table or of one of its indexes is read
	key      string  // by which rows are found
	perRow   bool    // it is looked up with values of the tables before, once for each of their rows
	rows     float64 // read each time the table is looked up
	filtered float64 // share of them, 0 to 1, that its conditions leave
	// sorted says that they were filtered and sorted before they were counted: rows are those that came out and
	// were asked for, filtered is 1, and how many were read is not told.
	sorted bool
}

// loggedPlan reads a logged plan, by the lower-case names the statement gives its tables. Left out is what was
// not run, and a name that stands in two blocks.
func loggedPlan(explain string) map[string]planLine {
	lines := strings.Split(strings.Trim(explain, "\n"), "\n")
	header := strings.Split(strings.Trim(lines[0], " \r"), "\t")
	at := func(name string) int { return slices.Index(header, name) }
	table, kind, key, ref := at("table"), at("type"), at("key"), at("ref")
	rows, filtered, extra := at("r_rows"), at("r_filtered"), at("Extra")
	if min(table, kind, key, ref, rows, filtered, extra) < 0 {
		return nil
	}
	out := map[string]planLine{}
	seen := map[string]bool{}
	for _, text := range lines[1:] {
		cells := strings.Split(strings.Trim(text, " \r\n"), "\t")
		if len(cells) != len(header) {
			continue
		}
		name := strings.ToLower(cells[table])
		met, err1 := strconv.ParseFloat(cells[rows], 64)
		left, err2 := strconv.ParseFloat(cells[filtered], 64)
		if seen[name] || err1 != nil || err2 != nil || math.IsNaN(met) || math.IsNaN(left) || met < 0 || left < 0 {
			delete(out, name)
			seen[name] = true
			continue
		}
		seen[name] = true
		out[name] = planLine{
			scan: cells[kind] == "ALL" || cells[kind] == "index", key: cells[key], rows: met, filtered: min(left/100, 1),
			perRow: strings.Contains(cells[ref], ".") || strings.Contains(cells[ref], "func"),
			sorted: strings.Contains(cells[extra], "Using filesort") && !strings.Contains(cells[extra], "Using temporary"),
		}
	}
	return out
}
