package timeline

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"dbtriage/analyzers"
	"dbtriage/collectors/logs"
)

// Nginx counts $request_time and $upstream_response_time in whole milliseconds on its own: a request behind a
// quick application is as often a millisecond shorter than its upstream as longer. No client takes that.
func TestRoundingIsNoClientTime(t *testing.T) {
	for _, c := range []struct {
		name     string
		times    [][2]int // request and upstream, ms
		clientMS int64    // of 100 times these
		upMS     int64
	}{
		{"as often shorter as longer", [][2]int{{1, 2}, {2, 1}, {3, 3}}, 0, 600},
		{"rather shorter", [][2]int{{1, 2}, {2, 2}}, 0, 300},
		{"a slow client among them", [][2]int{{1, 2}, {2, 1}, {9, 2}}, 700, 500},
		{"clients that take half a millisecond", [][2]int{{2, 1}, {2, 2}}, 100, 300},
	} {
		var log strings.Builder
		for i := range 100 {
			for _, rt := range c.times {
				fmt.Fprintf(&log, "127.0.0.1 - - [22/Nov/2026:22:18:%02d +0000] \"GET /a HTTP/1.1\" 200 3 \"-\" \"x\" rt=0.%03d ua=\"127.0.0.1:1\" us=\"200\" ut=\"0.%03d\" uct=\"0.000\" uht=\"0.001\"\n", i/10, rt[0], rt[1])
			}
		}
		format, _ := logs.Detect([]byte(log.String()), logs.Options{})
		g := &analyzers.Gatherer{Role: "web", Source: "x"}
		p, _, err := logs.Scan(context.Background(), strings.NewReader(log.String()), format, logs.ScanOptions{Workers: 2}, g.Parts())
		if err != nil {
			t.Fatal(err)
		}
		d := p.Digest
		p.Close()
		whole := Attribute(&analyzers.Snapshot{Digest: d}).Whole
		if whole.ClientUS != 1000*c.clientMS || whole.UpstreamUS != 1000*c.upMS || whole.WebUS != 0 {
			t.Errorf("%s: client %d, web %d, upstream %d µs of %d", c.name, whole.ClientUS, whole.WebUS, whole.UpstreamUS, whole.RequestUS)
		}
		if sum := whole.ClientUS + whole.WebUS + whole.UpstreamUS; sum != whole.RequestUS {
			t.Errorf("%s: the parts are %d µs of %d", c.name, sum, whole.RequestUS)
		}
	}
}
