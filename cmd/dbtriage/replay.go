package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"dbtriage/collectors"
	"dbtriage/ui/session"
)

const replayLong = `Replay plays a recording, a file or a folder of files, through the same loop that
watches live, in the terminal UI. With --until or a flag of reports (-f, -o, --top, --sort, --fail-on), or
without a terminal, it prints the report of the whole, or of the time between
--since and --until.`

const replayExample = `  dbtriage replay /var/lib/dbtriage
  dbtriage replay --since "2026-11-22 14:00" --until "2026-11-22 14:10" -f markdown /var/lib/dbtriage
  dbtriage replay --plain --speed 60x incident.rec`

type replayFlags struct {
	outputFlags
	since, until string
	speed        string
	plain        bool
	every        time.Duration
}

func newReplay(s streams) *cobra.Command {
	f := replayFlags{every: 10 * time.Second}
	cmd := &cobra.Command{
		Use:     "replay FILE|FOLDER",
		Short:   "Play a recording, or report on it",
		Long:    replayLong,
		Example: replayExample,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return hinted{errors.New("name one recording"), "a .rec file, or the folder that record writes to"}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			// Whoever asks for a report by its flags gets no screens.
			report := slices.ContainsFunc(append([]string{"until"}, ofReports...), func(flag string) bool { return asked(cmd, flag) })
			_, _, terminal := onTerminal(s)
			f.openTUI = f.openTUI || terminal && !f.plain && !report
			if !f.openTUI && !f.plain {
				if err := cmp.Or(needs(cmd, "speed", "plain", "tui"), needs(cmd, "events", "plain", "tui"), needs(cmd, "mouse", "tui")); err != nil {
					return err
				}
			}
			return replay(cmd.Context(), s, args[0], &f)
		},
	}
	s.rules.add(cmd.Flags())
	f.outputFlags.add(cmd)
	fl := cmd.Flags()
	fl.StringVar(&f.since, "since", "", "leave out what was before this `TIME` (2026-11-22T15:04:05Z, 15:04, 15m or 2d ago)")
	fl.StringVar(&f.until, "until", "", "leave out what was at or after this `TIME`")
	fl.StringVar(&f.speed, "speed", "1x", "play this many `TIMES` as fast as it happened: 10x; 0 is as fast as can be")
	fl.BoolVar(&f.plain, "plain", false, "play it as lines")
	addInterval(cmd, &f.every, "every", shortestInterval, "with --plain, print a line each `INTERVAL` of the recording")
	return cmd
}

func replay(ctx context.Context, s streams, path string, f *replayFlags) error {
	speed, err := strconv.ParseFloat(strings.TrimSuffix(f.speed, "x"), 64)
	if err != nil || !(speed >= 0) || math.IsInf(speed, 0) { // NaN is not at least 0
		return hinted{fmt.Errorf("--speed %q is not a speed", f.speed), "use 10x, or 0 for as fast as can be"}
	}
	w, err := window(f.since, f.until, time.Now())
	if err != nil {
		return err
	}
	set, err := s.rules.load()
	if err != nil {
		return err
	}
	if f.plain || f.openTUI {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		noted, err := f.noted()
		if err != nil {
			return err
		}
		opt := session.ReplayOptions{Speed: speed, From: w.From, To: w.To, Rules: set, Lang: f.lang, Events: noted}
		opt.Look = session.Look{Cursor: collectors.NoTime, Width: (5 * time.Minute).Microseconds()}
		start := func() (*session.Session, error) {
			played, err := session.StartReplay(ctx, path, opt)
			if err != nil {
				return nil, replayError(err)
			}
			return played, nil
		}
		if f.openTUI {
			return f.open(ctx, s, screen{look: opt.Look}, start)
		}
		played, err := start()
		if err != nil {
			return err
		}
		return printLines(s.out, played, f.every)
	}
	if f.since == "" && f.until == "" {
		w.From, w.To = collectors.NoTime, collectors.NoTime
	}
	snapshot, err := session.ReadReplay(ctx, path, w)
	if err != nil {
		return replayError(err)
	}
	findings, err := f.report(s, snapshot, set)
	if err != nil {
		return err
	}
	return f.verdictError(findings)
}

func replayError(err error) error {
	if errors.Is(err, session.ErrNoRecording) {
		return hinted{err, "record makes one; logs and what others recorded are for analyze"}
	}
	return err
}
