package analyzers

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"

	"dbtriage/collectors"
	"dbtriage/collectors/logs"
)

// outcomeLog is an access log whose usual outcomes are others in each of its thirds: other peers answer,
// and in the last so many that they are told as one.
func outcomeLog(lines int) []byte {
	r := rand.New(rand.NewPCG(5, 6))
	var log bytes.Buffer
	for i := range lines {
		third := i * 3 / lines
		ms := int(r.ExpFloat64() * 20)
		peer := fmt.Sprintf("10.0.%d.%d:80", third, r.IntN(3))
		status, ut := "200", fmt.Sprintf("0.%03d", ms%1000)
		switch n := r.IntN(100); {
		case n < 10:
			peer, status, ut = peer+", 10.0.9.9:80", "502, 200", "0.001, "+ut
		case n < 15:
			peer, status, ut = peer+" : 10.0.9.8:80", "200 : 404", "0.002 : "+ut
		case n < 30:
			peer, status, ut = "-", "-", "-"
		case n < 35 && third == 2:
			peer = fmt.Sprintf("10.1.%d.%d:80", r.IntN(60), r.IntN(60))
		}
		fmt.Fprintf(&log, "192.0.2.1 - - [22/Nov/2026:21:%02d:%02d +0000] \"GET /a%d/%d HTTP/1.1\" %d %d \"-\" \"curl\" rt=0.%03d ua=\"%s\" us=\"%s\" ut=\"%s\" uct=\"%s\" cs=%s\n",
			i*50/lines, i%60, r.IntN(9), i, 200+r.IntN(3), r.IntN(5000), (ms+1)%1000, peer, status, ut, ut, []string{"-", "HIT", "MISS"}[ms%3])
	}
	return log.Bytes()
}

// An outcome whose peers are the ones too many has them in the end as all have them then.
func TestOutcomeOfTooManyPeers(t *testing.T) {
	g := &Gatherer{Role: "web", Source: "x"}
	p := g.emptyPart(nil)
	e := p.endpoint(EndpointKey{Role: "web", Method: "GET", Route: "/"})
	for i := range MaxPeers {
		p.peerOf(fmt.Appendf(nil, "10.0.%d.%d:80", i/250, i%250))
	}
	o := &collectors.Outcome{Number: 3, RequestTime: 5, Tries: []collectors.Try{
		{Addr: []byte("10.0.0.7:80"), Status: 502, Response: 1}, {Addr: []byte("10.9.9.9:80"), Status: 200, Response: 2},
	}}
	for range 10 {
		p.count(e, o)
	}
	p.settle()
	attempts := map[string]int64{}
	for _, peer := range p.Peers {
		if peer.Attempts > 0 {
			attempts[peer.Addr] = peer.Attempts
		}
	}
	want := map[string]int64{"10.0.0.7": 10, "10.9.9.9": 10}
	if len(p.Peers) > MaxPeers {
		t.Fatalf("%d peers", len(p.Peers))
	}
	if p.Peers[OtherName] != nil { // all are told as one
		want = map[string]int64{OtherName: 20}
	}
	if !maps.Equal(attempts, want) || !maps.Equal(e.Upstreams, want) {
		t.Errorf("attempts %v, of the route %v, not %v", attempts, e.Upstreams, want)
	}
}

// To count requests by their outcome says the same as to add up each.
func TestOutcomes(t *testing.T) {
	log := outcomeLog(150_000)
	format, _ := logs.Detect(log[:64<<10], logs.Options{})
	scan := func(workers int, wrap func(logs.Sink) logs.Sink) *Digest {
		g := &Gatherer{Role: "web", Source: "x"}
		parts := g.Parts()
		sink := parts.Sink
		parts.Sink = func(p *Part) logs.Sink { return wrap(sink(p)) }
		p, _, err := logs.Scan(context.Background(), bytes.NewReader(log), format, logs.ScanOptions{Workers: workers, Chunk: 256 << 10}, parts)
		if err != nil {
			t.Fatal(err)
		}
		p.Close()
		return p.Digest
	}
	wrapped := func(look func(*collectors.Request)) func(logs.Sink) logs.Sink {
		return func(s logs.Sink) logs.Sink {
			return logs.Sink{Request: func(req *collectors.Request) {
				look(req)
				s.Request(req)
			}}
		}
	}
	byOutcome, seen := 0, map[int]*collectors.Outcome{}
	replaced := false
	got := scan(1, wrapped(func(req *collectors.Request) {
		if o := req.Outcome; o != nil {
			byOutcome++
			replaced = replaced || seen[o.Number] != nil && seen[o.Number] != o
			seen[o.Number] = o
		}
	}))
	want := scan(1, wrapped(func(req *collectors.Request) { req.Outcome = nil }))
	if !bytes.Equal(got.Encode(nil), want.Encode(nil)) {
		t.Errorf("counted by outcome %+v\n added up one by one %+v", got.Web, want.Web)
	}
	if two := scan(2, func(s logs.Sink) logs.Sink { return s }); !bytes.Equal(two.Encode(nil), want.Encode(nil)) {
		t.Errorf("two workers say %+v\n one says %+v", two.Web, want.Web)
	}
	if byOutcome < 50_000 || !replaced {
		t.Errorf("%d requests had an outcome, of numbers that were given again: %v", byOutcome, replaced)
	}
	if len(want.Peers) > 3 {
		t.Errorf("%d peers are told apart: too few were logged", len(want.Peers))
	}
}
