package rules

import (
	"math/rand/v2"
	"testing"

	"dbtriage/analyzers"
)

// Of peers that are alike none is surely slower, also where a percentile stands between quick requests and slow
// ones; one that takes twice as long is.
func TestSurelySlowerPeer(t *testing.T) {
	falsely := 0
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 1))
		peer := func(addr string) *analyzers.Peer {
			p := &analyzers.Peer{Addr: addr}
			for range 2000 {
				us := 1000 * (1 + r.ExpFloat64())
				if r.Float64() < 0.05 {
					us = 100_000 * (1 + r.Float64())
				}
				p.Response.Add(int64(us))
				p.Attempts++
			}
			return p
		}
		d := analyzers.NewDigest()
		for _, p := range []*analyzers.Peer{peer("10.0.0.1:80"), peer("10.0.0.2:80")} {
			d.Peers[p.Addr] = p
		}
		for _, s := range upstreamFacts(d) {
			sure, ok := s.facts["sure_times"].(float64)
			switch {
			case !ok:
				t.Fatalf("%v", s.facts)
			case sure > 1:
				falsely++
			}
		}
	}
	if falsely > 4 {
		t.Errorf("%d of 400 peers that are alike are surely slower", falsely)
	}
	quick, slow := &analyzers.Peer{Addr: "a:1"}, &analyzers.Peer{Addr: "b:1"}
	r := rand.New(rand.NewPCG(7, 7))
	for range 500 {
		us := 40_000 * r.ExpFloat64()
		quick.Response.Add(int64(us))
		slow.Response.Add(int64(2.5 * 40_000 * r.ExpFloat64()))
		quick.Attempts, slow.Attempts = quick.Attempts+1, slow.Attempts+1
	}
	d := analyzers.NewDigest()
	d.Peers["a:1"], d.Peers["b:1"] = quick, slow
	for _, s := range upstreamFacts(d) {
		if sure, _ := s.facts["sure_times"].(float64); sure > 1 != (s.subject.ID == "b:1") {
			t.Errorf("%s: %v", s.subject.ID, sure)
		}
	}
}
