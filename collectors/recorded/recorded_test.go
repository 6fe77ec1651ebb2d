package recorded

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dbtriage/collectors"
)

// a heard is what a recording said.
type heard struct {
	host     string
	samples  []collectors.Sample
	settings map[string]string
	tables   []collectors.Table
	format   string
	res      Result
}

func hear(t testing.TB, text string, opt Options) (heard, error) {
	t.Helper()
	h := heard{settings: map[string]string{}}
	f := Detect([]byte(text[:min(len(text), 256<<10)]), opt.Base)
	if f == nil {
		t.Fatalf("no format for %.80q", text)
		return h, nil
	}
	h.format = f.Name
	var err error
	h.res, err = Read(context.Background(), strings.NewReader(text), f, opt, Sink{
		Host:       func(name string) { h.host = name },
		Sample:     func(s collectors.Sample) { h.samples = append(h.samples, s) },
		Setting:    func(name, value string) { h.settings[name] = value },
		Configured: func(name, value string) { h.settings[name] = value },
		Table:      func(t collectors.Table) { h.tables = append(h.tables, t) },
	})
	return h, err
}

// at0 is 2026-11-22 23:00:32 UTC.
const at0 = int64(1795388432) * 1e6

var named = Options{Base: "2026_11_22_23_00_32-x", Modified: collectors.NoTime}

func (h heard) value(t *testing.T, at int64, name, instance string) float64 {
	t.Helper()
	for _, s := range h.samples {
		if s.At == at && s.Name == name && s.Instance == instance {
			return s.Value
		}
	}
	t.Errorf("no %s[%s] at %s among %v", name, instance, time.UnixMicro(at).UTC(), h.samples)
	return 0
}

func (h heard) want(t *testing.T, at int64, name, instance string, want float64) {
	t.Helper()
	if got := h.value(t, at, name, instance); got < want-1e-6 || got > want+1e-6 {
		t.Errorf("%s[%s] is %v, want %v", name, instance, got, want)
	}
}

// sarText is one host with an entry of each form of the three generations of sadf.
func sarText(entries ...string) string {
	return `{"sysstat": {
	"hosts": [ {
		"nodename": "db01", "sysname": "Linux", "number-of-cpus": 2, "file-date": "2026-11-22", "timezone": "UTC",
		"statistics": [
` + strings.Join(entries, ",\n") + `
		], "restarts": []
	} ] } }
`
}

const stamp0 = `"timestamp": {"date": "2026-11-22", "time": "23:00:32", "utc": 1, "interval": 1}`

func TestSar(t *testing.T) {
	h, err := hear(t, sarText(
		`{`+stamp0+`,
		"cpu-load": [{"cpu": "all", "usr": 50.0, "nice": 10.0, "sys": 5.0, "iowait": 4.0, "steal": 1.0, "irq": 0.5, "soft": 1.5, "guest": 2.0, "gnice": 0.0, "idle": 26.0},
			{"cpu": "1", "usr": 100.0, "nice": 0.0, "sys": 0.0, "iowait": 0.0, "steal": 0.0, "idle": 0.0}],
		"process-and-context-switch": {"proc": 0.0, "cswch": 4344.5},
		"swap-pages": {"pswpin": 2.0, "pswpout": 1.0},
		"memory": {"memfree": 100, "avail": 500, "memused": 1000, "memused-percent": 10.00, "cached": 50, "commit": 2500, "commit-percent": 20.00, "dirty": 7, "swpfree": 2000, "swpused": 500},
		"queue": {"runq-sz": 6, "plist-sz": 136, "ldavg-1": 1.45, "ldavg-5": 1.64, "ldavg-15": 1.62, "blocked": 3},
		"disk": [{"disk-device": "vda", "tps": 26.5, "rkB": 10.0, "wkB": 20.0, "aqu-sz": 2.5, "await": 18.4, "util-percent": 99.5}],
		"network": {"net-dev": [{"iface": "eth0", "rxpck": 5.0, "txpck": 6.0, "rxkB": 100.0, "txkB": 50.0, "ifutil-percent": 10.0}],
			"net-edev": [{"iface": "eth0", "rxerr": 1.0, "txerr": 0.0, "rxdrop": 2.0, "txdrop": 3.0}],
			"net-sock": {"tcp-tw": 49}, "net-tcp": {"oseg": 574.0}, "net-etcp": {"retrans": 2.0}},
		"psi": {"psi-cpu": {"some_avg10": 64.0, "some_avg": 99.0}, "psi-io": {"some_avg10": 1.0, "full_avg10": 0.5}},
		"filesystems": [{"filesystem": "/dev/sda1", "MBfsfree": 1, "MBfsused": 3, "ufsused-percent": 75.0, "Iused-percent": 2.0}]}`,
		`{"timestamp": {"date": "2026-11-22", "time": "23:00:33", "utc": 1, "interval": 1},
		"cpu-load": [{"cpu": "all", "user": 30.0, "nice": 1.0, "system": 2.0, "iowait": 0.0, "steal": 0.0, "idle": 67.0}],
		"disk": [{"disk-device": "dev8-0", "tps": 1.0, "rd_sec": 8.0, "wr_sec": 16.0, "avgqu-sz": 0.5, "await": 2.0, "util-percent": 1.0}]}`,
	), Options{Base: "sar.json"})
	if err != nil || h.format != "sadf -j" || h.host != "db01" || h.res.Skipped != 0 {
		t.Fatalf("%v %+v", err, h.res)
	}
	for _, c := range []struct {
		name, instance string
		want           float64
	}{
		{"cpu.cores", "", 2}, {"cpu.user", "", 0.62}, {"cpu.system", "", 0.07}, {"cpu.iowait", "", 0.04}, {"cpu.steal", "", 0.01}, {"cpu.idle", "", 0.26},
		{"cpu.user", "1", 1}, {"cpu.context_switches", "", 4344.5}, {"cpu.run_queue", "", 6}, {"cpu.blocked", "", 3}, {"cpu.load1", "", 1.45},
		{"mem.available", "", 500 * 1024}, {"mem.total", "", (12500 - 2500) * 1024}, {"mem.swap_in", "", 8192}, {"mem.swap_used", "", 500 * 1024},
		{"disk.requests", "vda", 26.5}, {"disk.read_bytes", "vda", 10240}, {"disk.await", "vda", 0.0184}, {"disk.queue", "vda", 2.5}, {"disk.util", "vda", 0.995},
		{"net.rx_bytes", "eth0", 102400}, {"net.speed", "eth0", 1024000}, {"net.drops", "eth0", 5}, {"net.errors", "eth0", 1},
		{"tcp.time_wait", "", 49}, {"tcp.retransmits", "", 2}, {"psi.cpu.some", "", 0.99}, {"psi.io.some", "", 0.01}, {"psi.io.full", "", 0.005},
		{"fs.size", "/dev/sda1", 4 << 20}, {"fs.used", "/dev/sda1", 0.75},
	} {
		h.want(t, at0, c.name, c.instance, c.want)
	}
	for _, c := range []struct {
		name, instance string
		want           float64
	}{
		{"cpu.user", "", 0.31}, {"cpu.system", "", 0.02}, {"disk.read_bytes", "dev8-0", 4096}, {"disk.write_bytes", "dev8-0", 8192}, {"disk.queue", "dev8-0", 0.5},
	} {
		h.want(t, at0+1e6, c.name, c.instance, c.want)
	}
	for _, s := range h.samples {
		if _, ok := collectors.MetricNamed(s.Name); !ok {
			t.Errorf("%s is not in the table of metrics", s.Name)
		}
	}
}

func TestSarBadEntries(t *testing.T) {
	good := `{` + stamp0 + `, "queue": {"runq-sz": 1}}`
	for _, c := range []struct {
		what, text, why string
		line            int64
		samples         int
	}{
		{"no time", sarText(`{"queue": {"runq-sz": 1}}`, good), "without a time", 5, 2},
		{"no number", sarText(`{`+stamp0+`, "queue": {"runq-sz": "many"}}`, good), "runq-sz is no number", 5, 3},
		{"no object", sarText(`17`, good), "no object", 5, 2},
		{"torn", sarText(good, good[:40])[:len(sarText(good))-20], "", 0, 2},
		{"not JSON further on", strings.Replace(sarText(good, good), "},\n{", "},\n}", 1), "not JSON", 5, 2},
		{"huge numbers", sarText(strings.Replace(good, `"runq-sz": 1}`, `"runq-sz": 1e999}`, 1), good), "no number", 5, 3},
	} {
		h, err := hear(t, c.text, Options{Base: "sar.json"})
		if err != nil || len(h.samples) != c.samples {
			t.Errorf("%s: %v, %d samples %v", c.what, err, len(h.samples), h.res.Skips)
		}
		if h.res.Skipped != 1 || !strings.Contains(h.res.Skips[0].Why, c.why) || c.line > 0 && h.res.Skips[0].Line != c.line {
			t.Errorf("%s: %+v", c.what, h.res.Skips)
		}
	}
	if _, err := hear(t, sarText(`{"a": "`+strings.Repeat("x", 2*maxEntry)+`"}`), Options{}); err == nil {
		t.Error("an endless entry is read")
	}
}

func TestSarZones(t *testing.T) {
	local := `{"timestamp": {"date": "2026-11-23", "time": "07:00:32", "utc": 0, "interval": 1}, "queue": {"runq-sz": 1}}`
	h, _ := hear(t, strings.Replace(sarText(local), `"timezone": "UTC"`, `"timezone": "Asia/Shanghai"`, 1), Options{})
	h.want(t, at0, "cpu.run_queue", "", 1)
	h, _ = hear(t, sarText(local), Options{})
	if len(h.res.Warnings) != 1 || !strings.Contains(h.res.Warnings[0], "taken as UTC") {
		t.Errorf("%v", h.res.Warnings)
	}
	h, _ = hear(t, sarText(`{"timestamp": {"time": "23:00:32", "tz": "UTC", "interval": 1}, "queue": {"runq-sz": 2}}`), Options{})
	h.want(t, at0, "cpu.run_queue", "", 2)
}

// statusText is one output of SHOW GLOBAL STATUS as mysqladmin draws it.
func statusText(values map[string]string) string {
	var b strings.Builder
	b.WriteString("+---+---+\n| Variable_name | Value |\n+---+---+\n")
	for _, name := range slices.Sorted(maps.Keys(values)) {
		fmt.Fprintf(&b, "| %-20s | %-8s |\n", name, values[name])
	}
	b.WriteString("+---+---+\n\n")
	return b.String()
}

func frames(uptimes ...int) string {
	var b strings.Builder
	for i, up := range uptimes {
		b.WriteString(statusText(map[string]string{
			"Aborted_clients": "0", "Bytes_received": "1", "Bytes_sent": "1", "Connections": fmt.Sprint(100 + 10*i), "Compression": "OFF", "Uptime": fmt.Sprint(up),
		}))
	}
	return b.String()
}

func TestStatus(t *testing.T) {
	h, err := hear(t, frames(2, 3, 5), named)
	if err != nil || h.format != "server status" || h.res.Skipped != 0 {
		t.Fatalf("%v %+v", err, h.res)
	}
	h.want(t, at0, "mysql.status.Connections", "", 100)
	h.want(t, at0+1e6, "mysql.status.Connections", "", 110)
	h.want(t, at0+3e6, "mysql.status.Connections", "", 120)
	h.want(t, at0+3e6, "mysql.status.Uptime", "", 5)

	// A restart in the middle: the server's clock begins again.
	h, err = hear(t, frames(1000, 1001, 1, 2), named)
	if err != nil {
		t.Fatal(err)
	}
	h.want(t, at0+2e6, "mysql.status.Connections", "", 120)
	h.want(t, at0+3e6, "mysql.status.Connections", "", 130)

	if _, err = hear(t, frames(1000, 1, 1, 1), named); err == nil || !strings.Contains(err.Error(), "without -r") {
		t.Errorf("relative values: %v", err)
	}

	// Given twice by hand, as mysql -B prints it, with no time but the file's.
	batch := "Variable_name\tValue\nAborted_clients\t0\nBytes_sent\t5\nUptime\t10\nVariable_name\tValue\nAborted_clients\t0\nBytes_sent\t7\nUptime\t70\n"
	h, err = hear(t, batch, Options{Base: "status.txt", Modified: at0})
	if err != nil || len(h.res.Warnings) != 1 {
		t.Fatalf("%v %v", err, h.res.Warnings)
	}
	h.want(t, at0-60e6, "mysql.status.Bytes_sent", "", 5)
	h.want(t, at0, "mysql.status.Bytes_sent", "", 7)
	h, err = hear(t, batch, Options{Modified: collectors.NoTime})
	if err != nil || len(h.samples) != 0 || len(h.res.Warnings) != 1 {
		t.Errorf("without any time: %v %v", h.samples, h.res.Warnings)
	}

	h, _ = hear(t, "TS 1795388432.5 2026-11-22 23:00:32\n"+frames(1)+"TS 1795388437.5 x\n"+frames(6), Options{Modified: collectors.NoTime})
	h.want(t, at0+5_500_000, "mysql.status.Uptime", "", 6)

	h, _ = hear(t, frames(1)+"what is this\n"+frames(2), named)
	if h.res.Skipped != 1 || h.res.Skips[0].Line != 12 {
		t.Errorf("%+v", h.res.Skips)
	}
}

func TestVariables(t *testing.T) {
	for _, text := range []string{
		"Variable_name\tValue\nauto_increment_increment\t1\ninit_connect\tSET a=1\tb|c\nmax_connections\t151\nversion\t10.11.19-MariaDB\n",
		"+--+--+\n| Variable_name | Value |\n+--+--+\n| auto_increment_increment | 1 |\n| init_connect | SET a=1\tb|c |\n| max_connections | 151 |\n| version | 10.11.19-MariaDB |\n+--+--+\n",
	} {
		h, err := hear(t, text, named)
		if err != nil || h.format != "server variables" || h.res.Skipped != 0 || len(h.settings) != 4 ||
			h.settings["max_connections"] != "151" || h.settings["init_connect"] != "SET a=1\tb|c" || h.res.Events != 4 {
			t.Errorf("%v %+v %+v", err, h.settings, h.res)
		}
	}
}

const session = `*************************** %d. row ***************************
      Id: %d
    User: shop
 Command: %s
    Time: 0
   State: %s
    Info: SELECT 1
  FROM dual
Progress: 0
`

func TestProcesslist(t *testing.T) {
	text := "TS 1795388432.0 2026-11-22 23:00:32\n" + fmt.Sprintf(session, 1, 4, "Query", "Waiting for table metadata lock") +
		fmt.Sprintf(session, 2, 5, "Sleep", "") + fmt.Sprintf(session, 3, 6, "Daemon", "") + "TS 1795388437.0 2026-11-22 23:00:37\n"
	h, err := hear(t, text, named)
	if err != nil || h.format != "process list" || h.res.Skipped != 0 {
		t.Fatalf("%v %+v", err, h.res)
	}
	h.want(t, at0, "sessions.all", "", 2)
	h.want(t, at0, "sessions.sleeping", "", 1)
	h.want(t, at0, "sessions.metadata_waits", "", 1)
	h.want(t, at0+5e6, "sessions.all", "", 0)
}

func TestTransactions(t *testing.T) {
	trx := func(state, started, query string) string {
		return fmt.Sprintf("*************************** 1. row ***************************\n    trx_id: 1\n trx_state: %s\n trx_started: %s\n trx_query: %s\n", state, started, query)
	}
	h, err := hear(t, "TS 1795388432.5 2026-11-22 23:00:32\n"+trx("RUNNING", "2026-11-22 23:00:02", "NULL")+
		trx("LOCK WAIT", "2026-11-22 23:00:00", "UPDATE t SET a = 1")+trx("RUNNING", "2026-11-22 23:00:32", "NULL"), named)
	if err != nil || h.format != "transactions" {
		t.Fatalf("%v %+v", err, h.res)
	}
	h.want(t, at0+500_000, "transactions.open", "", 3)
	h.want(t, at0+500_000, "transactions.waiting", "", 1)
	h.want(t, at0+500_000, "transactions.idle", "", 1)
	h.want(t, at0+500_000, "transactions.idle_age", "", 30.5)

	// A file of stamps alone is told by its name: nobody had a transaction.
	h, _ = hear(t, "TS 1795388432.0 x\nTS 1795388437.0 x\n", Options{Base: "2026_11_22_23_00_32-transactions"})
	h.want(t, at0+5e6, "transactions.idle_age", "", 0)
	if Detect([]byte("TS 1795388432.0 x\n"), "notes") != nil {
		t.Error("stamps without a name are taken for something")
	}
}

// TestZones reads a host eight hours ahead of UTC: names and the server's times are local.
func TestZones(t *testing.T) {
	for line, want := range map[string]int64{
		"TS 1795388432.486140999 2026-11-22 23:00:32": 0, "TS 1795388432.4 2026-11-23 07:00:32": 8, "TS 1795388432.4 2026-11-22 18:00:33": -5,
	} {
		if got, ok := ZoneOf([]byte(line)); !ok || got != want*4*quarter {
			t.Errorf("%s: %d %v", line, got, ok)
		}
	}
	for _, line := range []string{"TS x", "TS 1795388432.4", "TS 1795388432.4 a b", "TS 1795388432.4 1999-11-22 18:00:33", ""} {
		if _, ok := ZoneOf([]byte(line)); ok {
			t.Errorf("%q has a zone", line)
		}
	}
	ahead := Options{Base: "2026_11_23_07_00_32-x", Modified: collectors.NoTime, Zone: 8 * 4 * quarter}
	h, _ := hear(t, frames(2, 3), ahead)
	h.want(t, at0+1e6, "mysql.status.Uptime", "", 3)
	h, _ = hear(t, topFrame("07:00:32", "")+topFrame("07:00:37", "1 root 20 0 1 1 1 S 50.0 0.0 0:00 x\n"), ahead)
	h.want(t, at0+5e6, "process.cpu", "x", 0.5)
	h, _ = hear(t, "TS 1795388432.0 2026-11-23 07:00:32\n*************************** 1. row ***************************\ntrx_id: 1\ntrx_state: RUNNING\ntrx_started: 2026-11-23 07:00:02\ntrx_query: NULL\n", Options{Modified: collectors.NoTime})
	h.want(t, at0, "transactions.idle_age", "", 30)
	if StalkPrefix("2026_11_22_23_00_32-top") != "2026_11_22_23_00_32-" || StalkPrefix("top.txt") != "" {
		t.Error("prefix")
	}
}

func TestLockWaits(t *testing.T) {
	wait := func(waiter int, query, blocker string) string {
		return fmt.Sprintf("*************************** 1. row ***************************\n waiting_thread: %d\n waiting_query: %s\n blocking_thread: 6\n blocking_query: %s\n", waiter, query, blocker)
	}
	h, err := hear(t, "TS 1795388432.0 x\n"+wait(29, "UPDATE `shop`.`stock` SET qty = 1", "NULL")+wait(29, "UPDATE stock SET qty = 1", "UPDATE stock SET qty = 1")+
		wait(28, "UPDATE `shop`.`stock` SET qty = 2", "NULL")+wait(27, "select 1 from carts for update", "NULL"), named)
	if err != nil || h.format != "lock waits" {
		t.Fatalf("%v %+v", err, h.res)
	}
	h.want(t, at0, "locks.waits_for_idle", "", 3)
	h.want(t, at0, "locks.waits_for_idle", "shop.stock", 2)
	h.want(t, at0, "locks.waits_for_idle", "carts", 1)
}

// TestUnstamped reads answers as pt-stalk 3.7 appends them: without stamps, those of several questions
// one after the other. Each repetition of the first question is a sample.
func TestUnstamped(t *testing.T) {
	row := func(n int, columns ...string) string {
		return fmt.Sprintf("*************************** %d. row ***************************\n%s\n", n, strings.Join(columns, "\n"))
	}
	trx := func(n int, state string) string {
		return row(n, "trx_id: 7", "trx_state: "+state, "trx_started: 2026-11-22 23:00:30", "trx_query: NULL")
	}
	lock := row(1, "lock_id: 7:1:2", "lock_trx_id: 7", "lock_table: `shop`.`stock`")
	h, err := hear(t, trx(1, "RUNNING")+trx(2, "LOCK WAIT")+lock+trx(1, "RUNNING")+trx(1, "RUNNING")+lock, named)
	if err != nil || h.format != "transactions" || len(h.res.Warnings) != 1 {
		t.Fatalf("%v %+v", err, h.res)
	}
	h.want(t, at0, "transactions.open", "", 2)
	h.want(t, at0, "transactions.waiting", "", 1)
	h.want(t, at0+1e6, "transactions.open", "", 1)
	h.want(t, at0+2e6, "transactions.idle_age", "", 4)

	blocks := row(1, "who_blocks: thread 3 from localhost", "idle_in_trx: 9", "num_waiters: 2")
	wait := func(n int) string {
		return row(n, fmt.Sprint("waiting_thread: ", 20+n), "waiting_query: UPDATE stock SET qty = 1", "blocking_thread: 3", "blocking_query: NULL")
	}
	h, err = hear(t, blocks+wait(1)+wait(2)+blocks+wait(1), named)
	if err != nil || h.format != "lock waits" || h.res.Skipped != 0 {
		t.Fatalf("%v %+v", err, h.res)
	}
	h.want(t, at0, "locks.waits_for_idle", "", 2)
	h.want(t, at0+1e6, "locks.waits_for_idle", "stock", 1)

	h, err = hear(t, fmt.Sprintf(session, 1, 4, "Query", "")+row(2, "Id: 5", "Command: Sleep", "State: ")+fmt.Sprintf(session, 1, 4, "Query", ""), named)
	if err != nil || h.format != "process list" {
		t.Fatalf("%v %+v", err, h.res)
	}
	h.want(t, at0, "sessions.all", "", 2)
	h.want(t, at0+1e6, "sessions.all", "", 1)
}

func TestReplica(t *testing.T) {
	channel := func(n int, io, sql, behind string) string {
		return fmt.Sprintf("*************************** %d. row ***************************\n  Slave_IO_State: Waiting for master to send event\n Master_Host: db1\n Slave_IO_Running: %s\n Slave_SQL_Running: %s\n Seconds_Behind_Master: %s\n", n, io, sql, behind)
	}
	h, err := hear(t, "TS 1795388432.0 x\n"+channel(1, "Yes", "Yes", "0")+channel(2, "Yes", "No", "NULL")+"TS 1795388437.0 x\n"+channel(1, "Connecting", "Yes", "NULL"), named)
	if err != nil || h.format != "replica status" || h.res.Skipped != 0 {
		t.Fatalf("%v %+v", err, h.res)
	}
	h.want(t, at0, "replica.configured", "", 2)
	h.want(t, at0, "replica.lag", "", 0)
	h.want(t, at0, "replica.sql_running", "", 0)
	h.want(t, at0+5e6, "replica.io_running", "", 0)
	if slices.ContainsFunc(h.samples, func(s collectors.Sample) bool { return s.Name == "replica.lag" && s.At == at0+5e6 }) {
		t.Error("a lag that the server does not know is told")
	}

	// The words of MySQL 8, and the question between the answers without stamps.
	h, err = hear(t, "\nSHOW SLAVE STATUS\\G\n\n"+strings.NewReplacer("Slave", "Replica", "Master", "Source").Replace(channel(1, "Yes", "Yes", "12")), Options{Base: "2026_11_22_23_00_32-slave-status"})
	if err != nil || h.format != "replica status" || h.res.Skipped != 0 {
		t.Fatalf("%v %+v", err, h.res)
	}
	h.want(t, at0, "replica.lag", "", 12)
}

func TestTables(t *testing.T) {
	h, err := hear(t, "TABLE_SCHEMA\tTABLE_NAME\tENGINE\tTABLE_ROWS\tDATA_LENGTH\tINDEX_LENGTH\tDATA_FREE\nshop\tcarts\tMyISAM\t150366\t6832128\t3686400\t4096\nshop\tv\tNULL\tNULL\tNULL\tNULL\tNULL\ntorn\n", Options{})
	want := []collectors.Table{{Schema: "shop", Name: "carts", Engine: "MyISAM", Rows: 150366, DataBytes: 6832128, IndexBytes: 3686400, FreeBytes: 4096, AutoIncrement: collectors.Unknown},
		{Schema: "shop", Name: "v", Rows: collectors.Unknown, DataBytes: collectors.Unknown, IndexBytes: collectors.Unknown, FreeBytes: collectors.Unknown, AutoIncrement: collectors.Unknown}}
	if err != nil || !cmp.Equal(h.tables, want) || h.res.Skipped != 1 || h.res.Skips[0].Line != 4 {
		t.Errorf("%v %+v %+v", err, h.tables, h.res)
	}
}

func topFrame(at string, rows string) string {
	return "top - " + at + " up  2:26,  0 user,  load average: 0.52, 1.50, 1.58\nTasks:  81 total\n%Cpu(s):  0.0 us\n" +
		"MiB Mem :  24105.6 total,  21420.4 free,    867.2 used\nMiB Swap:      0.0 total,      0.0 free,      0.0 used.  23238.3 avail Mem \n\n" +
		"  PID USER      PR  NI    VIRT    RES    SHR S  %CPU  %MEM     TIME+ COMMAND\n" + rows + "\n"
}

func TestTop(t *testing.T) {
	rows := "30368 root      20   0 8193.4g 428728  23536 S   4.0   1.7   0:01.10 mariadbd\n" +
		"30412 root      20   0 1785248   1.5g   6828 R  95.5   0.0   0:00.34 batchjob\n30413 root      20   0 1785248   8296   6828 R  90.0   0.0   0:00.34 batchjob\n" +
		"    1 root      10 -10   39528  11028   6380 S   0.0   0.0   0:40.64 init\n"
	h, err := hear(t, topFrame("23:59:58", rows)+topFrame("00:00:03", rows+"garbage\n"), Options{Base: "2026_11_22_23_59_58-top", Modified: collectors.NoTime})
	if err != nil || h.format != "top -b" || h.res.Skipped != 1 {
		t.Fatalf("%v %+v", err, h.res)
	}
	second := time.Date(2026, 11, 23, 0, 0, 3, 0, time.UTC).UnixMicro()
	h.want(t, second, "process.cpu", "batchjob", 1.855)
	h.want(t, second, "process.cpu", "mariadbd", 0.04)
	h.want(t, second, "process.cpu", "", 1.895)
	h.want(t, second, "process.memory", "mariadbd", 428728*1024)
	h.want(t, second, "process.memory", "batchjob", 1.5*(1<<30)+8296*1024)
	h.want(t, second, "mem.total", "", 24105.6*(1<<20))
	for _, s := range h.samples {
		if s.Name == "mem.total" && s.Value == 0 {
			t.Error("swap is taken for memory")
		}
		if s.Name == "process.cpu" && s.At != second {
			t.Errorf("the first frame of top is of the time since boot: %+v", s)
		}
	}
}

// TestTopDay has no day but the one on which the file was last written.
func TestTopDay(t *testing.T) {
	row := "1 root 20 0 1 1 1 S 50.0 0.0 0:00 x\n"
	written := time.Date(2026, 11, 23, 0, 0, 5, 0, time.UTC).UnixMicro()
	h, _ := hear(t, topFrame("23:59:58", row)+topFrame("00:00:03", row), Options{Modified: written})
	h.want(t, written-2e6, "process.cpu", "x", 0.5)
	h, _ = hear(t, topFrame("00:00:01", row)+topFrame("00:00:04", row), Options{Modified: written})
	h.want(t, written-1e6, "process.cpu", "x", 0.5)
}

func TestLongLines(t *testing.T) {
	h, err := hear(t, "Variable_name\tValue\nauto_increment_increment\t1\nmax_connections\t9\n"+strings.Repeat("x", 2*maxLine)+"\nport\t3306\n", Options{})
	if err != nil || h.res.Skipped != 1 || h.res.Skips[0].Line != 4 || h.settings["port"] != "3306" {
		t.Errorf("%v %+v", err, h.res)
	}
}

func TestNotRecordings(t *testing.T) {
	for _, text := range []string{"", "hello\n", "[client]\nport=5\n", `{"a":1}`, "\x00\x01", "id\tname\n1\ta\n", "TS x\n"} {
		if f := Detect([]byte(text), "x"); f != nil {
			t.Errorf("%q is taken for %s", text, f.Name)
		}
	}
}

// FuzzRead reads hostile recordings with every reader: none may panic or hand on what is no number.
func FuzzRead(f *testing.F) {
	f.Add(sarText(`{` + stamp0 + `, "queue": {"runq-sz": 1}, "disk": [{"disk-device": "a", "await": 1}]}`))
	f.Add(frames(1, 2))
	f.Add(fmt.Sprintf(session, 1, 4, "Query", "x"))
	f.Add(topFrame("23:59:58", "1 root 20 0 1 1 1 S 1.0 0.0 0:00 x\n") + topFrame("23:59:59", "1 root 20 0 1 1g 1 S 1.0 0.0 0:00 x\n"))
	f.Add("TABLE_SCHEMA\tTABLE_NAME\tENGINE\tDATA_LENGTH\na\tb\tc\t1\n")
	f.Add("TS 1 x\n*** 1. row ***\nwaiting_thread: 1\nblocking_thread: 2\nwaiting_query: update t")
	f.Add("USE a;\nCREATE TABLE `t` (\n  `id` int NOT NULL, `e` enum('a','b;') /*!50606 STORAGE DISK */ DEFAULT 'a', PRIMARY KEY (`id`), KEY k ((`e`), id(3) DESC)\n) ENGINE=InnoDB;\nALTER TABLE t ADD KEY (e);\n")
	f.Add("TABLE_SCHEMA\tTABLE_NAME\tNON_UNIQUE\tINDEX_NAME\tSEQ_IN_INDEX\tCOLUMN_NAME\na\tb\t0\tk\t2\tc\n")
	f.Add("| TABLE_SCHEMA | TABLE_NAME | COLUMN_NAME | ORDINAL_POSITION | COLUMN_TYPE |\n| a | b | c | 3 | int |\n")
	f.Add("[mysqld]\nskip-name-resolve\nmax-allowed-packet = 16M # big\n!include /x\n")
	f.Fuzz(func(t *testing.T, text string) {
		for i := range Formats {
			_, _ = Read(context.Background(), strings.NewReader(text), &Formats[i], named, Sink{
				Host:    func(string) {},
				Setting: func(string, string) {},
				Configured: func(name, value string) {
					if !variableName([]byte(name)) {
						t.Errorf("%q is configured to be %q", name, value)
					}
				},
				Table: func(collectors.Table) {},
				Sample: func(s collectors.Sample) {
					if s.Value != s.Value || s.Name == "" || s.At == collectors.NoTime {
						t.Errorf("%+v", s)
					}
				},
			})
		}
	})
}
