package ui

import (
	"slices"
	"strings"
	"testing"

	"dbtriage/analyzers"
	"dbtriage/collectors"
	"dbtriage/ui/session"
)

// changedLive is the live state with something else in it; its readings may be changed.
func changedLive(change func(*session.State)) *session.State {
	st := *liveState()
	st.Latest, st.Sources = slices.Clone(st.Latest), slices.Clone(st.Sources)
	change(&st)
	return &st
}

// Of a blocker tree the one that holds up most stands first, at whatever remove they wait, and on a low
// screen too; a blocker that is not known comes last.
func TestWaitsNameTheCulprit(t *testing.T) {
	st := changedLive(func(st *session.State) {
		r := &st.Latest[1]
		wait := func(waiting, blocking int64, kind string) {
			r.Waits = append(r.Waits, collectors.Wait{Waiting: waiting, Blocking: blocking, Kind: kind, Object: "shop.stock", WaitUS: 5e6})
		}
		r.Waits = nil
		for i := range int64(2) {
			wait(20+i, 0, "metadata")
		}
		wait(30, 14, "row")
		wait(31, 14, "row")
		wait(12, 11, "row")
		for i := range int64(3) {
			wait(40+i, 12, "row")
		}
	})
	for _, size := range [][2]int{{40, 10}, {60, 20}, {80, 24}, {120, 40}, {200, 50}} {
		a := shownApp(st, size[0], size[1], Theme{})
		press(t, a, "3")
		shows(t, a, "11              BLOCKS")
		if size[0] > 40 {
			shows(t, a, "4 wait for it")
		}
	}
	rows := newView(st, Options{}).waitTable().Rows
	var ids []string
	for _, r := range rows {
		ids = append(ids, r.Key)
	}
	if got := strings.Join(ids, " "); got != "11 12 40 41 42 14 30 31 0 20 21" {
		t.Errorf("the order is %s", got)
	}
}

// Each session stands once below whom it waits for, though it waits for all ahead of it in a queue; those
// that wait in a circle are shown too.
func TestWaitsOnce(t *testing.T) {
	for _, c := range []struct {
		waits [][2]int64 // who waits for whom
		want  string
	}{
		{[][2]int64{{2, 1}, {3, 1}, {3, 2}, {4, 1}, {4, 2}, {4, 3}}, "1 2 3 4"},
		{[][2]int64{{2, 1}, {3, 2}, {4, 3}, {4, 2}}, "1 2 3 4"},
		{[][2]int64{{3, 1}, {3, 2}}, "1 3 2 3"},
		{[][2]int64{{1, 2}, {2, 1}}, "2 1 2"},
		{[][2]int64{{1, 2}, {2, 1}, {8, 7}, {9, 7}}, "2 1 2 7 8 9"},
		{[][2]int64{{1, 1}}, "1 1"},
	} {
		v := newView(changedLive(func(st *session.State) {
			st.Latest[1].Waits = nil
			for _, w := range c.waits {
				st.Latest[1].Waits = append(st.Latest[1].Waits, collectors.Wait{Waiting: w[0], Blocking: w[1], Kind: "row"})
			}
		}), Options{})
		var ids []string
		for _, r := range v.waitTable().Rows {
			ids = append(ids, r.Key)
		}
		if got := strings.Join(ids, " "); got != c.want {
			t.Errorf("%v: %s, want %s", c.waits, got, c.want)
		}
	}
}

// A server that answers no more has no figures of now, no sessions and no locks, and the screen says
// since when and why.
func TestServerIsLost(t *testing.T) {
	const silence = 98e6
	st := changedLive(func(st *session.State) {
		died := st.At
		st.At, st.To = st.At+silence, st.To+silence
		st.Latest[0].At = st.At
		st.Latest[1].Samples = []collectors.Sample{{At: died, Name: "mysql.status.Threads_running", Value: 28}}
		st.Latest[1].Missing = []collectors.Missing{{What: "statements by digest", Why: "SELECT command denied"}}
		st.Sources[1].State, st.Sources[1].Why, st.Sources[1].Provide = "lost", "dial tcp 127.0.0.1:3306: connection refused", "start the server"
		st.Sources[1].LastAt = died
		st.Diagnosis.Snapshot = &analyzers.Snapshot{Window: analyzers.Window{From: st.From, To: st.To}, Digest: analyzers.NewDigest(), Series: st.Diagnosis.Snapshot.Series}
	})
	for _, size := range [][2]int{{40, 10}, {60, 20}, {80, 24}, {120, 40}, {200, 50}} {
		a := shownApp(st, size[0], size[1], Theme{})
		press(t, a, "3")
		shows(t, a, "LOST since 11:08:40: mysql")
		if size[0] >= 80 {
			shows(t, a, "refused")
			shows(t, a, "do: start the server")
			shows(t, a, "threads run            --")
			shows(t, a, "questions              --")
			shows(t, a, "does not say now who is connected")
			hides(t, a, "update stock")
			hides(t, a, "up 1d")
		}
	}
	// The same readings, frozen then, are those of then.
	then := changedLive(func(st *session.State) { st.Look = session.Look{Cursor: st.At}; st.Sources[1].State = "lost" })
	a := shownApp(then, 80, 24, Theme{})
	press(t, a, "3")
	hides(t, a, "LOST")
	shows(t, a, "questions           400/s")
}

// A source that is read seldom is no lost one.
func TestSeldomIsNotOld(t *testing.T) {
	v := newView(liveState(), Options{})
	at := v.state.At
	for _, c := range []struct {
		ago, step int64
		old       bool
	}{{1e6, 0, false}, {4e6, 0, false}, {6e6, 0, true}, {60e6, 30e6, false}, {100e6, 30e6, true}} {
		if got := v.old(at-c.ago, c.step); got != c.old {
			t.Errorf("%d µs ago, one each %d: old is %v", c.ago, c.step, got)
		}
	}
}

// Without figures of a server the screen says what this session needs for them.
func TestNoServer(t *testing.T) {
	without := func(mode session.Mode, sources ...session.SourceState) *App {
		st := *emptyState()
		st.Mode, st.Sources = mode, sources
		a := shownApp(&st, 100, 30, Theme{})
		press(t, a, "3")
		return a
	}
	shows(t, without(session.Batch), "run dbtriage live with --mysql")
	shows(t, without(session.Replay), "record with --mysql")
	shows(t, without(session.Live), "start dbtriage live with --mysql")
	named := session.SourceState{Name: "mysql 127.0.0.1:3306", Kind: "mysql", State: "denied", Why: "access denied for user mon", Provide: "dbtriage mysql grants prints what it needs", LastAt: collectors.NoTime}
	a := without(session.Live, named)
	shows(t, a, "DENIED: mysql 127.0.0.1:3306: access denied for user mon")
	shows(t, a, "do: dbtriage mysql grants")
	hides(t, a, "--mysql")
	named.State = "ok"
	shows(t, without(session.Live, named), "no figures yet")
}
