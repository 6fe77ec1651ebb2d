package main

import (
	"bytes"
	"database/sql"
	"encoding/csv"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"dbtriage/collectors/mysql/mysqltest"
)

// Sample counts what a real server did.
func TestSampleMySQL(t *testing.T) {
	server := mysqltest.Start(t)
	db := server.Open(t, "root", "")
	stop := make(chan struct{})
	var work sync.WaitGroup
	work.Go(func() { // some 100 selects a second
		for {
			select {
			case <-stop:
				return
			case <-time.After(10 * time.Millisecond):
				var n int
				if err := db.QueryRow("SELECT 1").Scan(&n); err != nil && err != sql.ErrConnDone {
					t.Error(err)
					return
				}
			}
		}
	})
	t.Setenv("HOME", t.TempDir())
	var out, stderr bytes.Buffer
	code := run([]string{"sample", "--only", "mysql", "--mysql", "root@" + server.Socket, "-f", "csv", "0.5", "3"}, strings.NewReader(""), &out, &stderr)
	close(stop)
	work.Wait()
	if code != exitOK {
		t.Fatalf("exit %d: %s", code, stderr.String())
	}
	rows, err := csv.NewReader(&out).ReadAll()
	if err != nil || len(rows) != 4 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for _, row := range rows[1:] {
		cells := map[string]float64{}
		for i, name := range rows[0] {
			cells[name], _ = strconv.ParseFloat(row[i], 64)
		}
		if reads, all := cells["mysql_reads"], cells["mysql_statements"]; reads < 5 || reads > 105 || all < reads {
			t.Errorf("%v reads and %v statements a second of some 50 to 100", reads, all)
		}
		if cells["mysql_threads_connected"] < 2 {
			t.Errorf("%v connections, but there are two", cells["mysql_threads_connected"])
		}
	}

	stderr.Reset()
	if code := run([]string{"sample", "--only", "mysql", "--mysql", "root@127.0.0.1:1", "1", "1"}, strings.NewReader(""), &out, &stderr); code != exitUsage {
		t.Errorf("exit %d where no server is: %s", code, stderr.String())
	}
}

// Whoever named the server is told what is wrong with it, not to name it.
func TestSampleServerDown(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	var out, stderr bytes.Buffer
	code := run([]string{"sample", "--only", "mysql", "--mysql", "root@127.0.0.1:1", "0.5", "1"}, strings.NewReader(""), &out, &stderr)
	if code != exitUsage || !strings.Contains(stderr.String(), "check that the server runs and listens there") || strings.Contains(stderr.String(), "name the server") {
		t.Errorf("exit %d: %s", code, stderr.String())
	}
}

func TestNginxStatusRefused(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	var out, stderr bytes.Buffer
	if code := run([]string{"live", "--plain", "--no-host", "--nginx-status", "ftp://127.0.0.1/st"}, strings.NewReader(""), &out, &stderr); code != exitUsage || !strings.Contains(stderr.String(), "for example --nginx-status http://") {
		t.Errorf("exit %d: %s", code, stderr.String())
	}
}
