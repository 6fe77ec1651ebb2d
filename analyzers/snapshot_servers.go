package analyzers

import (
	"maps"
	"slices"

	"dbtriage/collectors"
)

// A Server is a database server that was asked: what it is set to and holds. What was sampled of it is in
// the snapshot's series, under its address.
type Server struct {
	Address  string // host:port, or the path of its socket
	Settings map[string]string
	Tables   []collectors.Table
	// Logs are the paths of those sources of the snapshot that tell of this server alone.
	Logs []string
	// Digest is all that logs tell but what is of other servers; nil where no log is of one alone.
	Digest *Digest
}

// Several reports whether more than one server was asked. What they are set to and hold is then theirs,
// and none of it the snapshot's; Of has one of them judged and shown by its own.
func (s *Snapshot) Several() bool { return len(s.Servers) > 1 }

// AddServer takes in what was read of a server. The settings and tables of the only one are the snapshot's.
func (s *Snapshot) AddServer(v Server) {
	i := slices.IndexFunc(s.Servers, func(have Server) bool { return have.Address == v.Address })
	if i < 0 {
		i = len(s.Servers)
		s.Servers = append(slices.Clip(s.Servers), v)
	} else {
		s.Servers[i] = joinServer(s.Servers[i], v)
	}
	switch {
	case !s.Several():
		s.takeServer(&v)
	case i == 1:
		s.leaveServer(&s.Servers[0])
	}
	if s.Several() {
		s.Engine = s.sameEngine()
	}
}

// joinServer is what two sources say of one server. Where both know something the later counts.
func joinServer(have, v Server) Server {
	settings := map[string]string{}
	maps.Copy(settings, have.Settings)
	maps.Copy(settings, v.Settings)
	return Server{Address: v.Address, Settings: settings, Tables: slices.Concat(have.Tables, v.Tables), Logs: slices.Concat(have.Logs, v.Logs)}
}

// Join takes in the settings, tables and servers of another snapshot, which is not changed.
func (s *Snapshot) Join(o *Snapshot) {
	rest := o.Copy()
	if len(o.Servers) == 1 {
		rest.leaveServer(&o.Servers[0])
	}
	for _, name := range slices.Sorted(maps.Keys(rest.Settings)) {
		s.Set(name, rest.Settings[name])
	}
	for _, t := range rest.Tables {
		s.AddTable(t)
	}
	for _, v := range o.Servers {
		s.AddServer(v)
	}
}

// takeServer has the snapshot be set to what a server is, and hold its tables.
func (s *Snapshot) takeServer(v *Server) {
	for _, name := range slices.Sorted(maps.Keys(v.Settings)) {
		s.Set(name, v.Settings[name])
	}
	for _, t := range v.Tables {
		s.AddTable(t)
	}
}

// leaveServer undoes takeServer.
func (s *Snapshot) leaveServer(v *Server) {
	for name := range v.Settings {
		delete(s.Settings, name)
	}
	s.Tables = slices.DeleteFunc(s.Tables, func(t collectors.Table) bool {
		return slices.ContainsFunc(v.Tables, func(own collectors.Table) bool { return own.Schema == t.Schema && own.Name == t.Name })
	})
	s.tableAt = nil
}

// sameEngine is what all servers are; zero where they differ or one does not tell.
func (s *Snapshot) sameEngine() Engine {
	first := s.Servers[0].Engine()
	for i := range s.Servers {
		if s.Servers[i].Engine() != first {
			return Engine{}
		}
	}
	return first
}

// Engine is what the server says that it is; zero where it does not.
func (v *Server) Engine() Engine {
	return engineOf(v.Settings["version"], v.Settings["version_comment"])
}

// Each returns what is known of each of several servers: its own, and what is not of another. Of one
// server, or none, it is the snapshot as it is.
func (s *Snapshot) Each() []*Snapshot {
	if !s.Several() {
		return []*Snapshot{s}
	}
	var out []*Snapshot
	for i := range s.Servers {
		out = append(out, s.Of(s.Servers[i].Address))
	}
	return out
}

// Of returns what Each does of one of several servers; without an address of the first, which tells what
// is the same of all.
func (s *Snapshot) Of(address string) *Snapshot {
	if !s.Several() {
		return s
	}
	own := max(slices.IndexFunc(s.Servers, func(v Server) bool { return v.Address == address }), 0)
	c := s.Copy()
	c.Servers, c.Server, c.Engine = nil, s.Servers[own].Address, Engine{}
	c.takeServer(&s.Servers[own])
	if d := s.Servers[own].Digest; d != nil {
		c.Digest = d
	}
	c.Sources = slices.DeleteFunc(slices.Clone(s.Sources), func(src collectors.Source) bool {
		for i := range s.Servers {
			if v := &s.Servers[i]; i != own && (collectors.ServerOf(src.Path) == v.Address || slices.Contains(v.Logs, src.Path)) {
				return true
			}
		}
		return false
	})
	for _, src := range c.Sources {
		c.WrittenBy(src.Version, src.VersionComment)
	}
	return c
}
