package analyzers

import (
	"strconv"
	"strings"
)

// An Engine is the server that was recorded; zero when not known.
type Engine struct {
	Name    string // mysql, mariadb or percona
	Version [3]int
}

// MaxSettings and MaxTables bound what is kept of a server's settings and dictionary.
const (
	MaxSettings = 5_000
	MaxTables   = 20_000
)

// Set keeps a setting of the server.
func (s *Snapshot) Set(name, value string) {
	if s.Settings == nil {
		s.Settings = map[string]string{}
	}
	if _, have := s.Settings[name]; !have && len(s.Settings) >= MaxSettings {
		return
	}
	s.Settings[name] = value
	delete(s.Configured, name)
	if name == "version" || name == "version_comment" {
		s.Engine = engineOf(s.Settings["version"], s.Settings["version_comment"])
	}
}

// SetConfigured keeps what an option file tells the server: it gives way to what the server says itself.
func (s *Snapshot) SetConfigured(name, value string) {
	if _, have := s.Settings[name]; have && !s.Configured[name] {
		return
	}
	s.Set(name, value)
	if _, kept := s.Settings[name]; kept {
		if s.Configured == nil {
			s.Configured = map[string]bool{}
		}
		s.Configured[name] = true
	}
}

// WrittenBy keeps which server a log says it is of, unless more is known.
func (s *Snapshot) WrittenBy(version, comment string) {
	if s.Engine == (Engine{}) {
		s.Engine = engineOf(version, comment)
	}
}

// engineOf reads "10.11.19-MariaDB-0+deb12u1" or "8.0.36-28" with "Percona Server (GPL), …".
func engineOf(version, comment string) Engine {
	var e Engine
	number, _, _ := strings.Cut(version, "-")
	for i, part := range strings.SplitN(number, ".", 3) {
		n, err := strconv.Atoi(part)
		if err != nil {
			return Engine{}
		}
		e.Version[i] = n
	}
	switch {
	case version == "":
		return Engine{}
	case strings.Contains(strings.ToLower(version), "mariadb"):
		e.Name = "mariadb"
	case strings.Contains(strings.ToLower(comment), "percona"):
		e.Name = "percona"
	default:
		e.Name = "mysql"
	}
	return e
}
