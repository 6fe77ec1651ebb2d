package analyzers

import "dbtriage/collectors"

// An outcome is a collectors.Outcome as a part has met it. Its requests are only counted, by endpoint;
// what they add up to is worked out once, when the part is settled.
type outcome struct {
	of    *collectors.Outcome
	span  span
	peers []*Peer // of its tries; nil where the log names none
}

// count counts a request with an outcome for an endpoint, and returns what its times add up to.
func (p *Part) count(e *Endpoint, o *collectors.Outcome) *span {
	if o.Number >= len(p.outcomes) || p.outcomes[o.Number].of != o {
		p.meetOutcome(o)
	}
	if o.Number >= len(e.outcomes) {
		e.outcomes = append(e.outcomes, make([]uint32, o.Number+1-len(e.outcomes))...)
	}
	e.outcomes[o.Number]++
	return &p.outcomes[o.Number].span
}

// meetOutcome makes room for an outcome. Another with its number has seen its last request.
func (p *Part) meetOutcome(o *collectors.Outcome) {
	if o.Number < len(p.outcomes) && p.outcomes[o.Number].of != nil {
		p.settleTallies()
	}
	peers := make([]*Peer, len(o.Tries))
	for settled := true; settled; { // when there are too many peers, peerOf settles and makes fewer of them
		settled = false
		for i := range o.Tries {
			if len(o.Tries[i].Addr) > 0 {
				peers[i] = p.peerOf(o.Tries[i].Addr)
			}
		}
		for _, peer := range peers {
			settled = settled || peer != nil && peer.number == 0
		}
	}
	if n := o.Number + 1 - len(p.outcomes); n > 0 {
		p.outcomes = append(p.outcomes, make([]outcome, n)...)
	}
	p.outcomes[o.Number] = outcome{o, spanOf(o.RequestTime, o.Tries), peers}
}

// settleOutcomes adds up what was counted of outcomes, and forgets them.
func (p *Part) settleOutcomes() {
	if len(p.outcomes) == 0 {
		return
	}
	requests := make([]int64, len(p.outcomes))
	for _, e := range p.Endpoints {
		for number, n := range e.outcomes {
			if n == 0 {
				continue
			}
			o := &p.outcomes[number]
			requests[number] += int64(n)
			e.addTimes(o.of.RequestTime, &o.span, o.of.Cache, int64(n))
			for _, peer := range o.peers {
				if peer != nil {
					e.peers.add(peer.number, int64(n))
				}
			}
		}
		e.outcomes = nil
	}
	for number, n := range requests {
		if n > 0 {
			o := &p.outcomes[number]
			for i, peer := range o.peers {
				if peer != nil {
					peer.add(&o.of.Tries[i], n)
				}
			}
		}
	}
	p.outcomes = p.outcomes[:0]
}
