package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"

	"dbtriage/collectors/logs"
	"dbtriage/ui/session"
	"dbtriage/ui/show"
)

// maxPassed is how many passed-over files of a directory are named.
const maxPassed = 20

// tell writes what could not be read; failed says whether any of it was an error.
func tell(w io.Writer, problems []session.Problem) (failed bool) {
	var passed []string
	for _, p := range problems {
		var unknown *logs.UnknownFormatError
		switch {
		case p.Passed && errors.As(p.Err, &unknown) && unknown.Empty:
			fmt.Fprintf(w, "dbtriage: note: %s\n", show.Line(p.Err.Error()))
		case p.Passed && errors.As(p.Err, &unknown) && unknown.Packed:
			fmt.Fprintf(w, "dbtriage: note: %s: %s\n", show.Line(p.Err.Error()), show.Line(unknown.Do))
		case p.Passed:
			passed = append(passed, p.Path)
		default:
			failed = true
			fmt.Fprintf(w, "dbtriage: error: %s\n", show.Line(p.Err.Error()))
			tellMore(w, p.Err)
		}
	}
	tellPassed(w, passed)
	return failed
}

// tellPassed names the files of each directory that are no logs.
func tellPassed(w io.Writer, paths []string) {
	for len(paths) > 0 {
		dir := filepath.Dir(paths[0])
		var names []string
		for len(paths) > 0 && filepath.Dir(paths[0]) == dir {
			names, paths = append(names, filepath.Base(paths[0])), paths[1:]
		}
		more := ""
		if n := len(names) - maxPassed; n > 0 {
			names, more = names[:maxPassed], fmt.Sprintf(" and %d more", n)
		}
		fmt.Fprintf(w, "dbtriage: note: passed over in %s, no known log format: %s%s\n", show.Line(dir), show.Line(strings.Join(names, ", ")), more)
	}
}

// tellMore shows what to do about an error: for an unknown format, how the input begins.
func tellMore(w io.Writer, err error) {
	var unknown *logs.UnknownFormatError
	switch {
	case errors.As(err, &unknown) && unknown.Damaged != nil:
		fmt.Fprintf(w, "dbtriage: hint: copy it again: the %d bytes that can be unpacked are too few to tell its format\n", len(unknown.Head))
	case errors.As(err, &unknown) && unknown.What != "":
		fmt.Fprintf(w, "dbtriage: hint: %s\n", show.Line(unknown.Do))
	case errors.As(err, &unknown):
		fmt.Fprintln(w, "  it begins with:")
		for i, line := range bytes.Split(unknown.Head[:min(len(unknown.Head), 400)], []byte("\n")) {
			if i == 3 {
				break
			}
			fmt.Fprintf(w, "  | %.76s\n", show.Line(string(line)))
		}
		fmt.Fprintf(w, "  formats tried: %s\n", strings.Join(unknown.Tried, ", "))
		fmt.Fprintln(w, "dbtriage: hint: give an access log's format with --log-format or --nginx-conf, names of JSON fields with --field")
	case errors.Is(err, fs.ErrPermission):
		fmt.Fprintln(w, "dbtriage: hint: read it as root (sudo dbtriage …) or as a member of the file's group")
	}
}
