package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"

	"dbtriage/analyzers"
	"dbtriage/collectors"
	"dbtriage/collectors/recorded"
	"dbtriage/rules"
	"dbtriage/ui/session"
	"dbtriage/ui/show"
)

const liveLong = `Live watches this host and what is named, and says again and again which layer
holds the system back. It only reads. --record keeps what it sees for replay.

Without --slow-log, statements are read from the server that --mysql names: from
the table mysql.slow_log if it logs there, else from performance_schema. Several
servers may be named, also of one machine: each is judged by itself.`

const liveExample = `  dbtriage live --slow-log /var/log/mysql/slow.log --access-log /var/log/nginx/access.log
  dbtriage live --plain --record incident.rec --access-log /var/log/nginx/access.log`

type liveFlags struct {
	sourceFlags
	tuiFlags
	record string
	plain  bool
	every  time.Duration
}

func newLive(s streams) *cobra.Command {
	f := liveFlags{every: 10 * time.Second}
	cmd := &cobra.Command{
		Use:     "live",
		Short:   "Watch this host, servers and logs",
		Long:    liveLong,
		Example: liveExample,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if _, _, terminal := onTerminal(s); terminal { // without one lines are printed anyway
				if err := needs(cmd, "every", "plain"); err != nil {
					return err
				}
			}
			return live(cmd.Context(), s, &f)
		},
	}
	s.rules.add(cmd.Flags())
	f.sourceFlags.add(cmd)
	fl := cmd.Flags()
	fl.StringVar(&f.record, "record", "", "record to this new `FILE`")
	fl.BoolVar(&f.plain, "plain", false, "print lines instead of screens, as without a terminal")
	f.tuiFlags.add(cmd)
	addInterval(cmd, &f.every, "every", shortestInterval, "with --plain, print a line each `INTERVAL`")
	return cmd
}

// Memory is traded for a little time: the host that is watched may be short of it.
const (
	liveGC     = 30
	liveMemory = 32 << 20
)

func live(ctx context.Context, s streams, f *liveFlags) error {
	opt, err := f.options()
	if err != nil {
		return err
	}
	f.nginxConf.tellMissing(s.err)
	debug.SetGCPercent(liveGC)
	debug.SetMemoryLimit(liveMemory)
	releaseStartPagesLater()
	if opt.Events, err = f.noted(); err != nil {
		return err
	}
	opt.Lang = f.lang
	opt.Instead = f.instead(f.lang)
	opt.Look = session.Look{Cursor: collectors.NoTime, Width: (5 * time.Minute).Microseconds()}
	if f.record != "" {
		opt.Record = &recorded.RecorderOptions{File: f.record}
	}
	beNice()
	start := func() (*session.Session, error) {
		if opt.Rules, err = s.rules.load(); err != nil {
			return nil, err
		}
		watch, err := session.StartLive(ctx, opt)
		if err != nil {
			return nil, recordError(err)
		}
		return watch, nil
	}
	if _, _, ok := onTerminal(s); ok && !f.plain {
		return f.open(ctx, s, screen{look: opt.Look, explain: f.mysql.explain()}, start)
	}
	watch, err := start()
	if err != nil {
		return err
	}
	return printLines(s.out, watch, f.every)
}

// printLines prints a session as lines: the verdict when it changes, sources that come and go, and a
// line of figures every so often.
func printLines(w io.Writer, watch *session.Session, every time.Duration) error {
	p := linePrinter{out: w, every: every.Microseconds(), states: map[string]string{}}
	for st := range watch.States() {
		p.print(st)
		if st.Ended || p.failed != nil {
			watch.Close()
		}
	}
	return errors.Join(p.failed, watch.Wait())
}

type linePrinter struct {
	out    io.Writer
	every  int64
	last   int64 // when a line of figures was printed
	layer  rules.Layer
	told   bool
	states map[string]string // of sources
	events int64             // those until then were printed
	failed error             // why a line could not be printed; after it there are no more
}

func (p *linePrinter) line(format string, args ...any) {
	if p.failed == nil {
		_, p.failed = fmt.Fprintf(p.out, format+"\n", args...)
	}
}

func (p *linePrinter) print(st *session.State) {
	if st.At == collectors.NoTime {
		return
	}
	at := clock(st.At)
	for _, src := range st.Sources {
		now := src.State + src.Why
		if before, known := p.states[src.Name]; now != before && (known || src.State != "ok") {
			p.line("%s SOURCE %s: %s", at, show.Line(src.Name), show.Line(sourceText(src)))
		}
		p.states[src.Name] = now
	}
	for _, e := range st.Events {
		if e.At > p.events && e.Kind != "gap" {
			p.line("%s EVENT %s: %s", clock(e.At), e.Kind, show.Line(e.Text))
		}
	}
	p.events = st.At
	v := &st.Diagnosis.Judgement.Verdict
	if v.Summary != "" && (v.Layer != p.layer || !p.told) {
		p.layer, p.told = v.Layer, true
		p.line("%s VERDICT %s, confidence %.2f: %s", at, v.Layer, v.Confidence, show.Line(v.Summary))
	}
	if st.At-p.last >= p.every {
		p.last = st.At
		p.line("%s %s", at, figures(st))
	}
}

func sourceText(src session.SourceState) string {
	text := src.State
	if src.Why != "" {
		text += ": " + src.Why
	}
	if src.Provide != "" {
		text += " (" + src.Provide + ")"
	}
	return text
}

func clock(us int64) string { return time.UnixMicro(us).UTC().Format("15:04:05Z") }

// figures is the line of the window: what went through each layer, and what we take ourselves.
func figures(st *session.State) string {
	s := st.Diagnosis.Snapshot
	w := s.Window
	if w.From == collectors.NoTime {
		w = analyzers.Window{From: st.From, To: st.To}
	}
	seconds := max(float64(w.To-w.From)/1e6, 1)
	text := string(st.Diagnosis.Judgement.Verdict.Layer)
	if d := &s.Digest.Web; d.Count > 0 {
		text += fmt.Sprintf(" | %.1f req/s", float64(d.Count)/seconds)
		if us, ok := d.Time.Quantile(0.95); ok {
			text += fmt.Sprintf(" p95 %.0f ms", float64(us)/1e3)
		}
	}
	if d := &s.Digest.Statements; d.Count > 0 {
		text += fmt.Sprintf(" | %.1f stmt/s", float64(d.Count)/seconds)
		if us, ok := d.Time.Quantile(0.95); ok {
			text += fmt.Sprintf(" p95 %.0f ms", float64(us)/1e3)
		}
	}
	for _, r := range st.Latest {
		if r.Role == "host" {
			text += hostFigures(r.Samples)
		}
	}
	return text + fmt.Sprintf(" | self %.1f %% cpu %d MB", 100*st.Own.CPU, st.Own.Memory>>20)
}

func hostFigures(samples []collectors.Sample) (text string) {
	for _, v := range samples {
		switch {
		case v.Name == "cpu.idle" && v.Instance == "":
			text += fmt.Sprintf(" | idle %.0f %%", 100*v.Value)
		case v.Name == "cpu.run_queue":
			text += fmt.Sprintf(" | run queue %.0f", v.Value)
		}
	}
	return text
}
