package rules

import (
	"cmp"
	"math"
	"slices"

	"dbtriage/analyzers"
)

// peerFloor is how many attempts a peer needs before its percentiles are worth comparing.
const peerFloor = 100

// p95At is the end of the interval in which the 95th percentile lies 98 times of 100, above or below: how many of n
// requests are longer than it is binomial. Where one request in twenty is of a slow kind, it is a wide one.
func p95At(t *analyzers.Timing, side float64) int64 {
	const z = 2.326 // of the normal distribution, for 1 of 100 at each side
	us, _ := t.Quantile(min(0.95+side*z*math.Sqrt(0.95*0.05/float64(max(t.Count, 1))), 1))
	return us
}

// middleOf is the median. It sorts.
func middleOf(all []float64) float64 {
	slices.Sort(all)
	return (all[(len(all)-1)/2] + all[len(all)/2]) / 2
}

// upstreamFacts returns the facts of every peer.
func upstreamFacts(d *analyzers.Digest) []subjectFacts {
	peers := make([]*analyzers.Peer, 0, len(d.Peers))
	var time, attempts int64
	for _, p := range d.Peers {
		if p.Attempts > 0 && p.Addr != analyzers.OtherName {
			peers = append(peers, p)
			time += p.Response.Sum
			attempts += p.Attempts
		}
	}
	slices.SortFunc(peers, func(a, b *analyzers.Peer) int {
		return cmp.Or(cmp.Compare(b.Attempts, a.Attempts), cmp.Compare(a.Addr, b.Addr))
	})
	peers = peers[:min(len(peers), maxSubjects)]
	out := make([]subjectFacts, 0, len(peers))
	for _, p := range peers {
		m := factMap{"addr": shorten(p.Addr, maxLabel), "group_name": groupName(p)}
		m.num("attempts", float64(p.Attempts))
		m.ratio("share", p.Response.Sum, time)
		m.ratio("attempt_share", p.Attempts, attempts)
		m.ratio("failed_share", p.Failed, p.Judged())
		m.quantile("p50_s", &p.Response, 0.50)
		m.quantile("p95_s", &p.Response, 0.95)
		m.quantile("connect_p50_s", &p.Connect, 0.50)
		m.quantile("connect_p95_s", &p.Connect, 0.95)
		var others, most []float64
		for _, o := range peers {
			if us, ok := o.Response.Quantile(0.95); ok && o != p && o.Response.Count >= peerFloor {
				others = append(others, inSeconds(us))
				most = append(most, inSeconds(p95At(&o.Response, 1)))
			}
		}
		m.num("other_peers", float64(len(others)))
		if len(others) > 0 {
			m.num("peers_p95_s", middleOf(others))
			if least := inSeconds(p95At(&p.Response, -1)); p.Response.Count > 0 {
				m.num("sure_times", least/max(middleOf(most), 1e-6))
			}
		}
		out = append(out, subjectFacts{Subject{Kind: "upstream", ID: p.Addr, Label: shorten(p.Addr, maxLabel)}, m})
	}
	return out
}
