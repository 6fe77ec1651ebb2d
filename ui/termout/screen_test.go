package termout

import (
	"math/rand"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"

	"dbtriage/ui/termout/emulate"
)

// Whatever frame follows whatever other, what is on the terminal is the newest.
func TestDiffPaintsTheNewestFrame(t *testing.T) {
	random := rand.New(rand.NewSource(1))
	pieces := []string{"a", "bb", " ", "   ", "\x1b[1mstrong\x1b[0m", "\x1b[31mred\x1b[0m", "█▁", "慢查", "é", "12345678", "e\u0301"}
	term := emulate.New(40, 12)
	var shown []row
	for range 3000 {
		lines := make([]string, 12)
		for y := range lines {
			if random.Intn(3) == 0 && y < len(shown) {
				lines[y] = shown[y].line
				continue
			}
			for range random.Intn(9) {
				lines[y] += pieces[random.Intn(len(pieces))]
			}
		}
		var out string
		out, shown = diff(shown, lines, 40)
		_, _ = term.Write([]byte(out))
		whole, _ := diff(nil, lines, 40)
		fresh := emulate.New(40, 12)
		_, _ = fresh.Write([]byte(whole))
		if term.Text() != fresh.Text() {
			t.Fatalf("the terminal shows\n%s\nthe frame is\n%s", term.Text(), fresh.Text())
		}
	}
	if same, _ := diff(shown, linesOf(shown), 40); same != "" {
		t.Errorf("an unchanged frame costs %q", same)
	}
}

func linesOf(rows []row) (out []string) {
	for _, r := range rows {
		out = append(out, r.line)
	}
	return out
}

// openPair returns a screen on a pseudo terminal, and the terminal's other end.
func openPair(t *testing.T) (*Screen, *os.File) {
	t.Helper()
	master, slave, err := pty.Open()
	if err != nil {
		t.Skipf("no pseudo terminal: %v", err)
	}
	if err := pty.Setsize(slave, &pty.Winsize{Rows: 24, Cols: 80}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { master.Close(); slave.Close() })
	return Open(slave, false), master
}

func frame(fill string) []string {
	lines := make([]string, 24)
	for y := range lines {
		lines[y] = strings.Repeat(fill, 80)
	}
	return lines
}

// A terminal that does not read holds nothing up, memory stays bounded, and when it reads again it gets
// the newest frame.
func TestStalledTerminal(t *testing.T) {
	s, master := openPair(t)
	done := make(chan bool)
	go func() {
		for i := range 2000 { // far more than the kernel keeps for a terminal
			s.Show(frame(string(rune('a'+i%26))), 80)
			s.Send("\x1b]52;c;eA==\x07")
		}
		s.Show(frame("Z"), 80)
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Fatal("showing a frame waits for the terminal")
	}
	term := emulate.New(80, 24)
	read := make(chan []byte)
	go func() {
		defer close(read)
		for {
			buf := make([]byte, 4096)
			n, err := master.Read(buf)
			if err != nil {
				return
			}
			read <- buf[:n]
		}
	}()
	want := strings.Join(frame("Z"), "\n")
	total := 0
	deadline := time.After(20 * time.Second)
	for term.Text() != want {
		select {
		case p, ok := <-read:
			if !ok {
				t.Fatal("the terminal was closed")
			}
			total += len(p)
			_, _ = term.Write(p)
		case <-deadline:
			t.Fatalf("after %d bytes the terminal shows\n%s", total, term.Text())
		}
	}
	if total > 200_000 {
		t.Errorf("%d bytes were painted: old frames were kept", total)
	}
	go s.Close()
	for p := range read {
		if _, _ = term.Write(p); !term.AltScreen && term.CursorShown && !term.Paste {
			return
		}
	}
	t.Error("the modes were not taken back")
}

// Close ends even when nobody reads.
func TestCloseDoesNotWait(t *testing.T) {
	s, _ := openPair(t)
	for i := range 50 {
		s.Show(frame(string(rune('a'+i%26))), 80)
	}
	done := make(chan bool)
	go func() { s.Close(); s.Close(); close(done) }()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		t.Fatal("Close waits for a terminal that does not read")
	}
}

// A slow terminal is known to be slow, and to be fast again.
func TestSlowness(t *testing.T) {
	s := &Screen{}
	s.count(1000, 2*time.Second)
	if s.Stats().Slow != 2*time.Second {
		t.Errorf("slow: %v", s.Stats().Slow)
	}
	for range 20 {
		s.count(1000, time.Millisecond)
	}
	if got := s.Stats(); got.Slow != 0 || got.Frames != 21 || got.Bytes != 21_000 {
		t.Errorf("after fast frames: %+v", got)
	}
}

// A screen of another size is painted anew as a whole.
func TestResizePaintsAnew(t *testing.T) {
	s, master := openPair(t)
	defer s.Close()
	s.Show(frame("x"), 80)
	term := emulate.New(80, 24)
	buf := make([]byte, 64<<10)
	readUntil := func(want string) {
		t.Helper()
		for end := time.Now().Add(10 * time.Second); term.Text() != want; {
			_ = master.SetReadDeadline(end)
			n, err := master.Read(buf)
			if err != nil {
				t.Fatalf("%v; the terminal shows\n%s", err, term.Text())
			}
			_, _ = term.Write(buf[:n])
		}
	}
	readUntil(strings.Join(frame("x"), "\n"))
	term.Resize(40, 24)
	lines := frame("x")
	for y := range lines {
		lines[y] = lines[y][:40]
	}
	s.Show(lines, 40)
	readUntil(strings.Join(lines, "\n"))
}
