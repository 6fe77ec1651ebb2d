package analyzers

import (
	"slices"
	"testing"

	"dbtriage/collectors"
)

func paths(s *Snapshot) (out []string) {
	for _, src := range s.Sources {
		out = append(out, src.Path)
	}
	return out
}

// What the only server tells is the snapshot's; of several each has its own, and what is of none of them.
func TestServers(t *testing.T) {
	of := func(address, pool, version string) Server {
		return Server{Address: address, Settings: map[string]string{"innodb_buffer_pool_size": pool, "version": version},
			Tables: []collectors.Table{{Schema: "shop", Name: "t", Rows: int64(len(pool))}}, Logs: []string{"book of " + address}}
	}
	var s Snapshot
	s.Digest = NewDigest()
	s.Set("host.swappiness", "60")
	s.AddTable(collectors.Table{Schema: "shop", Name: "dumped"})
	for _, path := range []string{"host", "mysql a:1", "book of a:1", "mysql b:1", "access.log"} {
		s.Sources = append(s.Sources, collectors.Source{Path: path})
	}
	s.AddServer(of("a:1", "100", "10.11.6-MariaDB"))
	if s.Several() || s.Settings["innodb_buffer_pool_size"] != "100" || len(s.Tables) != 2 || s.Engine.Name != "mariadb" || len(s.Each()) != 1 || s.Of("a:1") != &s {
		t.Errorf("one: %+v", s)
	}
	before := s.Copy()
	second := of("b:1", "20", "10.11.6-MariaDB")
	second.Digest = NewDigest()
	s.AddServer(second)
	if !s.Several() || len(s.Settings) != 1 || len(s.Tables) != 1 || s.Engine.Version[0] != 10 {
		t.Errorf("two: %+v", s)
	}
	a, b := s.Of("a:1"), s.Of("b:1")
	if a.Settings["innodb_buffer_pool_size"] != "100" || b.Settings["innodb_buffer_pool_size"] != "20" || a.Settings["host.swappiness"] != "60" || len(a.Settings) != 3 {
		t.Errorf("settings: %v, %v", a.Settings, b.Settings)
	}
	if len(a.Tables) != 2 || a.table("shop", "t").Rows != 3 || b.table("shop", "t").Rows != 2 || a.Server != "a:1" || a.Engine.Name != "mariadb" {
		t.Errorf("a: %+v", a)
	}
	if a.Digest != s.Digest || b.Digest == s.Digest || a.Several() {
		t.Error("digests")
	}
	if got := paths(a); !slices.Equal(got, []string{"host", "mysql a:1", "book of a:1", "access.log"}) {
		t.Errorf("sources of a: %v", got)
	}
	if got := paths(b); !slices.Equal(got, []string{"host", "mysql b:1", "access.log"}) {
		t.Errorf("sources of b: %v", got)
	}
	if s.Of("").Server != "a:1" || len(s.Sources) != 5 || len(s.Settings) != 1 {
		t.Error("what is narrowed has changed what it is of")
	}
	s.AddServer(of("b:1", "7", "5.7.30"))
	if len(s.Servers) != 2 || s.Of("b:1").Settings["innodb_buffer_pool_size"] != "7" || s.Engine != (Engine{}) || second.Settings["innodb_buffer_pool_size"] != "20" {
		t.Errorf("twice: %+v", s.Servers)
	}
	if before.Several() || before.Settings["innodb_buffer_pool_size"] != "100" || len(before.Tables) != 2 {
		t.Errorf("a copy was changed: %+v", before)
	}
}

// Snapshots of one server each are one of two.
func TestServersJoin(t *testing.T) {
	one := func(address, pool string) *Snapshot {
		s := &Snapshot{Digest: NewDigest()}
		s.Set("redis.maxmemory", "9")
		s.AddServer(Server{Address: address, Settings: map[string]string{"innodb_buffer_pool_size": pool}, Tables: []collectors.Table{{Schema: "s", Name: address}}})
		return s
	}
	s := &Snapshot{Digest: NewDigest()}
	s.Join(one("a:1", "1"))
	if s.Settings["innodb_buffer_pool_size"] != "1" || s.Settings["redis.maxmemory"] != "9" || len(s.Tables) != 1 {
		t.Errorf("%+v", s)
	}
	other := one("b:1", "2")
	s.Join(other)
	if len(s.Settings) != 1 || len(s.Tables) != 0 || s.Of("b:1").Settings["innodb_buffer_pool_size"] != "2" || s.Of("a:1").Settings["innodb_buffer_pool_size"] != "1" {
		t.Errorf("%+v", s)
	}
	if len(other.Settings) != 2 || len(other.Tables) != 1 {
		t.Errorf("what was joined has changed: %+v", other)
	}
}
