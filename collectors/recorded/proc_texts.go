package recorded

import (
	"bytes"
	"strings"

	"dbtriage/collectors"
	"dbtriage/collectors/host"
)

// A procText is a file of /proc that pt-stalk and others keep again and again below time stamps.
type procText struct {
	file  string                 // below /proc
	known func(line []byte) bool // by its first line
}

// procTexts is the table of these files.
var procTexts = []procText{
	{"diskstats", diskLine},
	{"stat", func(line []byte) bool { return bytes.HasPrefix(line, []byte("cpu  ")) }},
	{"meminfo", func(line []byte) bool { return bytes.HasPrefix(line, []byte("MemTotal:")) }},
	{"vmstat", func(line []byte) bool { return bytes.HasPrefix(line, []byte("nr_free_pages ")) }},
}

// diskLine reports whether a line is of /proc/diskstats: two numbers, a name and at least eleven numbers.
func diskLine(line []byte) bool {
	words := strings.Fields(string(line[:min(len(line), 512)]))
	if len(words) < 14 {
		return false
	}
	for i, w := range words[:14] {
		if digits := strings.Trim(w, "0123456789") == ""; digits == (i == 2) {
			return false
		}
	}
	return true
}

// procTextOf returns the file that a head is of.
func procTextOf(head []byte) string {
	for line := range bytes.Lines(head) {
		line = bytes.TrimRight(line, "\r\n")
		if _, stamped := stamp(line); stamped || len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		for _, p := range procTexts {
			if p.known(line) {
				return p.file
			}
		}
		return ""
	}
	return ""
}

func sniffProc(head []byte, _ string) bool { return procTextOf(head) != "" }

// maxText bounds the text of one instant.
const maxText = 1 << 20

// readProc reads texts of a file of /proc, each below its stamp. Without stamps there is one text, of
// when the file was written.
func readProc(r *reader) error {
	head, _ := r.in.Peek(4096)
	file := procTextOf(head)
	kept := host.NewKept()
	at, last := r.opt.Modified, collectors.NoTime
	if begin, ok := r.opt.begin(); ok {
		at = begin
	}
	stamped := false
	var text []byte
	end := func() {
		defer func() { text = text[:0] }()
		switch {
		case len(text) == 0:
		case at == collectors.NoTime:
			r.warn("nothing says when this was: it is on no time axis")
		case last != collectors.NoTime && at <= last:
			r.skip("its stamp is not after the one before")
		default:
			last = at
			samples, missing := kept.Read(file, text, at)
			for _, s := range samples {
				r.sample(s.At, s.Name, s.Instance, s.Value)
			}
			for _, m := range missing {
				r.warn("no " + m.What + ": " + m.Why)
			}
		}
	}
	err := r.each(func(line []byte) error {
		if us, ok := stamp(line); ok {
			end()
			at, stamped = us, true
			return nil
		}
		if len(text)+len(line) > maxText {
			r.skip("more of one instant than a machine has")
			return nil
		}
		text = append(append(text, line...), '\n')
		return nil
	})
	end()
	if !stamped && file != "meminfo" {
		r.warn("without time stamps it has one instant, and rates need two: put date +'TS %s.%N %F %T' before each")
	}
	return err
}
