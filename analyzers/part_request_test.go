package analyzers

import (
	"context"
	"maps"
	"strings"
	"testing"

	"dbtriage/collectors/logs"
)

// scanned reads a log of requests, its format found out.
func scanned(t *testing.T, log string, opt logs.ScanOptions) *Digest {
	t.Helper()
	format, tried := logs.Detect([]byte(log[:min(len(log), 64<<10)]), logs.Options{})
	if format == nil {
		t.Fatalf("none of %v", tried)
	}
	g := &Gatherer{Role: format.Role, Source: "x"}
	p, _, err := logs.Scan(context.Background(), strings.NewReader(log), format, opt, g.Parts())
	if err != nil {
		t.Fatal(err)
	}
	p.Close()
	return p.Digest
}

// gathered reads a piece of a combined log that begins at an offset, and leaves its digest open.
func gathered(t *testing.T, g *Gatherer, log string, offset int64) *Part {
	t.Helper()
	format, _ := logs.Detect([]byte(requestHead+"\n"), logs.Options{})
	p, _, err := logs.Scan(context.Background(), strings.NewReader(log), format, logs.ScanOptions{Start: logs.Carry{Offset: offset}}, g.Parts())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

const requestHead = `1.2.3.4 - - [22/Nov/2026:21:14:41 +0000] "GET /a HTTP/1.1" 200 5 "-" "curl" `

// A log without the status of attempts does not say whether they failed; one with it does, also where it
// reads "-". Both lengths matter: of many alike lines outcomes are counted.
func TestFailedAttempts(t *testing.T) {
	for _, c := range []struct {
		tail                     string
		attempts, failed, judged int64
	}{
		{`rt=0.1 ua="10.0.0.1:80" ut="0.1"`, 1, 0, 0},
		{`rt=0.1 ua="10.0.0.1:80, 10.0.0.1:80" ut="0.1, 0.2"`, 2, 0, 0},
		{`rt=0.1 ua="10.0.0.1:80" us="200" ut="0.1"`, 1, 0, 1},
		{`rt=0.1 ua="10.0.0.1:80" us="-" ut="-"`, 1, 1, 1},
		{`rt=0.1 ua="10.0.0.1:80, 10.0.0.1:80" us="502, -" ut="0.1, -"`, 2, 2, 2},
		{`rt=0.1 ua="10.0.0.1:80, 10.0.0.1:80" us="502" ut="0.1, 0.2"`, 2, 1, 1},
		{`rt=0.1 ua="10.0.0.1:80" us="odd" ut="0.1"`, 1, 0, 0},
	} {
		for _, n := range []int{1, 5000} {
			d := scanned(t, strings.Repeat(requestHead+c.tail+"\n", n), logs.ScanOptions{})
			p := d.Peers["10.0.0.1:80"]
			if p == nil || len(d.Peers) != 1 || p.Attempts != c.attempts*int64(n) || p.Failed != c.failed*int64(n) || p.Judged() != c.judged*int64(n) {
				t.Errorf("%s %d times: %+v", c.tail, n, p)
			}
		}
	}
}

// Attempts whose address is not logged are no peer without a name; their times count for the route.
func TestAttemptsWithoutAddress(t *testing.T) {
	for _, n := range []int{1, 5000} {
		d := scanned(t, strings.Repeat(requestHead+"rt=0.2 us=200 ut=0.1\n", n), logs.ScanOptions{})
		e := d.Endpoints[EndpointKey{"web", "GET", "/a"}]
		if len(d.Peers) != 0 || len(e.Upstreams) != 0 || e.Upstream.Sum != int64(n)*100_000 || d.Web.Proxied != int64(n) {
			t.Errorf("%d times: peers %v, endpoint %+v", n, d.Peers, e)
		}
	}
}

// A request whose log has no status has none, rather than -1.
func TestUnknownStatus(t *testing.T) {
	log := `{"time":"2026-11-22T21:14:41Z","method":"GET","path":"/a","duration_ms":12}` + "\n"
	log = log + log + strings.Replace(log, "duration_ms", `status":201,"duration_ms`, 1)
	d := scanned(t, log, logs.ScanOptions{})
	e := d.Endpoints[EndpointKey{"app", "GET", "/a"}]
	if e.Requests != 3 || !maps.Equal(e.Status, map[int64]int64{201: 1}) || !maps.Equal(d.App.Status, e.Status) {
		t.Errorf("%d requests, %v, %v", e.Requests, e.Status, d.App.Status)
	}
}

// A quantile is the value of the nearest rank, whether values are listed or counted.
func TestNearestRank(t *testing.T) {
	for _, c := range []struct {
		n    int
		q    float64
		want int64
	}{
		{10, 0.99, 10}, {10, 0.95, 10}, {10, 0.9, 9}, {10, 0.5, 5}, {10, 0, 1}, {10, 1, 10}, {1, 0.5, 1}, {3, 0.5, 2},
		{20, 0.95, 19}, {20, 0.99, 20}, {40, 0.95, 38}, {50, 0.99, 50}, {60, 0.5, 30},
	} {
		var v Timing
		for i := range c.n {
			v.Add(int64(i + 1))
		}
		if got, _ := v.Quantile(c.q); got != c.want {
			t.Errorf("the %v-quantile of 1 to %d is %d, not %d", c.q, c.n, got, c.want)
		}
	}
}
