package session

import (
	"context"
	"slices"
	"strings"
	"time"

	"dbtriage/analyzers"
	"dbtriage/collectors"
	"dbtriage/rules"
)

// judgeShare bounds how much of one core judging takes: after a judgement that took a millisecond of
// it the next one waits for 300; what it leaves to the garbage collector comes on top. A look that was
// asked for waits for nothing.
const judgeShare = 300

// maxJudgeWait bounds that wait.
const maxJudgeWait = 20 * time.Second

// A loop turns ticks into states. It is the same for what is live and what is replayed.
type loop struct {
	session   *Session
	set       *rules.Set
	lang      string
	instead   map[string]string
	state     State // what is the same in every state
	history   *history
	events    *eventLog
	sources   []SourceState
	meter     ownMeter
	serverUS  int64
	look      Look
	diagnosis Diagnosis
	steady    steadyVerdict

	ended   bool // there are no more ticks
	judging bool
	asked   bool // a look that was not judged yet
	judged  chan judged
	next    time.Time // when to judge again
}

type judged struct {
	look      Look
	diagnosis Diagnosis
	err       error
	took      time.Duration
}

func newLoop(s *Session, opt loopOptions) *loop {
	l := &loop{session: s, set: opt.Rules, lang: opt.Lang, instead: opt.Instead, history: newHistory(), events: newEventLog(), look: opt.Look, judged: make(chan judged, 1)}
	for _, e := range opt.Events {
		l.events.add(e)
	}
	l.state = State{Mode: opt.mode, Rules: opt.Rules, Host: opt.Host, Interval: opt.Interval.Microseconds(), Recording: opt.Record}
	return l
}

// loopOptions are what live sessions and replays have in common.
type loopOptions struct {
	Instead  map[string]string
	mode     Mode
	Events   []Event
	Host     string
	Interval time.Duration
	Look     Look // the first
	Rules    *rules.Set
	Lang     string
	Record   string
}

// run takes ticks until ctx ends. After the last tick it goes on answering looks.
func (l *loop) run(ctx context.Context, ticks <-chan *tick) error {
	l.asked = true
	for {
		select {
		case <-ctx.Done():
			return nil
		case t, more := <-ticks:
			if !more {
				ticks, l.ended = nil, true
				l.asked = true // all is there: judge once more
			} else {
				if err := l.take(t); err != nil {
					return err
				}
			}
			if err := l.judge(); err != nil {
				return err
			}
			if err := l.publish(); err != nil {
				return err
			}
		case look := <-l.session.asks:
			l.look, l.asked = look, true
			if err := l.judge(); err != nil {
				return err
			}
		case j := <-l.judged:
			l.judging = false
			if j.err != nil {
				return j.err
			}
			l.accept(j)
			if err := l.publish(); err != nil {
				return err
			}
			if err := l.judge(); err != nil {
				return err
			}
		}
	}
}

// take adds up what a tick holds.
func (l *loop) take(t *tick) error {
	if err := l.history.add(t); err != nil {
		return err
	}
	if t.Recording != "" {
		l.state.Recording, l.state.Recorded = t.Recording, t.Recorded
		if l.state.RecordedSince == 0 {
			l.state.RecordedSince = t.At
		}
	}
	for i := range t.Readings {
		l.events.reading(&t.Readings[i])
	}
	for _, e := range t.Events {
		l.events.add(e)
	}
	for _, now := range t.Sources {
		i := slices.IndexFunc(l.sources, func(have SourceState) bool { return have.Name == now.Name && have.Kind == now.Kind })
		if i >= 0 {
			l.events.source(&l.sources[i], &now, t.At)
		}
	}
	sources := withStates(l.sources, t.Sources) // those published are not changed
	for i := range t.Readings {
		r := &t.Readings[i]
		if n := slices.IndexFunc(sources, func(s SourceState) bool { return s.Name == r.Source }); n >= 0 {
			if sources[n].State == "ok" { // else it said only that it cannot be read
				sources[n].LastAt = r.At
			}
			sources[n].CostUS = r.CostUS
			if sources[n].Kind == "mysql" {
				l.serverUS += r.CostUS
			}
		}
	}
	l.sources = sources
	return nil
}

// judge begins to judge the look, if it is time to.
func (l *loop) judge() error {
	now := time.Now()
	if l.judging || !l.asked && (now.Before(l.next) || l.look.Cursor != collectors.NoTime) {
		return nil
	}
	var s *analyzers.Snapshot
	var err error
	j := judged{look: l.look}
	j.took = worked(func() { s, err = l.history.snapshot(j.look) })
	if err != nil {
		return err
	}
	l.judging, l.asked = true, false
	go func() {
		j.took += worked(func() {
			j.diagnosis, j.err = Judge(s, l.set, l.lang)
			adviseInstead(j.diagnosis.Judgement.Gaps, l.instead)
		})
		l.judged <- j
	}()
	return nil
}

// adviseInstead puts advice in the place of the usual one. A gap of several inputs joins the sentences
// that gaps of one have.
func adviseInstead(gaps []rules.Gap, instead map[string]string) {
	for missing, advice := range instead {
		usual := ""
		for _, g := range gaps {
			if len(g.Missing) == 1 && g.Missing[0] == missing {
				usual = g.Provide
				break
			}
		}
		for i := range gaps {
			if usual != "" {
				gaps[i].Provide = strings.ReplaceAll(gaps[i].Provide, usual, advice)
			}
		}
	}
}

// accept takes over a judgement.
func (l *loop) accept(j judged) {
	l.next = time.Now().Add(min(judgeShare*j.took, maxJudgeWait))
	if j.look != l.look {
		return // another one was asked for meanwhile
	}
	l.diagnosis = j.diagnosis
	l.events.statements(j.diagnosis.Snapshot.Digest)
	if j.look.Cursor == collectors.NoTime {
		l.diagnosis.Judgement.Verdict = l.steady.show(j.diagnosis.Judgement.Verdict)
		if a := &j.diagnosis.Attribution; a.Onset != 0 {
			l.events.onset(a.Onset, a.Change)
		}
	}
}

// publish makes a state of what is known now.
func (l *loop) publish() error {
	st := l.state
	l.state.Seq++
	st.Seq = l.state.Seq
	st.Look = l.look
	st.From, st.To = l.history.from, l.history.to
	st.At = st.To
	if l.look.Cursor != collectors.NoTime {
		st.At = min(l.look.Cursor, st.To)
	}
	if l.diagnosis.Snapshot == nil {
		l.diagnosis = Diagnosis{Snapshot: emptySnapshot()}
		l.diagnosis.Judgement.Verdict = rules.Verdict{Layer: rules.LayerUnknown, SeenIn: rules.LayerUnknown, Since: collectors.NoTime}
	}
	st.Ended = l.ended && !l.judging && !l.asked
	st.Diagnosis = l.diagnosis
	var err error
	if st.Latest, err = l.history.latest(st.At); err != nil {
		return err
	}
	st.Events = l.events.all
	st.Sources = l.sources
	st.Own = l.meter.measure(time.Now())
	st.Own.ServerUS, l.serverUS = l.serverUS, 0
	l.session.publish(&st)
	return nil
}

// A steadyVerdict keeps the verdict on screen from flickering: another layer is shown when two
// judgements in a row name it.
type steadyVerdict struct {
	shown, candidate rules.Verdict
}

func (s *steadyVerdict) show(v rules.Verdict) rules.Verdict {
	if v.Layer != s.shown.Layer && v.Layer != s.candidate.Layer && s.shown.Layer != "" && s.shown.Layer != rules.LayerUnknown {
		s.candidate = v
		return s.shown
	}
	s.shown, s.candidate = v, rules.Verdict{}
	return v
}
