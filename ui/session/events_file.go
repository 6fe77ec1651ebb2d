package session

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"time"
)

// eventTimes are how the time of an event may be written; without a zone it is UTC.
var eventTimes = []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02 15:04"}

// ReadEvents reads a file of what happened beside the system, such as deployments: a line each, its time
// first. Empty lines and those that begin with # are passed over.
func ReadEvents(path string) ([]Event, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var all []Event
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		at, text, ok := timeBefore(line)
		if !ok {
			return nil, fmt.Errorf("line %d: no time at the beginning: write 2026-11-22T13:56:52Z and what happened", n)
		}
		if len(all) == maxEvents {
			return nil, fmt.Errorf("more than %d events", maxEvents)
		}
		all = append(all, Event{at.UnixMicro(), "deploy", text[:min(len(text), maxEventText)]})
	}
	return all, lines.Err()
}

// timeBefore cuts the time off the beginning of a line.
func timeBefore(line string) (at time.Time, text string, ok bool) {
	words := strings.Fields(line)
	for _, n := range []int{2, 1} { // a date and a time, or both in one
		if len(words) < n {
			continue
		}
		for _, layout := range eventTimes {
			if at, err := time.Parse(layout, strings.Join(words[:n], " ")); err == nil {
				return at, strings.Join(words[n:], " "), true
			}
		}
	}
	return at, "", false
}
