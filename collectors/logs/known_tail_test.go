package logs

import (
	"fmt"
	"math/rand/v2"
	"os"
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

// A log_format remembers what follows its first time, peer or cache status, if nothing else does.
func TestKnownTailsOfLogFormat(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for format, tail := range map[string]int{
		`$remote_addr [$time_local] "$request" $status $body_bytes_sent $request_time $upstream_response_time "$upstream_addr" $upstream_cache_status`: 5,
		`$remote_addr [$time_local] $request_time "$request" $status`:                                                                                  -1,
		`[$time_local] "$request" $status "$http_referer"`:                                                                                             -1,
		`{"t":"$time_iso8601","s":$status,"uri":"$request_uri","m":"$request_method","rt":"$request_time","a":"$upstream_addr","id":"$pid"}`:           4,
	} {
		f, err := compileLogFormatText(format)
		if err != nil || f.tail != tail {
			t.Fatalf("%s: from step %d on, not %d (%v)", format, f.tail, tail, err)
		}
		p, fresh := formatParser{format: f, rec: record{bareUnit: seconds}}, f.newParser
		hits := 0
		for i := range 4000 {
			ms := r.IntN(20)
			values := map[string]string{
				"remote_addr": "192.0.2.1", "time_local": "22/Nov/2026:21:14:41 +0000", "time_iso8601": "2026-11-22T21:14:41+00:00", "status": "200",
				"request": fmt.Sprintf("GET /%d HTTP/1.1", i), "request_uri": fmt.Sprintf("/%d", i), "request_method": "GET", "body_bytes_sent": "5",
				"request_time": fmt.Sprintf("0.%03d", ms), "upstream_response_time": fmt.Sprintf("0.%03d", ms/2), "upstream_cache_status": []string{"-", "HIT"}[ms%2],
				"upstream_addr": fmt.Sprintf("10.0.0.%d:80", ms%3), "pid": fmt.Sprint(r.IntN(2)), "http_referer": "-",
			}
			switch r.IntN(40) {
			case 0:
				values["request_time"] = "?"
			case 1:
				values["upstream_addr"] = `10.0.0.\"1:80`
			case 2:
				values["pid"] = `"`
			}
			line := []byte(os.Expand(format, func(name string) string { return values[name] }))
			var got, want collectors.Request
			asked := p.known.hits
			why, whyAlone := p.parse(line, &got), fresh()(line, &want)
			if hits += p.known.hits - asked; why != whyAlone || why == "" && show(&got) != show(&want) {
				t.Fatalf("%s\n got %s %s\nwant %s %s", line, why, show(&got), whyAlone, show(&want))
			}
		}
		if tail < 0 && hits > 0 || tail >= 0 && hits < 1500 {
			t.Errorf("%s: %d of 4000 tails were known", format, hits)
		}
	}
}

// An outcome stays what it was, also when its tail has been forgotten and others are remembered in its place.
func TestOutcomesNeverChange(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	p := newCombinedParser(newNames(keyValueSynonyms, nil))
	met := map[*collectors.Outcome]string{}
	describe := func(o *collectors.Outcome) string {
		return fmt.Sprintf("%d %d %s %+v", o.Number, o.RequestTime, o.Cache, o.Tries)
	}
	for round := range 3 {
		for range 8000 {
			ms := r.IntN(300)
			line := fmt.Appendf(nil, `%s"GET /%d HTTP/1.1" 200 612 "-" "curl" rt=0.%03d ua="10.0.%d.%d:80" us="200" ut="0.%03d" cs=%s`,
				head, r.IntN(1000), ms, round, ms%2, ms, []string{"-", "HIT", "MISS"}[ms%3])
			var req collectors.Request
			if why := p.parse(line, &req); why != "" {
				t.Fatal(why)
			}
			if o := req.Outcome; o != nil && met[o] == "" {
				met[o] = describe(o)
			}
		}
		p.known.forget()
	}
	for o, was := range met {
		if is := describe(o); is != was {
			t.Errorf("%s is %s now", was, is)
		}
	}
	if len(met) < 500 {
		t.Errorf("only %d outcomes", len(met))
	}
}
