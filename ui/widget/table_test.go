package widget

import (
	"math"
	"strings"
	"testing"
)

func plain(l Line) string {
	var b strings.Builder
	for _, s := range l {
		b.WriteString(s.Text)
	}
	return b.String()
}

func sample() *Table {
	return &Table{
		Columns: []Column{{Name: "name", Width: 6}, {Name: "calls", Width: 6, Right: true, Priority: 2}, {Name: "time", Width: 6, Right: true, Priority: 1}, {Name: "text", Width: 8, Flex: true}},
		Rows: []Row{
			{Key: "a", Cells: []Cell{Name("alpha"), Number("10", 10), Number("2s", 2e6), Name("one two")}, Copy: "select 1"},
			{Key: "b", Cells: []Cell{Name("beta"), Number("9", 9), Number("300ms", 3e5), Name("three")}},
			{Key: "c", Cells: []Cell{Name("gamma"), Name("--"), Number("1s", 1e6), Name("four")}},
		},
	}
}

// Numbers sort as numbers, largest first; what has no value comes last either way round.
func TestSorted(t *testing.T) {
	keys := func(rows []Row) (out string) {
		for _, r := range rows {
			out += r.Key
		}
		return out
	}
	for _, c := range []struct {
		column  string
		reverse bool
		want    string
	}{{"calls", false, "abc"}, {"calls", true, "bac"}, {"time", false, "acb"}, {"time", true, "bca"}, {"name", false, "abc"}, {"name", true, "cba"}, {"", false, "abc"}, {"none", false, "abc"}} {
		if got := keys(sample().Sorted(c.column, c.reverse)); got != c.want {
			t.Errorf("by %q, reverse %v: %s, want %s", c.column, c.reverse, got, c.want)
		}
	}
}

// Columns go by their priority, the first one stays, and no line is wider than asked.
func TestColumnsGoByPriority(t *testing.T) {
	for width, want := range map[int]string{60: "name calls time text", 24: "name time text", 16: "name text"} {
		lines, _ := sample().Draw(Style{}, sample().Rows, Pick{}, width, 10)
		if got := strings.Join(strings.Fields(plain(lines[0])), " "); got != want {
			t.Errorf("%d columns: %q, want %q", width, got, want)
		}
		for _, l := range lines {
			if n := Style.Columns(Style{}, plain(l)); n > width {
				t.Errorf("%d columns: %q", width, plain(l))
			}
		}
	}
}

// Scrolled sideways, the first column stays.
func TestSideways(t *testing.T) {
	lines, _ := sample().Draw(Style{}, sample().Rows, Pick{Column: 3}, 60, 10)
	if got := strings.Fields(plain(lines[0])); len(got) != 2 || got[0] != "name" || got[1] != "text" {
		t.Errorf("scrolled to the last column: %q", got)
	}
}

// Where a curve is not known it is blank, at its beginning too: it must not move.
func TestCurvesDoNotMove(t *testing.T) {
	curve := Spark([]float64{math.NaN(), math.NaN(), 1, math.NaN(), 2}, true)
	if got := (Style{ASCII: true}).Fit(curve, 6); got != "  = # " {
		t.Errorf("the curve is %q", got)
	}
}

func TestFilterTerms(t *testing.T) {
	for text, want := range map[string]string{
		"": "abc", "alpha": "a", "ALPHA": "a", "a": "abc", "!alpha": "bc", "name:^a": "a", "text:t": "ab", "nam:beta": "b", "one two": "a", "select": "a",
		"!name:alpha !name:beta": "c", "time:^1s$": "c", "[": "error", "name:(": "error", "!": "", "x:y": "",
	} {
		f, err := ParseFilter(text)
		if err != nil {
			if want != "error" {
				t.Errorf("%q: %v", text, err)
			}
			continue
		}
		var got string
		for _, r := range f.Keep(sample(), sample().Rows) {
			got += r.Key
		}
		if got != want {
			t.Errorf("%q keeps %q, want %q", text, got, want)
		}
	}
}

func TestWindowHoldsTheCursor(t *testing.T) {
	for n := range 30 {
		for height := range 12 {
			for cursor := range n {
				first := Window(cursor, n, height)
				if height > 0 && (cursor < first || cursor >= first+height || first < 0 || n > height && first+height > n) {
					t.Fatalf("row %d of %d in %d lines: from %d", cursor, n, height, first)
				}
			}
		}
	}
}

func TestHeat(t *testing.T) {
	if got := Heat([]float64{0, math.NaN(), 1, 2, 4}, true); got != ". -=#" {
		t.Errorf("heat: %q", got)
	}
}

func TestLimit(t *testing.T) {
	lines := Style{}.Paragraph("why: ", Faint, "one two three four five six seven eight nine ten", Plain, 20)
	got := Style{}.Limit(lines, 2, 20)
	if len(got) != 2 || !strings.HasSuffix(plain(got[1]), "…") || len([]rune(plain(got[1]))) > 20 {
		t.Errorf("%d lines, the last %q", len(got), plain(got[len(got)-1]))
	}
}
