package ui

import (
	"context"
	"path/filepath"
	"sync"
	"time"

	"dbtriage/analyzers"
	"dbtriage/collectors"
	"dbtriage/rules"
	"dbtriage/ui/session"
)

// demoState is the bundled incident, read as analyze --tui reads it.
var demoState = sync.OnceValue(func() *session.State {
	st := batchState("../cmd/dbtriage/demo/slow.log.zst", "../cmd/dbtriage/demo/access.log.zst")
	fixedFindings(st)
	return st
})

// fixedFindings stand in for what the rules say of the incident: goldens do not change with their wording.
func fixedFindings(st *session.State) {
	number := func(f float64) *float64 { return &f }
	const id = "A3F28DCEBADF5C68"
	query := rules.Subject{Kind: "query", ID: id, Label: "select id, user_id, status, created_at from orders where tracking_no = ?"}
	st.Diagnosis.Judgement = rules.Judgement{
		Verdict: rules.Verdict{
			Layer: rules.LayerDatabase, SeenIn: rules.LayerDatabase, Confidence: 0.9, Since: st.Diagnosis.Attribution.Onset * 1e6,
			Summary:  "The database holds 97 % of the time that requests take longer: request time is 11.8 times that before 22:18:51 UTC. Query A3F28DCEBADF5C68 on orders reads 400,130 rows for each row it needs.",
			RuledOut: []rules.RuledOut{{Layer: rules.LayerClient, Why: "0.2 % of the time in question"}, {Layer: rules.LayerWeb, Why: "0 % of the time in question"}},
			Unknown:  []string{"The host: no CPU, memory, disk or network figures were given."},
		},
		Findings: []rules.Finding{
			{ID: "Q02@" + id, Rule: "Q02", Subject: query, Severity: rules.Critical, Layer: rules.LayerDatabase, Confidence: 0.9, Share: 0.96,
				Title: "Query A3F28DCEBADF5C68 on orders reads 400,130 rows for each row it needs", Args: map[string]any{"rows_examined_per_row": 400130.0, "table": "orders"},
				Evidence: []rules.Evidence{
					{What: "rows read per row returned", Value: number(400130), Limit: number(1000), Unit: "ratio", Window: "2026-11-22T22:18:51Z/2026-11-22T22:19:25Z", Source: "slow log", For: true},
					{What: "share of its time waiting for locks", Value: number(0.001), Unit: "share", Window: "2026-11-22T22:18:51Z/2026-11-22T22:19:25Z", Source: "slow log"},
				},
				Advice: []rules.Advice{{Kind: "index", Rung: "index", Do: "CREATE INDEX idx_tracking_no ON orders (tracking_no)", Expect: "rows read fall from 400,130 to 1", Risk: "one more index to maintain", Undo: "DROP INDEX idx_tracking_no ON orders", Verify: "EXPLAIN shows the index as key"}}},
			{ID: "W01", Rule: "W01", Subject: rules.Subject{Kind: "global"}, Severity: rules.Info, Layer: rules.LayerDatabase, Confidence: 0.5, Provisional: true, Title: "The workload is read-heavy",
				Advice: []rules.Advice{{Kind: "design", Rung: "cache", Do: "Keep what is read often in a cache", Held: "Q02 has more to gain"}}},
			{ID: "Q01@" + id, Rule: "Q01", Subject: query, Severity: rules.Info, Layer: rules.LayerDatabase, Confidence: 0.5, BecauseOf: []string{"Q02@" + id}, Title: "Query A3F28DCEBADF5C68 takes 96 % of the statement time"},
		},
		Gaps: []rules.Gap{{Rule: "H01", Subject: rules.Subject{Kind: "global"}, Missing: []string{"cpu.idle"}, Provide: "sadf -j FILE -- -A"}},
	}
}

// batchState reads files to their end.
func batchState(paths ...string) *session.State {
	set, err := rules.Load()
	if err != nil {
		panic(err)
	}
	var inputs []session.Input
	for _, p := range paths {
		inputs = append(inputs, session.Input{Path: p})
	}
	s := session.StartBatch(context.Background(), inputs, session.BatchOptions{Host: "db-prod-1", Options: session.Options{Workers: 1}, Rules: set, Lang: "en", Look: session.Look{Cursor: collectors.NoTime}})
	defer s.Close()
	for st := range s.States() {
		if st.Progress.Total == 0 {
			steady(st)
			return st
		}
	}
	panic(s.Wait())
}

// steady takes out of a state what differs from run to run.
func steady(st *session.State) {
	st.Own = session.OwnCost{}
	for i := range st.Sources {
		st.Sources[i].Name = filepath.Base(st.Sources[i].Name)
		st.Sources[i].CostUS = 0
		if st.Sources[i].Log != nil {
			st.Sources[i].Log.Path = filepath.Base(st.Sources[i].Log.Path)
		}
	}
}

const epoch = 1_795_000_000 * 1e6 // µs

// liveState is two minutes of a watched host and server, made by hand: a disk that becomes slow, and a
// session that holds up others.
var liveState = sync.OnceValue(func() *session.State {
	set := analyzers.NewSeriesSet()
	from := int64(epoch)
	const n = 120
	for i := range int64(n) {
		at := from + i*1e6
		busy := 0.2
		if i >= 70 {
			busy = 0.8
		}
		add := func(role, name, instance string, v float64) {
			set.Add("db-prod-1", role, collectors.Sample{At: at, Name: name, Instance: instance, Value: v})
		}
		for _, core := range []string{"", "cpu0", "cpu1"} {
			add("host", "cpu.user", core, busy*0.6)
			add("host", "cpu.system", core, busy*0.2)
			add("host", "cpu.iowait", core, busy*0.15)
			add("host", "cpu.steal", core, 0)
			add("host", "cpu.idle", core, 1-busy)
		}
		add("host", "cpu.cores", "", 2)
		add("host", "cpu.run_queue", "", 1+busy*4)
		add("host", "psi.io.some", "", busy*0.5)
		add("host", "psi.cpu.some", "", busy*0.2)
		add("host", "mem.total", "", 8<<30)
		add("host", "mem.available", "", 3<<30)
		add("host", "disk.util", "sda", busy)
		add("host", "disk.read_await", "sda", busy*0.02)
		add("host", "disk.reads", "sda", 300*busy)
		add("host", "net.rx_bytes", "eth0", 1e6*busy)
		add("host", "net.tx_bytes", "eth0", 4e6*busy)
		add("host", "fs.used", "/", 0.93)
		add("db", "mysql.status.Questions", "", float64(i*400))
		add("db", "mysql.status.Com_select", "", float64(i*300))
		add("db", "mysql.status.Com_update", "", float64(i*50))
		add("db", "mysql.status.Threads_running", "", 2+busy*30)
		add("db", "mysql.status.Threads_connected", "", 60)
		add("db", "mysql.status.Innodb_buffer_pool_reads", "", float64(i)*200*busy)
		add("db", "mysql.status.Innodb_buffer_pool_read_requests", "", float64(i*9000))
		add("db", "table.rows_read", "shop.orders", 4e5*busy)
		add("db", "table.rows_changed", "shop.orders", 0)
		add("db", "table.io_wait", "shop.orders", busy/2)
		add("db", "table.rows_read", "shop.stock", 900)
		add("db", "table.rows_changed", "shop.stock", 50)
		add("db", "table.io_wait", "shop.stock", 0.01)
		add("db", "mysql.status.Uptime", "", float64(86400+i))
	}
	to := from + n*1e6
	snapshot := &analyzers.Snapshot{
		Window: analyzers.Window{From: from, To: to}, Digest: analyzers.NewDigest(), Series: set,
		Settings: map[string]string{"max_connections": "151", "innodb_buffer_pool_size": "134217728"},
		Engine:   analyzers.Engine{Name: "mariadb", Version: [3]int{10, 11, 6}},
	}
	rulesSet, err := rules.Load()
	if err != nil {
		panic(err)
	}
	d, err := session.Judge(snapshot, rulesSet, "en")
	if err != nil {
		panic(err)
	}
	d.Judgement = rules.Judgement{
		Verdict: rules.Verdict{Layer: rules.LayerHost, SeenIn: rules.LayerDatabase, Confidence: 0.6, Since: from + 70e6, Summary: "The host is short: the disk sda answers 4 times as slowly as before.", Unknown: []string{"No log was read: whether requests wait for it."}},
		Findings: []rules.Finding{
			{ID: "H20@sda", Rule: "H20", Subject: rules.Subject{Kind: "device", ID: "sda", Label: "sda"}, Severity: rules.Critical, Layer: rules.LayerHost, Confidence: 0.6, Title: "Disk sda answers 4 times as slowly as before",
				Evidence: []rules.Evidence{{What: "mean time of a read", Unit: "s", Source: "host", For: true}}, Advice: []rules.Advice{{Kind: "observe", Rung: "host", Do: "iotop -oPa names the process that uses the disk"}}},
		},
	}
	return &session.State{
		Seq: 7, Mode: session.Live, Host: "db-prod-1", Look: session.Look{Cursor: collectors.NoTime}, At: to, From: from, To: to, Interval: 1e6,
		Diagnosis: d,
		Latest: []collectors.Reading{
			{At: to, Source: "host", Role: "host", Host: "db-prod-1", Processes: []collectors.Process{
				{PID: 812, Parent: 1, Name: "mariadbd", User: "mysql", State: "S", Command: "/usr/sbin/mariadbd", CPU: 1.4, Memory: 2 << 30, ReadBytes: 40 << 20, WriteBytes: 1 << 20, Threads: 80, OpenFiles: 400, FilesLimit: 32768, BusiestCore: 0.9, Allocator: "libc"},
				{PID: 4242, Parent: 1, Name: "backup", User: "root", State: "D", Command: "tar czf /backup/x.tgz /var", CPU: 0.6, Memory: 20 << 20, ReadBytes: float64(collectors.Unknown), WriteBytes: float64(collectors.Unknown), Threads: 1, OpenFiles: collectors.Unknown, FilesLimit: collectors.Unknown},
			}, Missing: []collectors.Missing{{What: "disk I/O of other users' processes", Why: "permission denied: /proc/4242/io", Provide: "run as root"}}},
			{At: to, Source: "mysql 127.0.0.1:3306", Role: "db", Host: "db-prod-1", Sessions: []collectors.Session{
				{ID: 11, User: "shop", Client: "10.0.0.5", Database: "shop", Command: "Sleep", TimeUS: 45e6, TransactionUS: 50e6, RowsExamined: collectors.Unknown},
				{ID: 12, User: "shop", Client: "10.0.0.5", Database: "shop", Command: "Query", State: "Updating", SQL: "UPDATE stock SET n = n - 1 WHERE id = 7", TimeUS: 12e6, TransactionUS: 12e6, RowsExamined: 1},
				{ID: 13, User: "shop", Client: "10.0.0.6", Database: "shop", Command: "Query", State: "Updating", SQL: "UPDATE stock SET n = n - 2 WHERE id = 7", TimeUS: 9e6, TransactionUS: 9e6, RowsExamined: 1},
			}, Waits: []collectors.Wait{
				{Waiting: 12, Blocking: 11, Kind: "row", Object: "shop.stock", Index: "PRIMARY", Mode: "X", WaitUS: 12e6},
				{Waiting: 13, Blocking: 12, Kind: "row", Object: "shop.stock", Index: "PRIMARY", Mode: "X", WaitUS: 9e6},
			}},
		},
		Events: []session.Event{{At: from + 30e6, Kind: "setting", Text: "max_connections 100 → 151"}, {At: from + 70e6, Kind: "onset", Text: "queries at once x4"}},
		Sources: []session.SourceState{
			{Name: "host", Kind: "host", State: "ok", Found: "this machine", LastAt: to, CostUS: 2100},
			{Name: "mysql 127.0.0.1:3306", Kind: "mysql", State: "ok", Found: "process 812", LastAt: to, CostUS: 5400},
			{Name: "/var/log/nginx/access.log", Kind: "log", State: "denied", Found: "nginx.conf", Why: "permission denied", Provide: "sudo setfacl -m u:sre:r /var/log/nginx/access.log", LastAt: collectors.NoTime},
		},
		Own: session.OwnCost{CPU: 0.006, Memory: 38 << 20, ServerUS: 3400},
	}
})

// hostileState holds what could move the cursor, set a title, write the clipboard or turn text round.
var hostileState = sync.OnceValue(func() *session.State {
	st := *liveState()
	evil := "\x1b[2J\x1b]0;title\x07\x1b]52;c;ZXZpbA==\x07\u202eevil\u202c\r\n\x9b31m" + string([]byte{0xff, 0xfe}) + "'; -- "
	st.Host = evil
	st.Latest = []collectors.Reading{
		{At: st.To, Role: "host", Host: "db-prod-1", Processes: []collectors.Process{{PID: 1, Name: evil, User: evil, State: evil, Command: evil, Allocator: evil}}, Missing: []collectors.Missing{{What: evil, Why: evil, Provide: evil}}},
		{At: st.To, Role: "db", Host: "db-prod-1", Sessions: []collectors.Session{{ID: 1, User: evil, Client: evil, Database: evil, Command: evil, State: evil, SQL: evil}}, Waits: []collectors.Wait{{Waiting: 1, Blocking: 1, Kind: evil, Object: evil, Index: evil}}},
	}
	st.Events = []session.Event{{At: st.To - 5e6, Kind: evil, Text: evil}}
	st.Sources = []session.SourceState{{Name: evil, Kind: evil, State: evil, Why: evil, Provide: evil, Found: evil, LastAt: collectors.NoTime, Log: &collectors.Source{Path: evil, Format: evil, Role: evil, Warnings: []string{evil}, Skips: []collectors.Skip{{Why: evil}}, From: collectors.NoTime, To: collectors.NoTime}}}
	st.Recording = evil
	j := st.Diagnosis.Judgement
	value := 1.0
	j.Verdict.Summary, j.Verdict.Unknown = evil, []string{evil}
	j.Verdict.RuledOut = []rules.RuledOut{{Layer: rules.Layer(evil), Why: evil}}
	j.Findings = []rules.Finding{{ID: evil, Rule: evil, Subject: rules.Subject{Kind: evil, ID: evil, Label: evil}, Severity: rules.Critical, Layer: rules.LayerDatabase, Title: evil,
		Args: map[string]any{evil: evil}, Evidence: []rules.Evidence{{What: evil, Value: &value, Unit: evil, Window: evil, Source: evil}}, Advice: []rules.Advice{{Do: evil, Expect: evil, Risk: evil, Undo: evil, Verify: evil, Rung: evil}}}}
	st.Diagnosis.Judgement = j
	return &st
})

// emptyState is what there is before anything was read.
func emptyState() *session.State {
	return &session.State{Seq: 1, Mode: session.Batch, From: collectors.NoTime, To: collectors.NoTime, At: collectors.NoTime, Look: session.Look{Cursor: collectors.NoTime}}
}

// A still is a source of states that are put into it.
type still struct {
	states chan *session.State
	asked  []session.Look
}

func newStill(st *session.State) *still {
	s := &still{states: make(chan *session.State, 8)}
	if st != nil {
		s.states <- st
	}
	return s
}

func (s *still) States() <-chan *session.State { return s.states }
func (s *still) Ask(l session.Look)            { s.asked = append(s.asked, l) }

// shownApp is an App that shows a state at a size.
func shownApp(st *session.State, width, height int, theme Theme) *App {
	a := New(newStill(nil), Options{Theme: theme, Lang: "en", Version: "0.1.0", Look: session.Look{Cursor: collectors.NoTime}})
	a.now = func() time.Time { return time.UnixMicro(epoch) }
	a.width, a.height = width, height
	if st != nil {
		a.take(st)
	}
	return a
}
