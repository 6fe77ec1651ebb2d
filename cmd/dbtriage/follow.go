package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"dbtriage/analyzers"
	"dbtriage/rules"
	"dbtriage/ui/session"
	"dbtriage/ui/show"
)

// followFlags are the flags of reading logs that grow.
type followFlags struct {
	follow bool
	every  time.Duration
	state  string

	watched []string // folders and patterns, in which logs may appear
}

func (f *followFlags) add(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.BoolVar(&f.follow, "follow", false, "go on reading as the logs grow and rotate; Ctrl-C prints the last report")
	f.every = 10 * time.Second
	addInterval(cmd, &f.every, "every", shortestInterval, "with --follow, print a report each `INTERVAL`")
	fl.StringVar(&f.state, "state", "", "read on from where the last run with this `FILE` stopped")
}

// grows reports whether logs are read as files that grow, rather than each once and whole.
func (f *followFlags) grows() bool { return f.follow || f.state != "" }

// split takes the arguments that name files which do not exist yet, or not at this moment, apart.
func (f *followFlags) split(args []string) (there []string, later []session.Input) {
	if !f.grows() {
		return args, nil
	}
	for _, arg := range args {
		role, path := session.SplitRole(arg)
		info, err := os.Stat(path)
		missing := errors.Is(err, os.ErrNotExist) && path != "-"
		pattern := missing && strings.ContainsAny(path, "*?[")
		if f.follow && (pattern || err == nil && info.IsDir()) {
			f.watched = append(f.watched, arg)
		}
		switch matches, _ := filepath.Glob(path); {
		case missing && !pattern:
			later = append(later, session.Input{Path: filepath.Clean(path), Role: role})
		case pattern && f.follow && len(matches) == 0: // what matches may come
		default:
			there = append(there, arg)
		}
	}
	return there, later
}

// found are the logs that are in the watched folders by now.
func (f *followFlags) found() []session.Input {
	inputs, _ := session.Inputs(f.watched, nil)
	return inputs
}

// followLogs reads logs that followLogs, once or until ctx ends. failed says that some could not be read.
func followLogs(ctx context.Context, s streams, inputs []session.Input, opt session.Options, f *analyzeFlags) (failed bool, err error) {
	set, err := s.rules.load()
	if err != nil {
		return false, err
	}
	if f.state != "" {
		unlock, err := session.LockState(f.state)
		if errors.Is(err, session.ErrStateBusy) {
			return false, hinted{fmt.Errorf("--state %w", err), "wait for it, or give each its own file"}
		}
		if err != nil {
			return false, stateError(f.state, err)
		}
		defer unlock()
	}
	earlier, err := f.loadState()
	if err != nil {
		return false, err
	}
	kept, rotated := session.Growable(inputs)
	for _, in := range rotated {
		if in.Found {
			fmt.Fprintf(s.err, "dbtriage: note: %s was made by rotation; it is not read by itself\n", show.Line(in.Path))
			continue
		}
		fmt.Fprintf(s.err, "dbtriage: note: %s was made by rotation; it is read with the log that it is of\n", show.Line(in.Path))
	}
	g, err := session.Grow(kept, opt, earlier)
	if err != nil {
		return false, hinted{err, "name the log files themselves, uncompressed"}
	}
	defer g.Close()
	if len(f.watched) > 0 {
		g.Watch(f.found)
	}
	told := map[string]bool{}
	var findings []rules.Finding
	show := func(snapshot *analyzers.Snapshot, problems []session.Problem) error {
		problems = append(session.Problems(f.unread), problems...)
		failed = tellOnce(s.err, problems, told) || failed
		session.Note(snapshot, problems)
		if len(snapshot.Sources) == 0 && failed {
			return nil
		}
		var err error
		if findings, err = f.report(s, snapshot, set); err != nil || f.state == "" {
			return err
		}
		if err := g.Bookmark(earlier).Save(f.state); err != nil {
			return stateError(f.state, err)
		}
		return nil
	}
	if f.follow {
		err = session.Follow(ctx, g, f.every, f.state == "", show)
	} else {
		problems := g.Read(ctx, time.Now())
		snapshot, more := g.Report(ctx)
		err = show(snapshot, slices.Concat(problems, more, g.Missing()))
	}
	if err != nil {
		return failed, err
	}
	return failed, f.verdictError(findings)
}

func (f *followFlags) loadState() (*session.Bookmark, error) {
	if f.state == "" {
		return nil, nil
	}
	s, err := session.LoadBookmark(f.state)
	if errors.Is(err, session.ErrState) {
		return nil, hinted{fmt.Errorf("--state %w", err), "name another file, or remove this one to read the logs from their beginning"}
	}
	if err != nil {
		return nil, stateError(f.state, err)
	}
	return s, nil
}

// stateError names the file of --state, whichever file beside it could not be used.
func stateError(path string, err error) error {
	return hinted{fmt.Errorf("--state %s: %w", show.Line(path), withoutPath(err)), "name a file in a folder that exists and that you may write to: a lock and the next state are written beside it"}
}

// tellOnce tells the problems that were not told before.
func tellOnce(w io.Writer, problems []session.Problem, told map[string]bool) (failed bool) {
	var news []session.Problem
	for _, p := range problems {
		if !told[p.Err.Error()] {
			told[p.Err.Error()] = true
			news = append(news, p)
		}
	}
	return tell(w, news)
}
