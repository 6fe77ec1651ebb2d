package main

import (
	"bytes"
	"embed"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"dbtriage/ui/session"
)

// demoLogs are of a real incident: a shop on MariaDB 10.11 and Nginx from which one index was
// dropped, ten seconds of health and thirty without the index.
//
//go:embed demo/slow.log.zst demo/access.log.zst
var demoLogs embed.FS

const demoLong = `Demo analyses a real incident that is part of this program: the slow log and the
access log of a small shop that becomes slow at once. What happened?`

func newDemo(s streams) *cobra.Command {
	var f analyzeFlags
	cmd := &cobra.Command{
		Use:     "demo",
		Short:   "Diagnose a bundled real incident",
		Long:    demoLong,
		Example: "  dbtriage demo\n  dbtriage demo -f markdown > ticket.md",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			opt, err := f.inputFlags.options(&f.filterFlags)
			if err != nil {
				return err
			}
			inputs, err := demoInputs()
			if err != nil {
				return err
			}
			if f.openTUI {
				return f.browse(cmd.Context(), s, inputs, opt)
			}
			_, err = diagnose(cmd.Context(), s, inputs, opt, &f)
			return err
		},
	}
	s.rules.add(cmd.Flags())
	f.outputFlags.add(cmd)
	return cmd
}

func demoInputs() ([]session.Input, error) {
	var all []session.Input
	for _, name := range []string{"slow.log.zst", "access.log.zst"} {
		data, err := demoLogs.ReadFile("demo/" + name)
		if err != nil {
			return nil, fmt.Errorf("demo: %w", err)
		}
		all = append(all, session.Input{Path: name, Open: func() (io.Reader, error) { return bytes.NewReader(data), nil }})
	}
	return all, nil
}
