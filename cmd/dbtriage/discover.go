package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"dbtriage/collectors/discover"
	"dbtriage/ui/show"
)

const discoverLong = `Discover lists the servers of this host, their option files and their logs, how each
was found, and for what may not be read the command that would allow it. It only
reads.`

const discoverExample = `  dbtriage discover
  dbtriage discover -f json | jq -r '.[] | select(.state=="readable") | .where'`

func newDiscover(s streams) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:         "discover",
		Aliases:     []string{"sources"},
		Short:       "List what there is to look at on this host",
		Long:        discoverLong,
		Example:     discoverExample,
		Annotations: map[string]string{"exit 0": "something was found", "exit 2": "nothing was found, or wrong usage"},
		Args:        cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return printFound(cmd.Context(), s, discover.Roots{}, format)
		},
	}
	addFormat(cmd, &format, []string{"text", "json"})
	return cmd
}

// A foundJSON is one row for programs; what is not known is null.
type foundJSON struct {
	Kind    string  `json:"kind"`
	Role    string  `json:"role"`
	Where   string  `json:"where"`
	Found   string  `json:"found"`
	State   string  `json:"state"`
	Why     *string `json:"why"`
	Provide *string `json:"provide"`
	PID     *int    `json:"pid"`
	Format  *string `json:"format"`
}

func printFound(ctx context.Context, s streams, roots discover.Roots, format string) error {
	found := discover.Find(ctx, roots)
	if format == "json" {
		rows := make([]foundJSON, 0, len(found))
		for _, f := range found {
			row := foundJSON{Kind: f.Kind, Role: f.Role, Where: f.Where, Found: f.How, State: f.State, Why: orNull(f.Why), Provide: orNull(f.Provide), Format: orNull(f.Format)}
			if f.PID != 0 {
				row.PID = &f.PID
			}
			rows = append(rows, row)
		}
		out := json.NewEncoder(s.out)
		out.SetIndent("", "  ")
		return out.Encode(rows)
	}
	if len(found) == 0 {
		return hinted{errors.New("neither a server nor a log of one was found on this host"), "name logs: dbtriage analyze FILE..., or dbtriage live --slow-log FILE"}
	}
	return written(s.out, func(w io.Writer) { writeFound(w, found) })
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// writeFound writes a table, and below it what would help.
func writeFound(w io.Writer, found []discover.Found) {
	rows := [][]string{{"WHAT", "WHERE", "STATE", "FOUND BY"}}
	for _, f := range found {
		kind := f.Kind
		if f.Kind == discover.ErrorLog { // every server has one
			kind = map[string]string{"db": "mysql ", "web": "nginx "}[f.Role] + kind
		}
		rows = append(rows, []string{kind, show.Line(f.Where), f.State, show.Line(f.How)})
	}
	var widths [3]int
	for _, r := range rows {
		for i := range widths {
			widths[i] = max(widths[i], show.Columns(r[i]))
		}
	}
	for _, r := range rows {
		fmt.Fprintf(w, "%s  %s  %s  %s\n", show.Left(r[0], widths[0]), show.Left(r[1], widths[1]), show.Left(r[2], widths[2]), r[3])
	}
	told := map[string]bool{}
	for _, f := range found {
		if f.State == discover.Readable || f.Why+f.Provide == "" {
			continue
		}
		line := strings.TrimSuffix(show.Line(f.Where)+": "+show.Line(f.Why), ": ")
		if f.Provide != "" {
			line += "\n  " + show.Line(f.Provide)
		}
		if !told[line] {
			if len(told) == 0 {
				fmt.Fprintln(w)
			}
			fmt.Fprintln(w, line)
			told[line] = true
		}
	}
}
