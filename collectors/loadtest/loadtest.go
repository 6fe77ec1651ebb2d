// Package loadtest reads what load generators print: ab, wrk and locust.
package loadtest

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Result is one load test: what the system answered per second, and how fast.
type Result struct {
	Tool        string
	Rate        float64 // answered requests per second, failed ones included
	Concurrency float64 // requests in flight; 0 when not told
	Requests    int64
	Failed      int64
	MeanS       float64 // 0 when not told
	P95S        float64 // 0 when not told
	// Steps are the rates at growing numbers of users, from a history; nil for a single run.
	Steps []Step
}

// A Step is a moment of a test that grows.
type Step struct {
	Users, Rate, P95S float64
	Failed            float64 // failed requests per second, counted in Rate
}

// maxBytes bounds what is read: results are small.
const maxBytes = 16 << 20

// ErrUnknown says that a text is no result of a tool we know.
var ErrUnknown = errors.New("neither ab, wrk nor locust wrote this")

// Read reads a result and tells the tool by its words.
func Read(r io.Reader) (Result, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxBytes))
	if err != nil {
		return Result{}, err
	}
	s := string(text)
	first, _, _ := strings.Cut(s, "\n")
	switch {
	case strings.Contains(first, "User Count") && strings.Contains(first, ","):
		return readHistory(s)
	case strings.Contains(first, "Request Count") && strings.Contains(first, ","):
		return readStats(s)
	case strings.Contains(s, "Requests per second:"):
		return readAB(s)
	case strings.Contains(s, "Requests/sec:"):
		return readWrk(s)
	}
	return Result{}, ErrUnknown
}

func readAB(text string) (Result, error) {
	res := Result{Tool: "ab"}
	for line := range strings.Lines(text) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), ":")
		fields := strings.Fields(value)
		if !ok {
			if fields = strings.Fields(line); len(fields) >= 2 && fields[0] == "95%" {
				res.P95S = number(fields[1]) / 1000
			}
			continue
		}
		if len(fields) == 0 {
			continue
		}
		switch n := number(fields[0]); name {
		case "Concurrency Level":
			res.Concurrency = n
		case "Complete requests":
			res.Requests = int64(n)
		case "Failed requests":
			res.Failed = int64(n)
		case "(Connect":
			// ab compares each length with that of the first answer, which differs on every page that is made anew.
			res.Failed = max(res.Failed-length(fields), 0)
		case "Non-2xx responses":
			res.Failed = max(res.Failed, int64(n))
		case "Requests per second":
			res.Rate = n
		case "Time per request":
			if res.MeanS == 0 { // the first is of one request, the second across all
				res.MeanS = n / 1000
			}
		}
	}
	return res.checked()
}

// length reads the failures by length of "0, Receive: 0, Length: 120, Exceptions: 0)".
func length(fields []string) int64 {
	i := slices.Index(fields, "Length:")
	if i < 0 || i+1 == len(fields) {
		return 0
	}
	return int64(number(strings.TrimSuffix(fields[i+1], ",")))
}

func readWrk(text string) (Result, error) {
	res := Result{Tool: "wrk"}
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) < 2 {
			continue
		}
		switch {
		case fields[0] == "Requests/sec:":
			res.Rate = number(fields[1])
		case fields[0] == "Latency" && len(fields) >= 4:
			res.MeanS = seconds(fields[1])
		case fields[0] == "95%", fields[0] == "95.000%":
			res.P95S = seconds(fields[1])
		case len(fields) >= 5 && fields[1] == "threads" && fields[4] == "connections":
			res.Concurrency = number(fields[3])
		case len(fields) >= 3 && fields[1] == "requests" && fields[2] == "in":
			res.Requests = int64(number(fields[0]))
		case fields[0] == "Socket" && fields[1] == "errors:":
			for i := 3; i < len(fields); i += 2 {
				res.Failed += int64(number(strings.TrimSuffix(fields[i], ",")))
			}
		case fields[0] == "Non-2xx":
			res.Failed += int64(number(fields[len(fields)-1]))
		}
	}
	return res.checked()
}

// readStats reads locust's _stats.csv: the row named Aggregated, else the sum of all.
func readStats(text string) (Result, error) {
	rows, err := table(text)
	if err != nil {
		return Result{}, err
	}
	res := Result{Tool: "locust"}
	for _, row := range rows {
		if name := row["Name"]; name != "Aggregated" && name != "Total" {
			continue
		}
		res.Requests, res.Failed = int64(number(row["Request Count"])), int64(number(row["Failure Count"]))
		res.Rate = number(row["Requests/s"])
		res.MeanS, res.P95S = number(row["Average Response Time"])/1000, number(row["95%"])/1000
	}
	return res.checked()
}

// readHistory reads locust's _stats_history.csv: rates while the number of users grows.
func readHistory(text string) (Result, error) {
	rows, err := table(text)
	if err != nil {
		return Result{}, err
	}
	res := Result{Tool: "locust"}
	for _, row := range rows {
		if name := row["Name"]; name != "Aggregated" && name != "Total" {
			continue
		}
		step := Step{Users: number(row["User Count"]), Rate: number(row["Requests/s"]), P95S: number(row["95%"]) / 1000, Failed: number(row["Failures/s"])}
		if step.Rate <= 0 {
			continue
		}
		res.Steps = append(res.Steps, step)
		res.Rate = max(res.Rate, step.Rate)
		res.Concurrency = max(res.Concurrency, step.Users)
		res.Requests = max(res.Requests, int64(number(row["Total Request Count"])))
		res.Failed = max(res.Failed, int64(number(row["Total Failure Count"])))
	}
	return res.checked()
}

func table(text string) ([]map[string]string, error) {
	r := csv.NewReader(bufio.NewReader(strings.NewReader(text)))
	r.FieldsPerRecord = -1
	r.LazyQuotes = true
	all, err := r.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("locust CSV: %w", err)
	}
	var rows []map[string]string
	for _, record := range all[1:] {
		row := map[string]string{}
		for i, cell := range record[:min(len(record), len(all[0]))] {
			row[all[0][i]] = cell
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// checked refuses a result without a rate: it cannot stand for a capacity.
func (r Result) checked() (Result, error) {
	if r.Rate <= 0 {
		return Result{}, fmt.Errorf("%s: no requests per second in it; did the test end?", r.Tool)
	}
	return r, nil
}

// FailedShare is the share of requests that failed.
func (r Result) FailedShare() float64 {
	if r.Requests <= 0 {
		return 0
	}
	return min(float64(r.Failed)/float64(r.Requests), 1)
}

// mostFailed is the share of failed requests up to which a rate counts as answered: the share of 5xx from which the
// verdict calls a site failing.
const mostFailed = 0.01

// Knee returns the highest rate before answers took twice as long as at the start or failed; seen is false when
// they never did, so that more was to be had. A single run is one step. The rate is 0 where too many requests failed
// from the start: an error is answered quickly.
func (r Result) Knee() (rate float64, seen bool) {
	if len(r.Steps) < 5 {
		if r.FailedShare() > mostFailed {
			return 0, false
		}
		return r.Rate, false
	}
	var first []float64
	for _, s := range r.Steps[:max(len(r.Steps)/5, 1)] {
		first = append(first, s.P95S)
	}
	slices.Sort(first)
	base := first[len(first)/2]
	for _, s := range r.Steps {
		if base > 0 && s.P95S > 2*base || s.Failed > mostFailed*s.Rate {
			return rate, rate > 0
		}
		rate = max(rate, s.Rate)
	}
	return rate, false
}

// number reads a plain number; what is none is 0.
func number(s string) float64 {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) || f < 0 || f > 1e15 {
		return 0
	}
	return f
}

// seconds reads wrk's 12.34ms.
func seconds(s string) float64 {
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 {
		return 0
	}
	return d.Seconds()
}
