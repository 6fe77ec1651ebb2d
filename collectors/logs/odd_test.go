package logs

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dbtriage/collectors"
)

// TestOddValues has values that none of their field are: the line is a request all the same, and a warning says
// what of it counts as unknown.
func TestOddValues(t *testing.T) {
	combined := func(tail string) string {
		return `10.0.0.1 - - [22/Nov/2026:21:14:41 +0000] "GET /a HTTP/1.1" 200 6 "-" "curl" ` + tail + "\n"
	}
	tries := strings.Repeat("0.001, ", collectors.MaxTries) + "0.001"
	for _, c := range []struct {
		name, line string
		want       []string
	}{
		{"all can be read", combined(`rt=0.003 ua="10.0.1.1:80" us="200" ut="0.003" uct="-" uht="-"`), nil},
		{"request time", combined(`rt=abc`), []string{oddValues[requestTimeField]}},
		{"upstream times", combined(`rt=0.003 ua="10.0.1.1:80" us="200" ut="0.003x"`), []string{oddValues[upstreamResponseField]}},
		{"one of several", combined(`rt=0.003 ua="10.0.1.1:80, 10.0.1.2:80" us="200, 200" uct="0.001, soon"`), []string{oddValues[upstreamConnectField]}},
		{"longer than a century", combined(`rt=0.003 ua="10.0.1.1:80" us="200" uht="9999999999999"`), []string{oddValues[upstreamHeaderField]}},
		{"status", combined(`rt=0.003 ua="10.0.1.1:80" us="fine" ut="0.003"`), []string{oddValues[upstreamStatusField]}},
		{"many attempts", combined(`rt=0.100 ut="` + tries + `"`), []string{oddTries}},
		{"JSON", `{"time":"2026-11-22T21:14:41Z","method":"GET","path":"/a","status":200,"body_bytes_sent":"many","request_time":0.1}` + "\n", []string{oddValues[bytesField]}},
		{"JSON, nested", `{"time":"2026-11-22T21:14:41Z","method":"GET","path":"/a","status":200,"upstream_addr":"10.0.1.1:80","request_time":{"ms":3}}` + "\n", []string{oddValues[requestTimeField]}},
		{"JSON, null", `{"time":"2026-11-22T21:14:41Z","method":"GET","path":"/a","status":200,"upstream_addr":"10.0.1.1:80","request_time":null}` + "\n", nil},
		{"LTSV", "time:2026-11-22T21:14:41Z\tmethod:GET\turi:/a\tstatus:200\treqtime:long\n", []string{oddValues[requestTimeField]}},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := strings.Repeat(c.line, 2*tailStart) // what is remembered of a line must not hide it either
			f, tried := Detect([]byte(text), Options{})
			if f == nil {
				t.Fatal(tried)
			}
			_, got, err := Scan(context.Background(), strings.NewReader(text), f, ScanOptions{}, eventParts())
			if err != nil {
				t.Fatal(err)
			}
			if got.Events != 2*tailStart || got.Skipped != 0 {
				t.Errorf("%d events, %d skipped: %v", got.Events, got.Skipped, got.Skips)
			}
			if diff := cmp.Diff(c.want, got.Warnings); diff != "" {
				t.Error(diff)
			}
		})
	}
}
