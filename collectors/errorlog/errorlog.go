// Package errorlog reads the lines of error logs of Nginx, MySQL and MariaDB: when, how grave, of
// which kind, of which upstream.
package errorlog

import (
	"bytes"
	"slices"
	"strings"
	"time"
)

// A Dialect is the error log of one kind of server.
type Dialect struct {
	Name string // of the log
	Role string // of the server
	// Prefix is what the names of its metrics begin with; kinds follow.
	Prefix string
	Kinds  []Kind
	// Whole says that every message is one line; else a line without a time continues the one before.
	Whole bool

	parse func(line []byte, zone *time.Location) (Entry, bool)
}

// A Kind is what an entry is about, by words that it holds.
type Kind struct {
	Name  string   // as of its metric, without the prefix
	Words []string // any of them
	// And must be there too, when it is not empty.
	And string
	// Not must not be there.
	Not string
}

// An Entry is one message. All its text is as the server wrote it: hostile.
type Entry struct {
	At int64 // µs since the epoch
	// Undated says that there is only a time of day: At is not known.
	Undated  bool
	Level    string
	Kind     string // empty when it is none of the dialect's kinds
	Upstream string // address; empty when the message names none
	Request  string
	Message  string
}

// Dialects is the table of error logs.
var Dialects = []*Dialect{&Nginx, &MySQL}

// Parse reads one line. ok is false when it begins no message: it continues the one before, or is none
// of this log. Times without a zone are of zone.
func (d *Dialect) Parse(line []byte, zone *time.Location) (e Entry, ok bool) {
	e, ok = d.parse(line, zone)
	if !ok {
		return e, false
	}
	for i := range d.Kinds {
		if d.Kinds[i].holds(e.Message) {
			e.Kind = d.Kinds[i].Name
			return e, true
		}
	}
	if known(e.Level, graveLevels) {
		e.Kind = Other
	}
	return e, true
}

func (k *Kind) holds(message string) bool {
	if k.And != "" && !strings.Contains(message, k.And) || k.Not != "" && strings.Contains(message, k.Not) {
		return false
	}
	for _, w := range k.Words {
		if strings.Contains(message, w) {
			return true
		}
	}
	return false
}

// Other is the kind of grave messages of no other kind.
const Other = "other"

var graveLevels = []string{"crit", "alert", "emerg", "error", "fatal"}

func known(word string, all []string) bool { return slices.Contains(all, word) }

// sniffLines is how many lines a log is judged by.
const sniffLines = 50

// Sniff reports whether a head is of this log: of its first lines every second begins a message at
// least, or the first one does and those that follow belong to it.
func (d *Dialect) Sniff(head []byte) bool {
	lines, messages := 0, 0
	first := false
	for line := range bytes.Lines(head) {
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			continue
		}
		if lines++; lines > sniffLines {
			break
		}
		if _, ok := d.parse(line, time.UTC); ok {
			messages++
			first = first || lines == 1
		}
	}
	return messages > 0 && (messages*2 >= lines || first && messages >= 2)
}

// digits reads a number at the start of text.
func digits(text string) (n, size int) {
	for size < len(text) && size < 9 && text[size] >= '0' && text[size] <= '9' {
		n = n*10 + int(text[size]-'0')
		size++
	}
	return n, size
}
