package session

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"sync/atomic"
	"time"

	"dbtriage/analyzers"
	"dbtriage/collectors"
	"dbtriage/rules"
)

// BatchOptions are what a session over finished inputs may be told.
type BatchOptions struct {
	Host    string
	Options Options
	Look    Look
	Rules   *rules.Set
	Lang    string
	Events  []Event // known from elsewhere, such as deployments
}

// StartBatch reads inputs to their end, publishing what it has on the way, and then answers looks
// until ctx ends or the session is closed. A look at a part of the time reads that part again: files
// whose times are in order are searched for it.
func StartBatch(ctx context.Context, inputs []Input, opt BatchOptions) *Session {
	ctx, cancel := context.WithCancel(ctx)
	b := &batch{session: newSession(cancel), inputs: inputs, opt: opt, read: &atomic.Int64{}}
	b.look = opt.Look
	for _, in := range inputs {
		if info, err := os.Stat(in.Path); in.Open == nil && err == nil {
			b.total += info.Size()
		}
	}
	go func() { b.session.end(b.run(ctx)) }()
	return b.session
}

// A batch is a session over finished inputs.
type batch struct {
	session *Session
	inputs  []Input
	opt     BatchOptions
	read    *atomic.Int64
	total   int64
	look    Look
	seq     int64
	meter   ownMeter

	whole *State // of all there is
}

func (b *batch) run(ctx context.Context) error {
	opt := b.opt.Options
	opt.Progress = b.read
	var failed error
	opt.interim = newInterim(func(s *analyzers.Snapshot) {
		d, err := Judge(s, b.opt.Rules, b.opt.Lang)
		if err != nil {
			failed = err
			return
		}
		st := b.state(d, nil)
		st.Progress = Progress{Read: b.read.Load(), Total: max(b.total, b.read.Load())}
		b.session.publish(st)
	})
	b.publishEmpty()
	s, problems := Read(ctx, b.inputs, opt)
	if ctx.Err() != nil || failed != nil {
		return failed
	}
	d, err := Judge(s, b.opt.Rules, b.opt.Lang)
	if err != nil {
		return err
	}
	b.whole = b.state(d, problems)
	b.whole.Ended = true
	return b.serve(ctx)
}

func (b *batch) publishEmpty() {
	st := b.state(Diagnosis{Snapshot: emptySnapshot()}, nil)
	st.Diagnosis.Judgement.Verdict = rules.Verdict{Layer: rules.LayerUnknown, SeenIn: rules.LayerUnknown, Since: collectors.NoTime}
	st.Progress = Progress{Total: b.total}
	b.session.publish(st)
}

// serve answers looks. A new one ends the reading for the one before.
func (b *batch) serve(ctx context.Context) error {
	type answer struct {
		look Look
		d    Diagnosis
		err  error
	}
	answers := make(chan answer)
	stop := func() {}
	defer func() { stop() }()
	ask := func(look Look) {
		stop()
		b.look = look
		w := look.Span(b.whole.From, b.whole.To+1)
		if w.From <= b.whole.From && w.To > b.whole.To {
			b.show(b.whole.Diagnosis)
			return
		}
		var reading context.Context
		reading, stop = context.WithCancel(ctx)
		go func() {
			d, err := b.readWindow(reading, w)
			select {
			case answers <- answer{look, d, err}:
			case <-reading.Done():
			}
		}()
	}
	ask(b.look)
	for {
		select {
		case <-ctx.Done():
			return nil
		case look := <-b.session.asks:
			ask(look)
		case a := <-answers:
			if a.err != nil {
				return a.err
			}
			if a.look == b.look {
				b.show(a.d)
			}
		}
	}
}

func (b *batch) show(d Diagnosis) {
	st := *b.whole
	b.seq++
	st.Seq, st.Look, st.Diagnosis = b.seq, b.look, d
	if b.look.Cursor != collectors.NoTime {
		st.At = min(max(b.look.Cursor, st.From), st.To)
	}
	st.Latest = b.whole.Diagnosis.Snapshot.ListsAt(st.At)
	st.Own = b.meter.measure(time.Now())
	b.session.publish(&st)
}

// readWindow reads what lies in a window. What can be read only once stays as it is for the whole.
func (b *batch) readWindow(ctx context.Context, w analyzers.Window) (Diagnosis, error) {
	opt := b.opt.Options
	if f := opt.Filter.Window; f != (analyzers.Window{}) { // never wider than was asked for at the start
		if f.From != collectors.NoTime {
			w.From = max(w.From, f.From)
		}
		if f.To != collectors.NoTime {
			w.To = min(w.To, f.To)
		}
	}
	opt.Filter.Window = w
	for _, in := range b.inputs {
		if in.Once {
			return b.whole.Diagnosis, nil
		}
	}
	s, _ := Read(ctx, b.inputs, opt)
	return Judge(s, b.opt.Rules, b.opt.Lang)
}

// state makes a state of a diagnosis of all that was read.
func (b *batch) state(d Diagnosis, problems []Problem) *State {
	b.seq++
	st := &State{Seq: b.seq, Mode: Batch, Rules: b.opt.Rules, Host: b.opt.Host, Look: b.look, Diagnosis: d, From: collectors.NoTime, To: collectors.NoTime}
	s := d.Snapshot
	first, last := s.Digest.Span()
	widen(&st.From, &st.To, first)
	widen(&st.From, &st.To, last)
	if st.From == collectors.NoTime {
		first, last = s.Series.Span()
		widen(&st.From, &st.To, first)
		widen(&st.From, &st.To, last)
	}
	st.At = st.To
	st.Latest = s.ListsAt(st.At)
	log := newEventLog()
	for _, at := range s.Series.Restarts("") {
		log.add(Event{at, "restart", "the server was restarted"})
	}
	if a := &d.Attribution; a.Onset != 0 {
		log.onset(a.Onset, a.Change)
	}
	log.statements(s.Digest)
	for _, e := range b.opt.Events {
		log.add(e)
	}
	st.Events = log.all
	for i := range s.Sources {
		src := &s.Sources[i]
		kind := "log"
		if src.Recording {
			kind = "recording"
		}
		st.Sources = append(st.Sources, SourceState{Name: src.Path, Kind: kind, State: "ok", Found: "named", LastAt: src.To, Log: src})
	}
	for _, p := range problems {
		if !p.Passed || !p.found {
			st.Sources = withProblem(st.Sources, p)
		}
	}
	st.Own = b.meter.measure(time.Now())
	return st
}

func withProblem(sources []SourceState, p Problem) []SourceState {
	state, why, provide := stateOf(p.Err)
	if errors.Is(p.Err, fs.ErrNotExist) {
		state = "absent"
	}
	for i := range sources {
		if sources[i].Name == p.Path {
			sources[i].State, sources[i].Why, sources[i].Provide = state, why, provide
			return sources
		}
	}
	return append(sources, SourceState{Name: p.Path, Kind: "log", State: state, Found: "named", Why: why, Provide: provide, LastAt: collectors.NoTime})
}
