package host

import (
	"bytes"
	"path/filepath"
	"strconv"
)

// userName returns the name of a user id from the machine's own file; "" when it has none. Others,
// of a directory service, are shown by number: asking a service that is down could hang.
func (s *Sampler) userName(uid int64) string {
	if s.users == nil {
		s.users = map[int64]string{}
		text, _ := s.read(filepath.Join(s.root, "etc/passwd"))
		for line := range bytes.Lines(text) {
			parts := bytes.SplitN(line, []byte(":"), 4)
			if len(parts) < 4 {
				continue
			}
			if id, err := strconv.ParseInt(string(parts[2]), 10, 64); err == nil {
				if _, have := s.users[id]; !have {
					s.users[id] = string(parts[0])
				}
			}
		}
	}
	return s.users[uid]
}
