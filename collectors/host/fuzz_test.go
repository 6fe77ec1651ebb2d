package host

import (
	"testing"
	"time"
)

func FuzzParseStat(f *testing.F) {
	f.Add([]byte("7 (a b) R 1 1 1 0 -1 64 1 0 0 0 10 5 0 0 20 0 1 0 600 2 20 18"))
	f.Add([]byte("9 (odd) name (x)) S 1"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if st, ok := parseStat(text); ok && st.state == 0 {
			t.Error("a process without a state")
		}
	})
}

func FuzzParseMount(f *testing.F) {
	f.Add([]byte(`36 35 98:0 /a\040b /mnt shared:1 - ext4 /dev/sda1 rw`))
	f.Fuzz(func(t *testing.T, line []byte) {
		if m, ok := parseMount(line); ok && (m.kind == "" || m.point == "") {
			t.Errorf("%+v", m)
		}
	})
}

func FuzzNumber(f *testing.F) {
	f.Add([]byte("18446744073709551615"))
	f.Add([]byte("18446744073709551616"))
	f.Fuzz(func(t *testing.T, word []byte) {
		n, ok := number(word)
		if !ok {
			return
		}
		// The digits of the number are those of the word, leading zeros aside.
		for i := len(word) - 1; i >= 0; i-- {
			if uint64(word[i]-'0') != n%10 {
				t.Fatalf("%q is read as another number", word)
			}
			n /= 10
		}
		if n != 0 {
			t.Fatalf("%q is read as a longer number", word)
		}
	})
}

// Whatever the files hold, reading them twice ends and puts nothing that is out of bounds.
func FuzzLines(f *testing.F) {
	f.Add([]byte("cpu  1 2 3 4 5 6 7 8\ncpu0 1 2 3 4\n"), []byte("some avg10=1 total=5\nTcp: A\nTcp: 1\n"))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		for _, text := range [][]byte{a, b} {
			pairs(text, func([]byte, uint64) {})
			columns(text, "Tcp:", func([]byte, uint64) {})
			parseSocket(text)
			chosen(text)
			unescape(string(text))
			cpuList(string(text))
		}
		s := New(Options{})
		var modes [cpuModes]uint64
		p := &pass{Sampler: s}
		for i, text := range [][]byte{a, b} {
			p.since = time.Duration(i+1) * time.Second
			numbers(text, modes[:])
			p.cpuTime("", &modes)
		}
		for _, sample := range p.out.Samples {
			if sample.Value < 0 || sample.Value > 1 {
				t.Errorf("%s is %g", sample.Name, sample.Value)
			}
		}
	})
}
