package logs

import (
	"bytes"
	"math/rand/v2"
	"strconv"
	"testing"
)

// All quotes are found where a search for each finds them, whatever lies behind the line.
func TestQuotes(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	var q quotes
	for range 20_000 {
		n := r.IntN(700)
		text := make([]byte, n+r.IntN(100))
		every := 1 + r.IntN(120)
		for i := range text {
			if text[i] = "ab\\ "[r.IntN(4)]; r.IntN(every) == 0 {
				text[i] = '"'
			}
		}
		line := text[:n]
		q.reset(line)
		for range 20 {
			from := r.IntN(n + 1)
			want := bytes.IndexByte(line[from:], '"')
			if want >= 0 {
				want += from
			}
			if got := q.next(from); got != want {
				t.Fatalf("%q from %d: the next quote is at %d, not %d", line, from, want, got)
			}
			if want, got := closingQuote(line[from:]), q.closing(from); got != want+from && (got >= 0 || want >= 0) {
				t.Fatalf("%q from %d: the closing quote is at %d, not %d", line, from, want+from, got)
			}
		}
	}
}

func TestLeadingCount(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	for range 200_000 {
		digits := r.IntN(20)
		text := make([]byte, digits, digits+12)
		for i := range text {
			text[i] = '0' + byte(r.IntN(10))
		}
		for range r.IntN(12) {
			text = append(text, byte(r.IntN(256)))
		}
		length := 0
		for length < len(text) && text[length]-'0' <= 9 && length < 18 {
			length++
		}
		want, _ := strconv.ParseInt(string(text[:length]), 10, 64)
		if n, got := leadingCount(text); n != want || got != length {
			t.Fatalf("%q begins with %d in %d digits, not %d in %d", text, want, length, n, got)
		}
	}
}
