package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"dbtriage/collectors"
	"dbtriage/ui/session"
)

const replayLong = `Replay plays a recording, a file or a folder of files, through the same loop that
watches live, in the terminal UI. With -f, -o or --until, or without a terminal, it
prints the report of the whole, or of the time between --since and --until.`

const replayExample = `  dbtriage replay /var/lib/dbtriage
  dbtriage replay --since "2026-11-22 14:00" --until "2026-11-22 14:10" -f markdown /var/lib/dbtriage
  dbtriage replay --plain --speed 60x incident.rec`

type replayFlags struct {
	analyzeFlags
	speed string
	plain bool
}

func newReplay(s streams) *cobra.Command {
	var f replayFlags
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
			asked := cmd.Flags().Changed("format") || cmd.Flags().Changed("output") || cmd.Flags().Changed("until")
			_, _, terminal := onTerminal(s)
			f.openTUI = f.openTUI || terminal && !f.plain && !asked
			return replay(cmd.Context(), s, args[0], &f)
		},
	}
	f.addOutput(cmd)
	fl := cmd.Flags()
	fl.StringVar(&f.since, "since", "", "leave out what was before this `TIME` (2026-11-22T15:04:05Z, 15:04, or 15m ago)")
	fl.StringVar(&f.until, "until", "", "leave out what was at or after this `TIME`")
	fl.StringVar(&f.speed, "speed", "1x", "play this many `TIMES` as fast as it happened: 10x; 0 is as fast as can be")
	fl.BoolVar(&f.plain, "plain", false, "play it as lines")
	fl.DurationVar(&f.every, "every", 10*time.Second, "with --plain, print a line each `INTERVAL` of the recording")
	return cmd
}

func replay(ctx context.Context, s streams, path string, f *replayFlags) error {
	if err := f.check(); err != nil {
		return err
	}
	speed, err := strconv.ParseFloat(strings.TrimSuffix(f.speed, "x"), 64)
	if err != nil || speed < 0 {
		return hinted{fmt.Errorf("--speed %q is no speed", f.speed), "use 10x, or 0 for as fast as can be"}
	}
	filter, err := f.filter(time.Now())
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
		if err := f.tui.check(); err != nil {
			return err
		}
		opt := session.ReplayOptions{Speed: speed, From: filter.Window.From, Rules: set, Lang: f.lang, Events: f.tui.noted}
		opt.Look = session.Look{Cursor: collectors.NoTime, Width: (5 * time.Minute).Microseconds()}
		start := func() (*session.Session, error) {
			played, err := session.StartReplay(ctx, path, opt)
			if err != nil {
				return nil, replayError(err)
			}
			return played, nil
		}
		if f.openTUI {
			f.tui.ascii, f.tui.samples, f.tui.lang = f.ascii, f.samples, f.lang
			return f.tui.open(ctx, s, opt.Look, start)
		}
		played, err := start()
		if err != nil {
			return err
		}
		return printLines(s.out, played, f.every)
	}
	w := filter.Window
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
