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
