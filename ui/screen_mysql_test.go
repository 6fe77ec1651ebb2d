package ui

import (
	"slices"
	"strings"
	"testing"

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
