package main

import (
	"github.com/spf13/cobra"
)

const indexLong = `Index is about the indexes that statements lack. Its command verify is the only one
of dbtriage that writes to a server, and it writes only to the schema that
--scratch-schema names: one that does not exist, is made, and is dropped at the end.`

// newIndex is the command for what concerns indexes.
func newIndex(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "index",
		Short: "Prove an index on a copy before it is built",
		Long:  indexLong,
		Args:  noOther,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newIndexVerify(s))
	return cmd
}
