package session

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dbtriage/analyzers"
	"dbtriage/collectors"
)

const sarOfAMinute = `{"sysstat": {"hosts": [{"nodename": "db01", "number-of-cpus": 4, "statistics": [
	{"timestamp": {"date": "2024-03-05", "time": "09:00:01", "utc": 1, "interval": 1}, "queue": {"runq-sz": 7}},
	{"timestamp": {"date": "2024-03-05", "time": "09:00:02", "utc": 1, "interval": 1}, "queue": {"runq-sz": 8}}]}]}}`

// TestRecordingsBesideLogs reads a directory of both: recordings are sources of their own, and no
// slow log was read because a server was recorded.
func TestRecordingsBesideLogs(t *testing.T) {
	s, problems := read(t, map[string]string{
		"sar.json":      sarOfAMinute,
		"variables.txt": "Variable_name\tValue\nauto_increment_increment\t1\nmax_connections\t151\nversion\t10.11.19-MariaDB\n",
		"tables.tsv":    "TABLE_SCHEMA\tTABLE_NAME\tENGINE\tDATA_LENGTH\tINDEX_LENGTH\tTABLE_ROWS\nshop\tcarts\tMyISAM\t5\t6\t7\n",
	})
	if len(problems) != 0 || len(s.Sources) != 4 {
		t.Fatalf("problems %v, sources %+v", problems, s.Sources)
	}
	src := source(t, s, "sar.json")
	if src.Format != "sadf -j" || src.Role != "host" || src.Host != "db01" || !src.Recording || src.Events != 4 || src.From == collectors.NoTime {
		t.Errorf("%+v", src)
	}
	queue := s.Series.Get(analyzers.SeriesKey{Host: "db01", Role: "host", Name: "cpu.run_queue"})
	if queue == nil || len(queue.Points) != 2 || queue.Points[1].Last != 8 {
		t.Errorf("%+v", queue)
	}
	if s.Settings["max_connections"] != "151" || s.Engine.Name != "mariadb" || len(s.Tables) != 1 {
		t.Errorf("%v %v %v", s.Settings, s.Engine, s.Tables)
	}
	if s.HasSlowLog() || !s.HasAccessLog() {
		t.Error("a recorded server is taken for a slow log")
	}
}

func TestRecordingsOutsideTheWindow(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sar.json")
	if err := os.WriteFile(path, []byte(sarOfAMinute), 0o644); err != nil {
		t.Fatal(err)
	}
	last := int64(1709629202) * 1e6 // the second of the two
	s, problems := Read(context.Background(), []Input{{Path: path}}, Options{Filter: analyzers.Filter{Window: analyzers.Window{From: last, To: collectors.NoTime}}})
	if len(problems) != 0 || len(s.Series.Get(analyzers.SeriesKey{Host: "db01", Role: "host", Name: "cpu.run_queue"}).Points) != 1 {
		t.Errorf("%v", problems)
	}
}

func TestTornRecording(t *testing.T) {
	s, problems := read(t, map[string]string{"sar.json": sarOfAMinute[:len(sarOfAMinute)-40]})
	src := source(t, s, "sar.json")
	if len(problems) != 0 || src.Skipped != 1 || src.Events != 2 || !strings.Contains(src.Skips[0].Why, "ends in the middle") {
		t.Errorf("%v %+v", problems, src)
	}
	_, problems = read(t, map[string]string{"x-mysqladmin": relativeStatus})
	if len(problems) != 1 || problems[0].Passed || !strings.Contains(problems[0].Err.Error(), "without -r") {
		t.Errorf("relative values: %v", problems)
	}
}

var relativeStatus = strings.Repeat("| Variable_name | Value |\n| Aborted_clients | 0 |\n| Bytes_sent | 900 |\n| Uptime | 900 |\n", 1) +
	strings.Repeat("| Variable_name | Value |\n| Aborted_clients | 0 |\n| Bytes_sent | 1 |\n| Uptime | 1 |\n", 3)

// TestZoneOfACapture has a host eight hours ahead of UTC, told by another file of the capture.
func TestZoneOfACapture(t *testing.T) {
	s, problems := read(t, map[string]string{
		"2024_03_05_17_00_01-mysqladmin":   "| Variable_name | Value |\n| Aborted_clients | 0 |\n| Bytes_sent | 900 |\n| Uptime | 900 |\n",
		"2024_03_05_17_00_01-transactions": "TS 1709629201.5 2024-03-05 17:00:01\n",
	})
	up := s.Series.Get(analyzers.SeriesKey{Role: "db", Name: "mysql.status.Uptime"})
	if len(problems) != 0 || up == nil || up.Points[0].LastAt != 1709629201*1e6 {
		t.Errorf("%v %+v", problems, up)
	}
}

// TestDictionaryAndOptions puts a dump, statistics, an option file and the variables of a server into
// one snapshot.
func TestDictionaryAndOptions(t *testing.T) {
	s, problems := read(t, map[string]string{
		"schema.sql":    "CREATE DATABASE shop;\nUSE `shop`;\nCREATE TABLE `carts` (\n  `id` int NOT NULL,\n  PRIMARY KEY (`id`)\n) ENGINE=InnoDB;\n",
		"index.tsv":     "TABLE_SCHEMA\tTABLE_NAME\tNON_UNIQUE\tINDEX_NAME\tSEQ_IN_INDEX\tCOLUMN_NAME\tCARDINALITY\nshop\tcarts\t0\tPRIMARY\t1\tid\t42\n",
		"my.cnf":        "[mysqld]\nmax_connections=40\ninnodb_buffer_pool_size=1G\n",
		"variables.txt": "Variable_name\tValue\nauto_increment_increment\t1\nmax_connections\t151\nbasedir\t/usr\n",
	})
	if len(problems) != 0 || len(s.Tables) != 1 || len(s.Tables[0].Columns) != 1 || s.Tables[0].Indexes[0].Columns[0].Distinct != 42 {
		t.Fatalf("%v %+v", problems, s.Tables)
	}
	if s.Settings["max_connections"] != "151" || s.Settings["innodb_buffer_pool_size"] != "1073741824" || !s.Configured["innodb_buffer_pool_size"] {
		t.Errorf("%v %v", s.Settings, s.Configured)
	}
}
