package logs

import (
	"hash/maphash"

	"dbtriage/collectors"
)

// Times in access logs are milliseconds, most of them few, and peers are few as well: a thousand
// different tails make up nine lines in ten of a usual log. What one of them said is remembered.

const (
	tailSlots = 2048
	// tailStart is how many lines are read before any is remembered: of a log that is followed there are
	// a few each second, and a parser for them.
	tailStart = 500
	// maxKnownTail bounds the text of a tail that is remembered.
	maxKnownTail = 256
	// A tail that has come so often since others came in its place is an outcome.
	oftenTail = 8
	// tailRound is after how many lines it is seen whether remembering pays, and tailPause for how many
	// rounds it is left alone if not: where times are microseconds hardly a tail comes again.
	tailRound = 8192
	tailPause = 15
)

// knownTails are tails of one log with what they said of a request.
type knownTails struct {
	slots              []knownTail
	asked, hits, pause int
	outcomes, often    int // how many outcomes there are, and hits of tails that are one
}

type knownTail struct {
	text           []byte
	uses           uint8
	upstreamLogged bool
	requestTime    int64
	cache          []byte
	tries          []collectors.Try
	outcome        *collectors.Outcome // for good, with the memory above, until all are forgotten
}

var tailSeed = maphash.MakeSeed()

// slot returns where a tail is remembered, or would be; nil when that does not pay.
func (k *knownTails) slot(text []byte) *knownTail {
	if k.asked++; k.asked == tailRound {
		if k.pause > 0 {
			k.pause--
		} else if k.hits < tailRound/4 {
			k.pause = tailPause
		}
		if k.outcomes == collectors.MaxOutcomes && k.often < k.hits/4 {
			k.forget()
		}
		k.asked, k.hits, k.often = 0, 0, 0
	}
	if k.pause > 0 || len(text) > maxKnownTail {
		return nil
	}
	if k.slots == nil {
		if k.asked < tailStart {
			return nil
		}
		k.slots = make([]knownTail, tailSlots)
	}
	return &k.slots[maphash.Bytes(tailSeed, text)%tailSlots]
}

// recall tells the request what a tail says, if that is known.
func (k *knownTails) recall(t *knownTail, text []byte, req *collectors.Request) (known bool) {
	if string(t.text) != string(text) {
		return false
	}
	k.hits++
	if t.outcome != nil {
		k.often++
	} else if t.uses = min(t.uses+1, oftenTail); t.uses == oftenTail && k.outcomes < collectors.MaxOutcomes {
		t.outcome = &collectors.Outcome{Number: k.outcomes, RequestTime: t.requestTime, Cache: t.cache, Tries: t.tries}
		k.outcomes++
	}
	req.RequestTime, req.UpstreamLogged, req.Cache, req.Tries, req.Outcome = t.requestTime, t.upstreamLogged, t.cache, t.tries, t.outcome
	return true
}

// forget forgets the outcomes: the log has others by now.
func (k *knownTails) forget() {
	for i := range k.slots {
		if k.slots[i].outcome != nil {
			k.slots[i] = knownTail{}
		}
	}
	k.outcomes = 0
}

// learn remembers what a tail said, unless one is there that comes more often.
func (t *knownTail) learn(text []byte, req *collectors.Request) {
	if t.outcome != nil {
		return
	}
	if t.uses > 0 {
		t.uses--
		return
	}
	kept := append(t.text[:0], text...)
	t.text = kept[:0] // nothing, should a value stand elsewhere
	own := func(v []byte) (copied []byte, ok bool) {
		if len(v) == 0 {
			return nil, true
		}
		at := cap(text) - cap(v)
		if at < 0 || at+len(v) > len(text) || &text[at] != &v[0] {
			return nil, false
		}
		return kept[at : at+len(v)], true
	}
	var ok bool
	if t.cache, ok = own(req.Cache); !ok {
		return
	}
	t.tries = append(t.tries[:0], req.Tries...)
	for i := range t.tries {
		if t.tries[i].Addr, ok = own(t.tries[i].Addr); !ok {
			return
		}
	}
	t.text, t.requestTime, t.upstreamLogged = kept, req.RequestTime, req.UpstreamLogged
}
