package recorded

import (
	"context"
	"os"
	"strings"
	"testing"

	"dbtriage/collectors"
)

// pt-stalk keeps the monitor's output at the beginning and at the end: the numbers are of both times,
// the deadlock that both print is one.
func TestInnoDBMonitor(t *testing.T) {
	text, err := os.ReadFile("../innodb/testdata/mariadb1011-deadlock.txt")
	if err != nil {
		t.Fatal(err)
	}
	head := "*************************** 1. row ***************************\n  Type: InnoDB\n  Name: \nStatus: \n"
	later := strings.Replace(string(text), "06:40:02 0x7ff41c6136c0 INNODB", "06:40:42 0x7ff41c6136c0 INNODB", 1)
	if later == string(text) {
		t.Fatal("the sample is not what it was")
	}
	both := head + string(text) + head + later
	f := Detect([]byte(both), "x-innodbstatus1")
	if f == nil || f.Name != "InnoDB monitor" {
		t.Fatalf("taken for %+v", f)
	}
	count := map[string]int{}
	var deadlock collectors.Sample
	res, err := Read(context.Background(), strings.NewReader(both), f, Options{Zone: 3600e6}, Sink{Sample: func(s collectors.Sample) {
		count[s.Name]++
		if s.Name == "innodb.deadlock" {
			deadlock = s
		}
	}})
	if err != nil || res.Skipped != 0 {
		t.Fatal(res, err)
	}
	if count["innodb.deadlock"] != 1 || count["innodb.semaphore_waits"] != 2 || count["mysql.status.Innodb_history_list_length"] != 2 {
		t.Errorf("%v", count)
	}
	const wall = 1795416002e6 // 2026-11-23 06:40:02, an hour ahead of UTC
	if deadlock.At != wall-3600e6 || deadlock.Instance != "dl.a" || res.To-res.From < 40e6 {
		t.Errorf("%+v; from %d to %d", deadlock, res.From, res.To)
	}
}
