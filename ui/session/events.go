package session

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"dbtriage/analyzers"
	"dbtriage/collectors"
)

// maxEvents bounds the events of a session; beyond it the oldest go.
const maxEvents = 1_000

// An eventLog finds events in what was read.
type eventLog struct {
	all      []Event
	settings map[string]map[string]string // by source
	uptime   map[string]float64
}

func newEventLog() *eventLog {
	return &eventLog{settings: map[string]map[string]string{}, uptime: map[string]float64{}}
}

// add puts an event where it belongs in time, unless the same one is there.
func (l *eventLog) add(e Event) {
	if slices.Contains(l.all, e) {
		return
	}
	i, _ := slices.BinarySearchFunc(l.all, e.At+1, func(have Event, at int64) int { return cmp.Compare(have.At, at) })
	l.all = slices.Insert(slices.Clip(l.all), i, e) // what was published is not changed
	if len(l.all) > maxEvents {
		l.all = l.all[len(l.all)-maxEvents:]
	}
}

// reading finds changed settings, restarts and deadlocks.
func (l *eventLog) reading(r *collectors.Reading) {
	if r.Settings != nil {
		if before := l.settings[r.Source]; before != nil {
			for _, name := range slices.Sorted(maps.Keys(r.Settings)) {
				if old, have := before[name]; have && old != r.Settings[name] {
					l.add(Event{r.At, "setting", fmt.Sprintf("%s: %s = %s, before %s", r.Source, name, r.Settings[name], old)})
				}
			}
		}
		l.settings[r.Source] = r.Settings
	}
	for _, v := range r.Samples {
		if v.Name == "innodb.deadlock" {
			text := "deadlock on " + v.Instance
			if len(l.uptime) > 1 {
				text = r.Source + ": " + text
			}
			l.add(Event{v.At, "deadlock", text})
		}
		if v.Name != "mysql.status.Uptime" && v.Name != "redis.uptime" && v.Name != "memcached.uptime" {
			continue
		}
		if before, have := l.uptime[r.Source]; have && v.Value < before {
			l.add(Event{r.At, "restart", r.Source + " was restarted"})
		}
		l.uptime[r.Source] = v.Value
	}
}

// changing begins the fingerprints of statements that change a schema.
var changing = []string{"alter ", "create ", "drop ", "truncate ", "rename ", "optimize "}

// statements finds changes of the schema in what was logged, where they first come.
func (l *eventLog) statements(d *analyzers.Digest) {
	for _, c := range d.Classes {
		if c.Kind != analyzers.Other || c.First == collectors.NoTime {
			continue
		}
		if slices.ContainsFunc(changing, func(word string) bool { return strings.HasPrefix(c.Fingerprint, word) }) {
			l.add(Event{c.First, "ddl", c.Fingerprint[:min(len(c.Fingerprint), maxEventText)]})
		}
	}
}

// maxEventText bounds the text of an event, in bytes.
const maxEventText = 200

// source finds sources that were lost and are back.
func (l *eventLog) source(before, now *SourceState, at int64) {
	if before == nil || before.State == now.State || now.Kind == "log" && before.State == "waiting" {
		return
	}
	if before.State == "ok" || now.State == "ok" && before.State != "waiting" {
		text := now.Name + " is " + now.State
		if now.Why != "" {
			text += ": " + now.Why
		}
		l.add(Event{at, "gap", text})
	}
}

// onset notes when things turned bad, unless that is known to a few seconds.
func (l *eventLog) onset(second int64, what string) {
	const near = 15 * 1e6
	for _, e := range l.all {
		if e.Kind == "onset" && max(e.At-second*1e6, second*1e6-e.At) < near {
			return
		}
	}
	l.add(Event{second * 1e6, "onset", what})
}
