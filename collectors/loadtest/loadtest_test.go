package loadtest

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRead(t *testing.T) {
	for _, c := range []struct {
		file string
		want Result
	}{
		{"ab.txt", Result{Tool: "ab", Rate: 4210.55, Concurrency: 300, Requests: 1000, Failed: 3, MeanS: 0.07125, P95S: 0.098}},
		{"ab_pages_of_any_length.txt", Result{Tool: "ab", Rate: 398.09, Concurrency: 300, Requests: 1000, MeanS: 0.7536, P95S: 1.2}},
		{"ab_errors.txt", Result{Tool: "ab", Rate: 398.09, Concurrency: 300, Requests: 1000, Failed: 120, MeanS: 0.7536, P95S: 1.2}},
		{"wrk.txt", Result{Tool: "wrk", Rate: 17432.11, Concurrency: 20, Requests: 87271, Failed: 19, MeanS: 0.00118}},
		{"locust_stats.csv", Result{Tool: "locust", Rate: 412.5, Requests: 24750, Failed: 12, MeanS: 0.041, P95S: 0.12}},
	} {
		f, err := os.Open(filepath.Join("testdata", c.file))
		if err != nil {
			t.Fatal(err)
		}
		got, err := Read(f)
		f.Close()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.file, diff)
		}
	}
}

func TestHistory(t *testing.T) {
	f, err := os.Open("testdata/locust_history.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	got, err := Read(f)
	if err != nil {
		t.Fatal(err)
	}
	rate, seen := got.Knee()
	if len(got.Steps) != 8 || rate != 410 || !seen || got.Concurrency != 80 {
		t.Errorf("knee %v %v of %+v", rate, seen, got)
	}
}

// TestFailing takes no rate at which requests fail for one that was answered.
func TestFailing(t *testing.T) {
	steps := func(failed ...float64) (out []Step) {
		for i, f := range failed {
			out = append(out, Step{Rate: float64(100 * (i + 1)), P95S: 0.01, Failed: f})
		}
		return out
	}
	for _, c := range []struct {
		name string
		in   Result
		rate float64
		seen bool
	}{
		{"one in a hundred", Result{Rate: 500, Requests: 1000, Failed: 10}, 500, false},
		{"more", Result{Rate: 500, Requests: 1000, Failed: 11}, 0, false},
		{"none", Result{Rate: 600, Steps: steps(0, 0, 0, 0, 0, 0)}, 600, false},
		{"from the fourth step on", Result{Rate: 600, Requests: 1000, Failed: 500, Steps: steps(0, 1, 3, 5, 400, 500)}, 300, true},
		{"from the start", Result{Rate: 600, Steps: steps(2, 2, 3, 4, 5, 6)}, 0, false},
	} {
		if rate, seen := c.in.Knee(); rate != c.rate || seen != c.seen {
			t.Errorf("%s: %v %v", c.name, rate, seen)
		}
	}
}

func TestNoResult(t *testing.T) {
	for text, want := range map[string]string{
		"":                                   ErrUnknown.Error(),
		"hello\n":                            ErrUnknown.Error(),
		"Requests per second:    none":       "ab: no requests per second",
		"Requests/sec: \n":                   "wrk: no requests per second",
		"Type,Name,Request Count\nGET,/,5\n": "locust: no requests per second",
	} {
		_, err := Read(strings.NewReader(text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	if _, err := Read(strings.NewReader("x")); !errors.Is(err, ErrUnknown) {
		t.Error(err)
	}
}

func FuzzRead(f *testing.F) {
	files, _ := filepath.Glob("testdata/*")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // the folder of the fuzz corpus
		}
		f.Add(string(text))
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := Read(strings.NewReader(text))
		if err != nil {
			return
		}
		rate, _ := r.Knee()
		if !(r.Rate > 0) || math.IsInf(r.Rate, 0) || rate < 0 || r.FailedShare() > 1 {
			t.Errorf("%+v", r)
		}
	})
}
