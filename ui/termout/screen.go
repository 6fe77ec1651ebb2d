// Package termout paints frames on a terminal without ever waiting for it: whoever draws hands over
// a frame and goes on, and of frames that the terminal was too slow for only the newest is painted.
package termout

import (
	"os"
	"strings"
	"sync"
	"time"
)

// The modes that a screen sets and takes back: alternate screen, hidden cursor, bracketed paste. What
// is pasted must not be read as keys. The mouse, if asked for, tells of clicks and the wheel.
const (
	enter      = "\x1b[?1049h\x1b[?25l\x1b[?2004h"
	leave      = "\x1b[?2004l\x1b[?25h\x1b[?1049l"
	enterMouse = enter + "\x1b[?1000h\x1b[?1006h"
	leaveMouse = "\x1b[?1006l\x1b[?1000l" + leave
)

// Frames are painted at once on terminals that know synchronized output; others ignore it.
const (
	beginSync = "\x1b[?2026h"
	endSync   = "\x1b[?2026l"
)

const (
	// minInterval is between two frames on a fast terminal: 25 a second.
	minInterval = 40 * time.Millisecond
	// slowWrite is the time of one write from which a terminal counts as slow. Local ones take less than
	// a millisecond.
	slowWrite = 150 * time.Millisecond
	// patience is how long the end waits for a terminal that does not read.
	patience = 300 * time.Millisecond
)

// Stats is what painting has cost so far.
type Stats struct {
	Frames int64
	Bytes  int64
	Last   int           // bytes of the newest frame
	Slow   time.Duration // what the terminal took for a frame lately; 0 when it is fast
}

// A Screen paints on a terminal. Its methods may be called from any goroutine and never block, save
// Close, which waits for a moment.
type Screen struct {
	out          *os.File
	enter, leave string

	mu      sync.Mutex
	next    []string // the frame to be painted
	width   int
	fresh   bool   // next was not painted yet
	repaint bool   // the terminal's content is not known
	control string // sequences to be written before the next frame
	writing bool
	closed  bool
	stats   Stats

	wake chan struct{}
	done chan struct{}
}

// Open enters the alternate screen of a terminal, and takes the mouse if asked to.
func Open(out *os.File, mouse bool) *Screen {
	s := &Screen{out: out, enter: enter, leave: leave, wake: make(chan struct{}, 1), done: make(chan struct{}), repaint: true}
	if mouse {
		s.enter, s.leave = enterMouse, leaveMouse
	}
	s.control = s.enter
	go s.paint()
	s.signal()
	return s
}

// Show has a frame painted: lines of text and SGR sequences, for a terminal of width columns. A frame
// that is equal to the one on the terminal costs nothing.
func (s *Screen) Show(lines []string, width int) {
	s.mu.Lock()
	if width != s.width {
		s.repaint = true
	}
	s.next, s.width, s.fresh = lines, width, true
	s.mu.Unlock()
	s.signal()
}

// Repaint has the whole frame painted anew.
func (s *Screen) Repaint() {
	s.mu.Lock()
	s.repaint, s.fresh = true, true
	s.mu.Unlock()
	s.signal()
}

// Send writes a control sequence that is no part of a frame.
func (s *Screen) Send(sequence string) {
	s.mu.Lock()
	// What a terminal does not take is not kept for ever.
	if len(s.control)+len(sequence) <= 1<<20 {
		s.control += sequence
	}
	s.mu.Unlock()
	s.signal()
}

// Suspend gives the terminal back, Resume takes it again. It waits a moment until the terminal knows.
func (s *Screen) Suspend() {
	s.Send(s.leave)
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(minInterval / 8) {
		s.mu.Lock()
		told := s.control == "" && !s.writing
		s.mu.Unlock()
		if told {
			return
		}
	}
}

// Resume takes the terminal again after Suspend.
func (s *Screen) Resume() {
	s.Send(s.enter)
	s.Repaint()
}

// Stats returns what painting has cost so far.
func (s *Screen) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stats
}

// Close takes back all modes. It waits a moment for a terminal that does not read, and then leaves it.
func (s *Screen) Close() {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return
	}
	s.closed, s.fresh = true, false
	s.control += s.leave
	s.mu.Unlock()
	s.signal()
	select {
	case <-s.done:
	case <-time.After(patience):
	}
}

func (s *Screen) signal() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// paint is the only goroutine that writes.
func (s *Screen) paint() {
	defer close(s.done)
	var shown []row
	for range s.wake {
		s.mu.Lock()
		out := s.control
		s.control = ""
		lines, width, fresh, closed := s.next, s.width, s.fresh, s.closed
		if s.repaint && fresh {
			shown, s.repaint = nil, false
			out += "\x1b[2J"
		}
		s.fresh, s.writing = false, true
		s.mu.Unlock()
		if fresh {
			var frame string
			frame, shown = diff(shown, lines, width)
			if frame != "" {
				out += beginSync + frame + endSync
			}
		}
		if out != "" {
			start := time.Now()
			_, err := s.out.WriteString(out)
			took := time.Since(start)
			s.count(len(out), took)
			if err != nil {
				return // the terminal is gone; whoever reads keys learns of it too
			}
			if !closed {
				time.Sleep(max(minInterval-took, 0))
			}
		}
		if out == "" {
			s.mu.Lock()
			s.writing = false
			s.mu.Unlock()
		}
		if closed {
			return
		}
	}
}

func (s *Screen) count(n int, took time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.writing = false
	s.stats.Frames++
	s.stats.Bytes += int64(n)
	s.stats.Last = n
	if took < slowWrite {
		took = 0
	}
	// Fast again only after several fast frames: small ones vanish in the buffers of a slow link.
	if took >= s.stats.Slow {
		s.stats.Slow = took
	} else if s.stats.Slow = s.stats.Slow * 3 / 4; s.stats.Slow < slowWrite/2 {
		s.stats.Slow = 0
	}
}

// diff returns what turns the frame on the terminal into the one of lines, and that frame.
func diff(shown []row, lines []string, width int) (string, []row) {
	var b strings.Builder
	now := make([]row, len(lines))
	empty := row{}
	for y, line := range lines {
		before := &empty
		if y < len(shown) {
			before = &shown[y]
		}
		if before.line == line {
			now[y] = *before
			continue
		}
		now[y].line = line
		now[y].cells, now[y].wide = parseLine(line, width)
		diffRow(&b, y, before, &now[y])
	}
	for y := len(lines); y < len(shown); y++ {
		if len(shown[y].cells) > 0 {
			moveTo(&b, y, 0)
			b.WriteString("\x1b[K")
		}
	}
	return b.String(), now
}
