package analyzers

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"dbtriage/collectors/logs"
)

// scannerLog is an access log with a few routes that users ask for all the time, some that they rarely ask
// for, and a scanner's paths, each once or twice. What is answered, and by whom, differs.
func scannerLog(paths int) string {
	r := rand.New(rand.NewPCG(7, 8))
	var log bytes.Buffer
	line := func(i int, path string, status int, ms int) {
		up, us := "-", "-"
		if r.IntN(3) > 0 {
			up, us = fmt.Sprintf("10.0.0.%d:80", r.IntN(3)), fmt.Sprint(status)
		}
		fmt.Fprintf(&log, "192.0.2.1 - - [22/Nov/2026:21:%02d:%02d +0000] \"GET %s HTTP/1.1\" %d %d \"-\" \"curl\" rt=0.%03d ua=\"%s\" us=\"%s\" ut=\"0.%03d\" uct=\"0.00%d\" cs=%s\n",
			i*50/paths, i%60, path, status, r.IntN(3000), ms, up, us, ms*r.IntN(2), r.IntN(3), []string{"-", "HIT", "MISS"}[r.IntN(3)])
	}
	letters := func(n int) string { // no number: that would be an id
		s := ""
		for range 6 {
			s += string(rune('a' + n%16))
			n /= 16
		}
		return s
	}
	for i := range paths {
		line(i, "/"+letters(i*7919%(1<<24))+".php", []int{404, 404, 403, 200}[r.IntN(4)], 0)
		if i%9 == 0 {
			line(i, "/"+letters(r.IntN(i+1)*7919%(1<<24))+".php", 404, 0)
		}
		if i%2 == 0 {
			line(i, fmt.Sprintf("/api/%s", []string{"list", "pay", "login"}[r.IntN(3)]), []int{200, 200, 404}[r.IntN(3)], 5+r.IntN(90))
		}
		if i%1000 == 500 {
			line(i, "/rare/"+letters(i/1000), 200, 999)
		}
	}
	return log.String()
}

// Whatever a scanner asks for, the routes of users keep their rows with all that is known of them.
func TestScannerErasesNoRoute(t *testing.T) {
	log := scannerLog(40_000)
	d := scanned(t, log, logs.ScanOptions{Workers: 2})
	if len(d.Endpoints) > MaxEndpoints || len(d.Limits()) != 1 {
		t.Fatalf("%d routes, %v", len(d.Endpoints), d.Limits())
	}
	var users bytes.Buffer
	for line := range bytes.Lines([]byte(log)) {
		if bytes.Contains(line, []byte(" /api/")) || bytes.Contains(line, []byte(" /rare/")) {
			users.Write(line)
		}
	}
	want := scanned(t, users.String(), logs.ScanOptions{}).Endpoints
	var sum int64
	for _, e := range d.Endpoints {
		sum += e.Requests
	}
	if len(want) != 43 || sum != d.Web.Count || sum != int64(bytes.Count([]byte(log), []byte("\n"))) {
		t.Errorf("%d routes, %d requests of %d", len(want), sum, d.Web.Count)
	}
	for key, w := range want {
		got := d.Endpoints[key]
		if got == nil {
			t.Errorf("%v is gone", key)
			continue
		}
		got.Worst.Offset, w.Worst.Offset = 0, 0
		var a, b encoder
		a.endpoint(got)
		b.endpoint(w)
		if !bytes.Equal(a.buf, b.buf) {
			t.Errorf("%v is %+v\n not %+v", key, got, w)
		}
	}
}

// However the log is cut, by however many workers it is read, the digest is the same.
func TestColdRoutesDoNotDependOnTheCut(t *testing.T) {
	log := scannerLog(30_000)
	want := scanned(t, log, logs.ScanOptions{Workers: 1}).Encode(nil)
	for _, opt := range []logs.ScanOptions{{Workers: 1, Chunk: 10_007}, {Workers: 2}, {Workers: 3, Chunk: 64 << 10}} {
		if got := scanned(t, log, opt).Encode(nil); !bytes.Equal(got, want) {
			t.Errorf("%+v gives another digest", opt)
		}
	}
	for _, cut := range []int{1, len(log) / 7, len(log) / 2, len(log) - 200} {
		cut += bytes.IndexByte([]byte(log[cut:]), '\n') + 1
		d := NewDigest()
		g := &Gatherer{Role: "web", Source: "x"}
		for i, text := range []string{log[:cut], log[cut:]} {
			p := gathered(t, g, text, int64(i*cut))
			d.Append(p.Clone(), "")
		}
		grown := d.Clone()
		d.Close()
		grown.Close()
		if !bytes.Equal(d.Encode(nil), want) || !bytes.Equal(grown.Encode(nil), want) {
			t.Errorf("cut at %d, or cloned, it gives another digest", cut)
		}
	}
}

// What is packed comes back as it was.
func TestColdRoutesLoseNothing(t *testing.T) {
	g := &Gatherer{Role: "web", Source: "x"}
	p := gathered(t, g, scannerLog(2_000), 0)
	var a encoder
	for _, key := range sortedEndpointKeys(p.Endpoints) {
		a.endpoint(p.Endpoints[key])
	}
	n := len(p.Endpoints)
	p.cool(&g.words, 7, func(*Endpoint) {})
	if len(p.Endpoints) != 7 || p.cold.names() != n-7 {
		t.Errorf("%d stay, %d are packed, of %d", len(p.Endpoints), p.cold.rows, n)
	}
	p.settleRoutes()
	var b encoder
	for _, key := range sortedEndpointKeys(p.Endpoints) {
		b.endpoint(p.Endpoints[key])
	}
	if !bytes.Equal(a.buf, b.buf) {
		t.Error("they are not what they were")
	}
}

// Names are made coarser that another part of the log has found too many.
func TestColdRoutesFold(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var keys []EndpointKey
	for i := range 3000 {
		keys = append(keys, EndpointKey{"web", "GET", fmt.Sprintf("/%c/%c/x%d", 'a'+r.IntN(3), 'a'+r.IntN(3), i%999)})
	}
	fold := func(keys []EndpointKey) map[EndpointKey]int64 {
		c := newColdRoutes(&coldWords{})
		for _, key := range keys {
			e := newEndpoint(key)
			e.Requests = 1
			c.add(e)
		}
		c.fold(10)
		out := map[EndpointKey]int64{}
		for i := range c.parts {
			for row := range c.parts[i].all {
				e := c.unpack(row)
				out[e.Key] += e.Requests
			}
		}
		if c.rows != len(out) || c.names() != len(out) {
			t.Errorf("%d rows of %d names", c.rows, len(out))
		}
		return out
	}
	got := fold(keys)
	slices.Reverse(keys)
	if again := fold(keys); len(got) != 9 || !maps.Equal(got, again) {
		t.Errorf("%v\n%v", got, again)
	}
}
