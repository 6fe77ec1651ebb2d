package session

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"dbtriage/analyzers"
	"dbtriage/collectors"
	"dbtriage/collectors/recorded"
)

// recordOn makes a recording of two servers on a machine.
func recordOn(t *testing.T, machine, file string, from int64) {
	t.Helper()
	rec, err := startRecording(recorded.RecorderOptions{File: file}, opening{Host: machine, Interval: 1e6})
	must(t, err)
	books := make([]serverStatements, 2)
	for i := int64(1); i <= 20; i++ {
		must(t, rec.write(serverTick(from+i*1e6, books), i == 20))
	}
	must(t, rec.to.Close())
}

func addresses(s *analyzers.Snapshot) []string {
	var out []string
	for i := range s.Servers {
		out = append(out, s.Servers[i].Address)
	}
	slices.Sort(out)
	return out
}

// The same address in recordings of two machines is of two servers, and of one in two recordings of one machine.
func TestServersOfTwoMachines(t *testing.T) {
	dir := t.TempDir()
	one, two, later := filepath.Join(dir, "one.rec"), filepath.Join(dir, "two.rec"), filepath.Join(dir, "later.rec")
	const from = 1795387200e6
	recordOn(t, "db-a", one, from)
	recordOn(t, "db-b", two, from)
	recordOn(t, "db-a", later, from+60e6)
	read := func(paths ...string) *analyzers.Snapshot {
		t.Helper()
		var inputs []Input
		for _, path := range paths {
			inputs = append(inputs, Input{Path: path})
		}
		s, problems := Read(context.Background(), inputs, Options{Workers: 1})
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		return s
	}
	both := read(one, two)
	if got, want := addresses(both), []string{"db-a:3306", "db-a:3307", "db-b:3306", "db-b:3307"}; !slices.Equal(got, want) {
		t.Errorf("servers %q", got)
	}
	if len(both.Series.Keys()) != 4 {
		t.Errorf("series %v", both.Series.Keys())
	}
	for _, src := range both.Sources {
		if strings.Contains(src.Path, "127.0.0.1") || !strings.Contains(src.Path, ".rec") && !strings.Contains(src.Path, src.Host+":330") {
			t.Errorf("source %s of %s", src.Path, src.Host)
		}
	}
	if got, want := addresses(read(one, later)), []string{"127.0.0.1:3306", "127.0.0.1:3307"}; !slices.Equal(got, want) {
		t.Errorf("of one machine: %q", got)
	}
	all := analyzers.Window{From: collectors.NoTime, To: collectors.NoTime}
	files := filepath.Join(dir, "folder")
	for _, machine := range []string{"db-a", "db-b"} {
		rec, err := startRecording(recorded.RecorderOptions{Dir: files}, opening{Host: machine, Interval: 1e6})
		must(t, err)
		at := int64(from)
		if machine == "db-b" {
			at += 3600e6
		}
		must(t, rec.write(serverTick(at, make([]serverStatements, 2)), true))
		must(t, rec.to.Close())
	}
	folder, err := ReadReplay(context.Background(), files, all)
	must(t, err)
	if warned := folder.Sources[len(folder.Sources)-1].Warnings; len(addresses(folder)) != 4 || len(warned) != 1 || !strings.Contains(warned[0], "of several machines (db-a, db-b)") {
		t.Errorf("the folder: %q, %q", addresses(folder), warned)
	}
}

func TestOnMachine(t *testing.T) {
	for address, want := range map[string]string{
		"127.0.0.1:3306": "db-a:3306", "localhost:3307": "db-a:3307", "[::1]:3306": "db-a:3306", "/run/mysqld/mysqld.sock": "db-a:/run/mysqld/mysqld.sock",
		"10.0.0.9:3306": "10.0.0.9:3306", "db.example.org:3306": "db.example.org:3306",
	} {
		if got := onMachine(address, "db-a"); got != want {
			t.Errorf("%s is %s", address, got)
		}
	}
	if got := onMachine("127.0.0.1:3306", ""); got != "127.0.0.1:3306" {
		t.Errorf("of a machine without a name: %s", got)
	}
}
