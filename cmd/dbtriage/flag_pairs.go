package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

// A flagPair is a flag that changes nothing without one of some others, or beside any of some: to take it in
// silence would leave its user with something else than was asked for.
type flagPair struct {
	flag   string
	needs  []string // one of these
	beside []string // none of these
}

// ofReports are the flags of what a report holds and where it goes to, which screens and lines have no use for.
var ofReports = []string{"format", "output", "fail-on", "top", "sort"}

// flagPairs is the table of them by command. What depends on more than flags is checked where that is known.
var flagPairs = map[string][]flagPair{
	"analyze": {
		{flag: "every", needs: []string{"follow"}},
		{flag: "events", needs: []string{"tui"}},
		{flag: "mouse", needs: []string{"tui"}},
		{flag: "tui", beside: append([]string{"follow", "state"}, ofReports...)},
	},
	"demo": {
		{flag: "events", needs: []string{"tui"}},
		{flag: "mouse", needs: []string{"tui"}},
		{flag: "tui", beside: ofReports},
	},
	"live": {
		{flag: "plain", beside: []string{"mouse", "samples"}},
	},
	"replay": {
		{flag: "every", needs: []string{"plain"}},
		{flag: "plain", beside: append([]string{"tui", "mouse", "samples"}, ofReports...)},
		{flag: "tui", beside: ofReports},
	},
	"capacity": {
		{flag: "dau", needs: []string{"actions"}},
		{flag: "actions", needs: []string{"dau"}},
		{flag: "hours", needs: []string{"dau"}},
		{flag: "peak-share", needs: []string{"dau"}},
		{flag: "peak-time", needs: []string{"dau"}},
		{flag: "cache-keys", needs: []string{"cache-value"}},
		{flag: "cache-value", needs: []string{"cache-keys"}},
	},
}

// checkFlagPairs refuses flags of a command that would change nothing.
func checkFlagPairs(cmd *cobra.Command, _ []string) error {
	for _, p := range flagPairs[cmd.Name()] {
		if !asked(cmd, p.flag) {
			continue
		}
		if len(p.needs) > 0 {
			if err := needs(cmd, p.flag, p.needs...); err != nil {
				return err
			}
		}
		for _, other := range p.beside {
			if asked(cmd, other) {
				return hinted{fmt.Errorf("--%s changes nothing beside --%s", other, p.flag), "leave out one or the other"}
			}
		}
	}
	return nil
}

// needs refuses a flag that was given without any of the others.
func needs(cmd *cobra.Command, flag string, others ...string) error {
	if !asked(cmd, flag) {
		return nil
	}
	var named []string
	for _, other := range others {
		if asked(cmd, other) {
			return nil
		}
		named = append(named, "--"+other)
	}
	return hinted{fmt.Errorf("--%s changes nothing without %s", flag, orList(named)), "add " + orList(named)}
}

// asked reports whether a flag was given, and not as --flag=false.
func asked(cmd *cobra.Command, flag string) bool {
	f := cmd.Flags().Lookup(flag)
	return f.Changed && !(f.Value.Type() == "bool" && f.Value.String() == "false")
}
