package recorded

import (
	"bytes"

	"dbtriage/collectors/optionfile"
)

// sniffOptions looks for a group of the server; what comes before the first group can only be
// comments and includes.
func sniffOptions(head []byte, _ string) bool {
	begun := false
	for line := range bytes.Lines(head) {
		line = bytes.TrimSpace(line)
		if len(line) == 0 || line[0] == '#' || line[0] == ';' || bytes.HasPrefix(line, []byte("!include")) {
			continue
		}
		name, ok := optionfile.Group(string(line))
		if ok && optionfile.ServerGroup(name) {
			return true
		}
		if !ok && !begun {
			return false
		}
		begun = true
	}
	return false
}

// readOptions reads what an option file tells the server. Files that it includes are not followed:
// they may be named too.
func readOptions(r *reader) error {
	ours := false
	return r.each(func(line []byte) error {
		line = bytes.TrimSpace(line)
		switch name, isGroup := optionfile.Group(string(line)); {
		case len(line) == 0 || line[0] == '#' || line[0] == ';':
		case bytes.HasPrefix(line, []byte("!include")):
			r.warn("it includes other files, which are read only when they are named: " + string(line[:min(len(line), 200)]))
		case isGroup:
			ours = optionfile.ServerGroup(name)
		case ours:
			name, value, ok := optionfile.Option(string(line[:min(len(line), maxColumn)]))
			if !ok {
				r.skip("no option and value")
				break
			}
			r.res.Events++
			r.sink.Configured(name, value)
		}
		return nil
	})
}
