package main

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"dbtriage/collectors"
)

// rows are two readings: the first of two seconds with a quick disk, the second of one with a slow one.
func exampleRows() []sampleRow {
	at := time.Date(2026, 11, 23, 4, 0, 0, 0, time.Local)
	reading := func(user, reads, await float64) samples {
		return samples{
			{Name: "cpu.user", Value: user}, {Name: "cpu.user", Instance: "0", Value: 1},
			{Name: "disk.reads", Instance: "sda", Value: reads}, {Name: "disk.writes", Instance: "sda"},
			{Name: "disk.reads", Instance: "dm-0", Value: reads}, {Name: "disk.writes", Instance: "dm-0"},
			{Name: "disk.await", Instance: "sda", Value: await}, {Name: "disk.await", Instance: "dm-0", Value: await},
			{Name: "net.rx_bytes", Instance: "lo", Value: 5}, {Name: "net.rx_bytes", Instance: "eth0", Value: 1000},
		}
	}
	return []sampleRow{
		{at, 2, reading(0.5, 100, 0.001)},
		{at.Add(time.Second), 1, append(reading(0.2, 200, 0.004), collectors.Sample{Name: "tcp.retransmits", Value: 3})},
	}
}

func TestRowsAndAverages(t *testing.T) {
	var columns []sampleColumn
	for _, g := range sampleGroups {
		for _, c := range g.columns {
			switch c.head {
			case "usr%", "r/s", "await", "rxB/s", "retr/s", "sys%":
				columns = append(columns, c)
			}
		}
	}
	var out bytes.Buffer
	w := newTextRows(&out, columns)
	for _, r := range exampleRows() {
		if err := w.row(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.end(); err != nil {
		t.Fatal(err)
	}
	// The average of await is that of 200 requests of 1 ms and 200 of 4 ms; of retransmits one row is known.
	const want = `
          usr%  sys%    r/s   await  rxB/s retr/s
04:00:00  50.0    --    100     1ms  1,000     --
04:00:01  20.0    --    200     4ms  1,000      3
average   40.0    --    133   2.5ms  1,000      3
`
	if got := "\n" + out.String(); got != want {
		t.Errorf("got:%s\nwant:%s", got, want)
	}
}

// A narrow terminal gets the main columns, and those fit in 80.
func TestNarrowRows(t *testing.T) {
	var all []sampleColumn
	for _, g := range sampleGroups {
		all = append(all, g.columns...)
	}
	width := timeWidth
	for _, c := range fit(all, 80) {
		width += 1 + c.width
	}
	if width > 80 {
		t.Errorf("%d columns on a terminal of 80", width)
	}
	if len(fit(all, 1000)) != len(all) {
		t.Error("columns are left out of a wide terminal")
	}
}

// The grid is kept while the reader is late.
func TestGridDoesNotDrift(t *testing.T) {
	start := time.Now()
	const interval = 20 * time.Millisecond
	n := 0
	for at := range grid(context.Background(), start, interval) {
		if n++; n == 3 {
			time.Sleep(70 * time.Millisecond) // sleeps through three instants
		}
		if at.Before(start.Add(time.Duration(n) * interval)) {
			t.Fatalf("instant %d is early: %v after the start", n, at.Sub(start))
		}
		if n == 6 {
			break
		}
	}
	if took := time.Since(start); took < 8*interval {
		t.Errorf("six instants, three of them slept through, in %v", took)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for range grid(ctx, time.Now(), time.Hour) {
		t.Fatal("an instant after the end")
	}
}

// An enough has enough with what is written first.
type enough struct {
	to  *bytes.Buffer
	end func()
}

func (e enough) Write(b []byte) (int, error) {
	e.end()
	return e.to.Write(b)
}

// An interrupted run says its averages and is fine.
func TestSampleInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var out, stderr bytes.Buffer
	err := sample(ctx, streams{in: strings.NewReader(""), out: enough{&out, cancel}, err: &stderr}, []string{"0.1"}, &sampleFlags{format: "text", only: []string{"cpu"}})
	if err != nil || !strings.Contains(out.String(), "\naverage ") {
		t.Errorf("%v\n%s%s", err, out.String(), stderr.String())
	}
}

// A counter that the server reset has no rate, nor has any other in the row of a restart.
func TestServerRates(t *testing.T) {
	at := time.Unix(1_800_000_000, 0)
	status := func(uptime, questions, selects float64) samples {
		return samples{{Name: "mysql.status.Uptime", Value: uptime}, {Name: "mysql.status.Questions", Value: questions}, {Name: "mysql.status.Com_select", Value: selects}}
	}
	var rates serverRates
	if got := rates.of(status(100, 1000, 10), at); len(got) > 0 {
		t.Errorf("rates of a first row: %v", got)
	}
	got := samples(rates.of(status(102, 1400, 5), at.Add(2*time.Second)))
	if v, ok := rateOf("Questions")(got); !ok || v != 200 {
		t.Errorf("statements: %v %v, want 200 a second", v, ok)
	}
	if v, ok := rateOf("Com_select")(got); ok {
		t.Errorf("a counter that fell has rate %v", v)
	}
	if got := rates.of(status(1, 5000, 5000), at.Add(3*time.Second)); len(got) > 0 {
		t.Errorf("rates over a restart: %v", got)
	}
}
