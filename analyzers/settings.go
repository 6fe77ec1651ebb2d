package analyzers

import (
	"strconv"
	"strings"

	"dbtriage/collectors"
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
	if name == "version" || name == "version_comment" {
		s.Engine = engineOf(s.Settings["version"], s.Settings["version_comment"])
	}
}

// AddTable keeps what the dictionary says of a table.
func (s *Snapshot) AddTable(t collectors.Table) {
	if len(s.Tables) < MaxTables {
		s.Tables = append(s.Tables, t)
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
