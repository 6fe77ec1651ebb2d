package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// Flags whose values are checked as they are read, the same way in every command.

// A badValue says what is wrong with a flag's value, and what to use instead.
type badValue struct{ what, hint string }

func (e badValue) Error() string { return e.what + ": " + e.hint }

// A choice is the value of a flag that is one of a few words.
type choice struct {
	value *string
	of    []string
}

func (c *choice) String() string { return *c.value }
func (c *choice) Type() string   { return "string" }

func (c *choice) Set(text string) error {
	if !slices.Contains(c.of, text) {
		return badValue{"is not known", "use " + orList(c.of)}
	}
	*c.value = text
	return nil
}

// addChoice adds a flag whose value is one of a few words, which shells complete. value holds the default.
func addChoice(cmd *cobra.Command, value *string, name, short string, of []string, usage string) {
	cmd.Flags().VarP(&choice{value, of}, name, short, usage)
	complete(cmd, name, of)
}

// complete has shells complete a flag's value.
func complete(cmd *cobra.Command, flag string, values []string) {
	if err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err) // there is no such flag
	}
}

func addFormat(cmd *cobra.Command, value *string, of []string) {
	*value = of[0]
	addChoice(cmd, value, "format", "f", of, "output `FORMAT`: "+strings.Join(of, ", "))
}

func addLang(cmd *cobra.Command, value *string) {
	*value = "en"
	addChoice(cmd, value, "lang", "", []string{"en", "zh"}, "`LANGUAGE` of the output: en or zh")
}

// An interval is the value of a flag that is a duration of at least some length.
type interval struct {
	value *time.Duration
	least time.Duration
}

func (i *interval) String() string {
	const day = 24 * time.Hour
	switch d := *i.value; {
	case d == 0:
		return "0" // which help leaves out
	case d > 0 && d%day == 0:
		return strconv.Itoa(int(d/day)) + "d"
	}
	return i.value.String()
}

func (i *interval) Type() string { return "duration" }

func (i *interval) Set(text string) error {
	d, err := time.ParseDuration(inHours(text))
	switch {
	case err != nil:
		return err
	case d < 0:
		return badValue{"is negative", "use a duration such as 10s"}
	case d < i.least:
		return badValue{"is too short", fmt.Sprintf("use %v or more", i.least)}
	}
	*i.value = d
	return nil
}

// addInterval adds a flag that is a duration of at least least. value holds the default.
func addInterval(cmd *cobra.Command, value *time.Duration, name string, least time.Duration, usage string) {
	cmd.Flags().Var(&interval{value, least}, name, usage)
}

// A rowCount is the value of --top.
type rowCount int

func (n *rowCount) String() string { return strconv.Itoa(int(*n)) }
func (n *rowCount) Type() string   { return "int" }

func (n *rowCount) Set(text string) error {
	rows, err := strconv.Atoi(text)
	if err != nil {
		return err
	}
	if rows < 0 {
		return badValue{"is not a number of rows", "use 1 or more; without the flag the format decides"}
	}
	*n = rowCount(rows)
	return nil
}

// orList joins words as "a, b or c".
func orList(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}
