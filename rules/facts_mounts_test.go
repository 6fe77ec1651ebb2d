package rules

import (
	"testing"

	"dbtriage/analyzers"
	"dbtriage/collectors"
)

// Only file systems that something writes to which is judged may be the cause of trouble.
func TestMountWritten(t *testing.T) {
	for _, c := range []struct {
		settings map[string]string
		sources  []string
		written  string
	}{
		{nil, nil, "/ /var/lib/mysql /dev/sda1"},
		{map[string]string{"datadir": "/data/db/", "tmpdir": "/tmp"}, nil, "/ /var/lib/mysql /data /dev/sda1"},
		{map[string]string{"datadir": "/data", "tmpdir": "/tmp:/mnt/small/t", "slow_query_log_file": "slow.log"}, nil, "/ /var/lib/mysql /data /mnt/small /dev/sda1"},
		{map[string]string{"datadir": "/datax"}, []string{"/mnt/small/access.log", "access.log"}, "/ /var/lib/mysql /mnt/small /dev/sda1"},
	} {
		s := &analyzers.Snapshot{Settings: c.settings}
		for _, name := range c.sources {
			s.Sources = append(s.Sources, collectors.Source{Path: name})
		}
		var mounts []subjectFacts
		for _, point := range []string{"/", "/var/lib/mysql", "/data", "/mnt/small", "/dev/sda1"} {
			mounts = append(mounts, subjectFacts{Subject{Kind: "mount", ID: point}, factMap{}})
		}
		mountFacts(mounts, s)
		got := ""
		for _, m := range mounts {
			if m.facts["mount_written"] == true {
				got += " " + m.subject.ID
			}
		}
		if want := " " + c.written; got != want {
			t.Errorf("%v %v: written are%s, want%s", c.settings, c.sources, got, want)
		}
	}
}
