package logs

import (
	"bytes"
	"math/rand/v2"
	"strconv"
	"testing"
)

// randomLines is a text of n bytes of which one in every is a line end, with comment lines among them.
func randomLines(r *rand.Rand, n, every int) []byte {
	text := make([]byte, n)
	for i := range text {
		text[i] = "ab# \r'"[r.IntN(6)]
		if r.IntN(every) == 0 {
			text[i] = '\n'
		}
	}
	return text
}

// All that a lineEnds says is what a search for each line end says, in whatever order it is asked.
func TestLineEnds(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	plain := func(find func([]byte) int, text []byte, pos int) int {
		if i := find(text[pos:]); i >= 0 {
			return pos + i
		}
		return -1
	}
	var l lineEnds
	for _, every := range []int{1, 2, 10, 60, 500, 20_000} {
		for _, n := range []int{0, 1, 31, 63, 64, 65, 200, indexBlock - 1, indexBlock, indexBlock + 1, 3*indexBlock + 100} {
			text := randomLines(r, n, every)
			l.reset(text)
			pos := 0
			for range 2000 {
				switch {
				case n > 0 && r.IntN(20) == 0:
					pos = r.IntN(n)
				case r.IntN(10) == 0:
					pos = max(0, pos-r.IntN(200))
				}
				if want, got := plain(func(b []byte) int { return bytes.IndexByte(b, '\n') }, text, pos), l.next(pos); got != want {
					t.Fatalf("a line end in %d, %d bytes: from %d the next is at %d, not %d", every, n, pos, want, got)
				}
				if r.IntN(8) == 0 {
					want := plain(func(b []byte) int { return bytes.Index(b, hashLine) }, text, pos)
					if got := l.hashLine(pos); got != want {
						t.Fatalf("a line end in %d, %d bytes: from %d the next header line is at %d, not %d", every, n, pos, want, got)
					}
				}
				if r.IntN(8) == 0 {
					at := r.IntN(n + 1)
					if want, got := bytes.Count(text[:at], newline), l.before(at); got != want {
						t.Fatalf("a line end in %d, %d bytes: %d lie before %d, not %d", every, n, want, at, got)
					}
				}
				if pos = l.next(pos) + 1; pos == 0 || pos >= n {
					pos = 0
				}
			}
		}
	}
}

func TestVectors(t *testing.T) {
	if !vectors {
		t.Skip("this processor has no AVX2: the functions are not called")
	}
	r := rand.New(rand.NewPCG(3, 4))
	for range 3000 {
		blocks := 1 + r.IntN(6)
		text := randomLines(r, 64*blocks, 1+r.IntN(80))
		var want []uint32
		for i, c := range text {
			if c == '\n' {
				want = append(want, uint32(i+7))
			}
		}
		got := make([]uint32, len(text)+3)
		got = got[:newlineOffsets(&got[0], &text[0], len(text), 7)]
		if len(got) != len(want) {
			t.Fatalf("%q: %d line ends, not %d", text, len(want), len(got))
		}
		for i := range want {
			if got[i] != want[i] {
				t.Fatalf("%q: line end %d is at %d, not %d", text, i, want[i], got[i])
			}
		}
	}
	for n := 32; n < 200; n++ {
		text := bytes.Repeat([]byte("x"), n+2) // what lies around the text does not count
		text[0], text[n+1] = '\'', '/'
		if holdsOpener(&text[1], n) {
			t.Errorf("%d bytes without an opener hold one", n)
		}
		for i := 1; i <= n; i++ {
			text[i] = "'\"`/"[i%4]
			if !holdsOpener(&text[1], n) {
				t.Errorf("the %c at %d of %d is overlooked", text[i], i-1, n)
			}
			text[i] = "&.!#"[i%4]
			if holdsOpener(&text[1], n) {
				t.Errorf("the %c at %d of %d is taken for an opener", text[i], i-1, n)
			}
			text[i] = 'x'
		}
	}
}

func TestSixDigits(t *testing.T) {
	for n := range 1_000_000 {
		text := strconv.Itoa(1_000_000 + n)[1:]
		if got, ok := sixDigits([]byte(text)); !ok || got != int64(n) {
			t.Fatalf("%s is read as %d, %v", text, got, ok)
		}
	}
	for i := range 6 {
		for c := range 256 {
			text := []byte("123456")
			text[i] = byte(c)
			if _, ok := sixDigits(text); ok != (c >= '0' && c <= '9') {
				t.Errorf("%q is a number: %v", text, ok)
			}
		}
	}
}

// BenchmarkLineEnds compares the index with a search for each line end.
func BenchmarkLineEnds(b *testing.B) {
	var text []byte
	for i := range 10_000 {
		text = append(append(text, bytes.Repeat([]byte("x"), 30+i*7919%60)...), '\n')
	}
	all := func(b *testing.B, begin func() *lineEnds) {
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			l := begin()
			for pos := 0; pos < len(text); {
				pos = l.next(pos) + 1
			}
		}
	}
	var l lineEnds
	b.Run("index", func(b *testing.B) { all(b, func() *lineEnds { l.reset(text); return &l }) })
	b.Run("search", func(b *testing.B) { all(b, func() *lineEnds { return &lineEnds{buf: text} }) })
}
