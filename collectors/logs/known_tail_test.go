package logs

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"dbtriage/collectors"
)

// What is remembered of tails says what reading them says, whether they come again or never do, and
// tails that never do are left alone after a while.
func TestKnownTails(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	usual := func() string {
		ms := r.IntN(40)
		return fmt.Sprintf(` rt=0.%03d ua="10.0.0.%d:80" us="200" ut="0.%03d" uct="0.000" uht="0.%03d" cs=%s`, ms, r.IntN(4), ms, ms/2, []string{"-", "HIT", "MISS"}[ms%3])
	}
	fine := func() string {
		return fmt.Sprintf(` rt=0.%06d ua="10.0.0.1:80, 10.0.0.2:80" us="502, 200" ut="0.%06d, 0.001"`, r.IntN(1e6), r.IntN(1e6))
	}
	stamped := func() string { return ` msec=1795382081.250 rt=0.001` }
	p := newCombinedParser(newNames(keyValueSynonyms, nil))
	var line []byte // the memory of the line before, as in a scan
	read := func(name string, tail func() string, lines int) (hits int) {
		t.Helper()
		for range lines {
			line = append(append(append(line[:0], head...), fmt.Sprintf(`"GET /%d HTTP/1.1" 200 612 "-" "curl"`, r.IntN(1000))...), tail()...)
			var got, want collectors.Request
			asked := p.known.hits
			if why := p.parse(line, &got); why != "" {
				t.Fatalf("%s: %q: %s", name, line, why)
			}
			if p.known.hits > asked {
				hits++
			}
			newCombinedParser(p.names).parse(line, &want)
			if show(&got) != show(&want) {
				t.Fatalf("%s: %q\n got %s\nwant %s", name, line, show(&got), show(&want))
			}
		}
		return hits
	}
	if hits := read("usual", usual, 5000); hits < 3000 {
		t.Errorf("%d of 5000 usual tails were known", hits)
	}
	if hits := read("stamped", stamped, 10); hits > 0 {
		t.Errorf("%d tails with a time of their own were taken from memory", hits)
	}
	read("fine", fine, 2*tailRound)
	if p.known.pause == 0 {
		t.Error("tails that never come again are still looked up")
	}
	for range tailPause * tailRound {
		p.known.slot([]byte("x"))
	}
	read("fine", fine, 100)
	if hits := read("usual", usual, 5000); hits < 3000 {
		t.Errorf("after a while %d of 5000 usual tails were known", hits)
	}
}
