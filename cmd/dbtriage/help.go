package main

import (
	"io"
	"slices"

	"github.com/spf13/cobra"
)

// A helpWriter is where cobra prints help, completions and the version. Its functions for that return no
// error: the first one is kept here.
type helpWriter struct {
	io.Writer
	failed error
}

func (h *helpWriter) Write(b []byte) (int, error) {
	n, err := h.Writer.Write(b)
	if h.failed == nil {
		h.failed = err
	}
	return n, err
}

// catchHelp has what cobra prints for itself go to out, and returns where to learn whether it got there. --help
// behind the name of a command that does not exist is an error of it.
func catchHelp(root *cobra.Command, out io.Writer) *helpWriter {
	h := &helpWriter{Writer: out}
	root.SetOut(h)
	print := root.HelpFunc()
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) {
		// A command behind the flag is none to cobra, which takes it for the flag's value.
		of, rest, err := cmd.Find(cmd.Flags().Args())
		switch {
		case err != nil:
			h.failed = err
		case len(rest) > 0 && of.HasSubCommands():
			h.failed = noOther(of, rest)
		default:
			of.InitDefaultHelpFlag()
			print(of, nil)
		}
	})
	return h
}

// newHelp is cobra's help command that fails where there is nothing to help with.
func newHelp() *cobra.Command {
	return &cobra.Command{
		Use: "help [command]", Short: "Help about any command",
		ValidArgsFunction: func(cmd *cobra.Command, args []string, _ string) (names []cobra.Completion, _ cobra.ShellCompDirective) {
			if of, rest, err := cmd.Root().Find(args); err == nil && len(rest) == 0 {
				for _, sub := range of.Commands() {
					if sub.IsAvailableCommand() {
						names = append(names, cobra.CompletionWithDesc(sub.Name(), sub.Short))
					}
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			of, rest, err := cmd.Root().Find(args)
			if err != nil {
				return err
			}
			if len(rest) > 0 {
				return noOther(of, rest)
			}
			of.InitDefaultHelpFlag()
			return of.Help()
		},
	}
}

// strictCompletion has the completion command refuse shells that it does not know.
func strictCompletion(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	i := slices.IndexFunc(root.Commands(), func(c *cobra.Command) bool { return c.Name() == "completion" })
	completion := root.Commands()[i]
	completion.Args = noOther
	completion.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
}
