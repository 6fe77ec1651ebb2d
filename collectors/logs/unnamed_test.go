package logs

import (
	"strings"
	"testing"
)

// What stands without a name behind the user agent is told, not guessed and not passed over in silence.
func TestUnnamedNumbers(t *testing.T) {
	const head = `10.0.0.1 - - [22/Nov/2026:22:18:00 +0000] "GET /a HTTP/1.1" 200 17 `
	for _, c := range []struct{ tail, want string }{
		{`"-" "curl/8"`, ""},
		{`"-" "curl/8 12 0.5"`, ""},
		{`"-" "curl/8" "10.1.2.3, 10.1.2.4"`, ""},
		{`"-" "curl/8" "-" 0.123 0.120`, "(0.123 0.120)"},
		{`"-" "curl/8" "-" 0.123 0.120 .`, "(0.123 0.120)"},
		{`"-" "curl/8" "0.123" "0.120"`, "(0.123 0.120)"},
		{`"-" "curl/8" 12345`, "(12345)"},
		{`"-" "curl/8" "-" "0.123, 0.4" -`, ""},
		{`"-" "curl/8" rt=0.123 17`, ""},
		{`"-" "curl/8" "-" ` + strings.Repeat("0.123 ", 20), "(0.123 0.123"},
	} {
		d, _ := Detect([]byte(strings.Repeat(head+c.tail+"\n", 3)), Options{})
		if d == nil || d.Format != formatCombined {
			t.Errorf("%s: %+v", c.tail, d)
			continue
		}
		if c.want == "" && d.unread != "" || !strings.Contains(d.unread, c.want) {
			t.Errorf("%s: %q, want %q", c.tail, d.unread, c.want)
		}
	}
	mixed := head + `"-" "curl/8"` + "\n"
	if d, _ := Detect([]byte(strings.Repeat(mixed, 5)+head+`"-" "curl/8" 0.1`+"\n"), Options{}); d.unread != "" {
		t.Errorf("one line in six: %q", d.unread)
	}
}
