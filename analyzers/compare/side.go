package compare

import (
	"math"

	"dbtriage/analyzers"
	"dbtriage/collectors"
)

// A stream is every event of one role of a side.
type stream struct {
	read    bool // such a log was read and is of that time, even if nothing in it is
	count   int64
	time    *analyzers.Timing
	seconds float64 // that the events are spread over; NaN when not known
	from    int64   // first instant of the window, collectors.NoTime when not known
	cells   []cell  // of events and the seconds they took
}

// A side is a snapshot as it is compared.
type side struct {
	s            *analyzers.Snapshot
	d            *analyzers.Digest
	window       analyzers.Window // of all logs, or, without any, of the recordings
	web, app, db stream
	grid         int64 // seconds of a cell
	fine         []analyzers.Second
}

func sideOf(s *analyzers.Snapshot) *side {
	d := s.Digest
	if d == nil {
		d = analyzers.NewDigest()
	}
	first, last := d.Span()
	if first == collectors.NoTime {
		first, last = s.Series.Span()
	}
	x := &side{s: s, d: d, window: within(s.Window, first, last), grid: d.Series.Width(), fine: d.Series.Cells()}
	x.web = x.stream(x.silent("web"), d.Web.Count, &d.Web.Time, d.Web.First, d.Web.Last, func(c *analyzers.Second) (int64, int64) { return c.Requests, c.RequestUS })
	x.app = x.stream(x.silent("app"), d.App.Count, &d.App.Time, d.App.First, d.App.Last, func(c *analyzers.Second) (int64, int64) { return c.AppRequests, c.AppUS })
	t := &d.Statements
	x.db = x.stream(x.silent("db"), t.Count, &t.Time, t.First, t.Last, func(c *analyzers.Second) (int64, int64) { return c.Statements, c.QueryUS })
	return x
}

// mostSilence is the largest part of a window in which its log may be silent at an end and still be taken to
// cover it; a guess of ours.
const mostSilence = 0.1

// within is the window that was asked for; an end that was not, or that lies far outside of what was logged,
// is where events begin or end, in whole seconds: a log that begins later tells no rate of the time before.
func within(w analyzers.Window, first, last int64) analyzers.Window {
	if w == (analyzers.Window{}) {
		w = analyzers.Window{From: collectors.NoTime, To: collectors.NoTime}
	}
	if first == collectors.NoTime || last == collectors.NoTime {
		return w
	}
	from, to := floor(first, 1e6)*1e6, (floor(last, 1e6)+1)*1e6
	silence := int64(mostSilence * float64(to-from))
	if w.From == collectors.NoTime || from-w.From > max(silence, 1e6) {
		w.From = from
	}
	if w.To == collectors.NoTime || w.To-to > max(silence, 1e6) {
		w.To = to
	}
	return w
}

func floor(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func secondsOf(w analyzers.Window) float64 {
	if w.From == collectors.NoTime || w.To == collectors.NoTime || w.To <= w.From {
		return math.NaN()
	}
	return float64(w.To-w.From) / 1e6
}

// silent reports whether a log of a role covers part of the side's time, so that it tells of nothing in it
// that there was nothing. Of a log that begins later or is empty that is not known.
func (x *side) silent(role string) bool {
	for _, src := range x.s.Sources {
		if src.Role == role && !src.Recording && src.From != collectors.NoTime && x.window.From != collectors.NoTime && src.From < x.window.To && src.To >= x.window.From {
			return true
		}
	}
	return false
}

// stream makes the stream of a role. The first and last of a few events do not say how long a log is: then
// all logs of the side do.
func (x *side) stream(read bool, count int64, t *analyzers.Timing, first, last int64, of func(*analyzers.Second) (n, us int64)) stream {
	w := x.window
	if count >= FewCalls {
		w = within(x.s.Window, first, last)
	}
	out := stream{read: count > 0 || read, count: count, time: t, seconds: secondsOf(w), from: w.From}
	out.cells = x.cellsOf(of)
	return out
}

// cellsOf takes one measure of the cells in which something ended; sums are in millionths.
func (x *side) cellsOf(of func(*analyzers.Second) (n, millionths int64)) []cell {
	var out []cell
	for i := range x.fine {
		if n, us := of(&x.fine[i]); n > 0 {
			out = append(out, cell{floor(x.fine[i].Start, x.grid), float64(n), float64(us) / 1e6})
		}
	}
	return out
}

// rate is how many of a stream came each second; unknown without such a log.
func (s *stream) rate() Estimate {
	if !s.read {
		return Estimate{}
	}
	return rate(s.count, s.seconds, s.cells)
}

func (s *stream) mean() Estimate { return mean(s.time, s.cells) }

// load is how many of a stream were in progress at once: seconds that they took, each second.
func (s *stream) load() float64 {
	if !s.read || !(s.seconds > 0) {
		return math.NaN()
	}
	return float64(s.time.Sum) / 1e6 / s.seconds
}
