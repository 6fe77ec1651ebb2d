package main

import (
	"context"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/signal"
	"reflect"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestMain lets the test binary be the lab, and the application and the users as the lab itself is.
func TestMain(m *testing.M) {
	quiet()
	if len(os.Args) > 1 && (os.Args[1] == "-as" || os.Args[1] == "-lab") {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		defer stop()
		args := os.Args[1:]
		if args[0] == "-lab" {
			args = args[1:]
		}
		if err := run(ctx, args, io.Discard, io.Discard); err != nil {
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// quietTries is how often an incident is run in the hope of a quiet host.
const quietTries = 3

// TestLab is the lab's short form: a few incidents, small and brief, with real servers. It has a host
// to itself in make test; beside other work the host is rightly found busy, so that such a run says
// nothing and is made again.
func TestLab(t *testing.T) {
	if os.Getenv("DBTRIAGE_LAB") == "" {
		t.Skip("the lab's servers need the processors for themselves: make test, or DBTRIAGE_LAB=1 go test ./cmd/lab")
	}
	if missing := missingPrograms(); len(missing) > 0 {
		t.Skipf("the lab needs %s; on Debian: make deps", strings.Join(missing, ", "))
	}
	lab, err := NewLab("", 0.3, Terms{Healthy: 4 * time.Second, Fault: 7 * time.Second}, t.Output())
	if err != nil {
		t.Fatal(err)
	}
	defer lab.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	for _, f := range []Fault{missingIndex, slowApp, healthyQuiet} {
		var res Result
		for try := range quietTries {
			if res, err = lab.Run(ctx, f, 7); err != nil {
				t.Fatal(err)
			}
			if len(res.Complaints) == 0 || res.Others <= strangers {
				break
			}
			t.Logf("%s: others took %.1f cores in try %d", f.Name, res.Others, try+1)
		}
		for _, c := range res.Complaints {
			if res.Others > strangers {
				t.Logf("%s: not judged, for others took %.1f cores each time: %s", f.Name, res.Others, c)
				continue
			}
			t.Errorf("%s: %s", f.Name, c)
		}
	}
}

// TestFaults checks the table: names are unique, and every word of a pattern or a route is one of
// the vocabulary's.
func TestFaults(t *testing.T) {
	open := regexp.MustCompile(`\{[a-z]+\}`)
	seen := map[string]bool{}
	for _, f := range faults {
		if seen[f.Name] {
			t.Errorf("two faults are called %s", f.Name)
		}
		seen[f.Name] = true
		for seed := range uint64(len(vocabularies)) {
			w := Plan{Fault: f.Name, Seed: seed, Scale: 1}.World(f)
			for _, pattern := range append(f.Label.Cause, f.Label.Not) {
				if left := open.FindString(w.SQL(pattern)); left != "" {
					t.Errorf("%s: the label names %s, which no vocabulary has", f.Name, left)
				}
				if _, err := regexp.Compile(w.SQL(pattern)); err != nil {
					t.Errorf("%s: %v", f.Name, err)
				}
			}
			mux, dice := http.NewServeMux(), rand.New(rand.NewPCG(1, seed))
			for _, r := range append(healthy(w), f.routes(w)...) {
				mux.HandleFunc(r.Method+" "+r.Path, func(http.ResponseWriter, *http.Request) {})
			}
			for _, r := range append(healthy(w), f.routes(w)...) {
				if _, pattern := mux.Handler(httptest.NewRequest(r.Method, r.Make(dice), nil)); pattern != r.Method+" "+r.Path {
					t.Errorf("%s: %s is answered by %q, not by %s", f.Name, r.Make(dice), pattern, r.Path)
				}
				if r.Rate <= 0 || r.Rate > 400 {
					t.Errorf("%s: %s %s at %.0f requests a second", f.Name, r.Method, r.Path, r.Rate)
				}
			}
		}
		if f.Label.Layer != "none" && len(f.Label.Cause) == 0 {
			t.Errorf("%s: the label names no cause", f.Name)
		}
	}
}

// TestCut holds that a cut leaves out files by their names, wherever they lie.
func TestCut(t *testing.T) {
	c := Cut{Files: []string{"slow.log", "*-top"}}
	for path, stays := range map[string]bool{
		"/tmp/a/slow.log": false, "/tmp/a/stalk/2026_11_23-top": false, "/tmp/a/stalk/2026_11_23-processlist": true, "/tmp/slow.log/access.log": true,
	} {
		if c.leaves(path) != stays {
			t.Errorf("%s: want %v", path, stays)
		}
	}
}

// TestSeeds holds that a seed means the same world in every process, and another one another.
func TestSeeds(t *testing.T) {
	if !reflect.DeepEqual(NewWorld(5, 1), NewWorld(5, 1)) {
		t.Error("a seed makes two worlds")
	}
	if reflect.DeepEqual(NewWorld(5, 1), NewWorld(6, 1)) {
		t.Error("two seeds make one world")
	}
}

// The intervals are those of Wilson's score without correction (Newcombe 1998, table I).
func TestWilson(t *testing.T) {
	for _, c := range []struct {
		k, n      int
		low, high float64
	}{
		{81, 263, 0.2553, 0.3662},
		{15, 148, 0.0624, 0.1605},
		{0, 20, 0, 0.1611},
		{1, 29, 0.0061, 0.1718},
	} {
		low, high := wilson(c.k, c.n)
		if math.Abs(low-c.low) > 1e-4 || math.Abs(high-c.high) > 1e-4 {
			t.Errorf("%d of %d: %.4f–%.4f, not %.4f–%.4f", c.k, c.n, low, high, c.low, c.high)
		}
	}
}
