package mysql

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"dbtriage/collectors"
	"dbtriage/collectors/mysql/mysqltest"
)

func reader(t testing.TB, m *mysqltest.Server, user string) *Server {
	s := New(Config{User: user, Socket: m.Socket, Host: "127.0.0.1", Timeout: 3 * time.Second}) // this machine may be busy
	t.Cleanup(s.Close)
	return s
}

func read(t testing.TB, s *Server, now time.Time) collectors.Reading {
	t.Helper()
	r, err := s.Read(context.Background(), now)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func value(r collectors.Reading, name, instance string) (float64, bool) {
	for _, v := range r.Samples {
		if v.Name == name && v.Instance == instance {
			return v.Value, true
		}
	}
	return 0, false
}

func wantValue(t testing.TB, r collectors.Reading, name string, ok func(float64) bool) {
	t.Helper()
	if v, have := value(r, name, ""); !have || !ok(v) {
		t.Errorf("%s is %v, %v", name, v, have)
	}
}

func is(want float64) func(float64) bool { return func(v float64) bool { return v == want } }

func shop(t testing.TB, m *mysqltest.Server) {
	db := m.Open(t, "root", "")
	mysqltest.Exec(t, db, "CREATE DATABASE shop", "CREATE TABLE shop.carts (id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, owner VARCHAR(40) NOT NULL, n INT, KEY by_owner (owner(8), n DESC), UNIQUE u (n)) ENGINE=InnoDB",
		"INSERT INTO shop.carts (owner, n) VALUES ('a', 1), ('b', 2), ('c', 3)")
}

// One reading of an idle server has what rules and screens ask for.
func TestRead(t *testing.T) {
	m := mysqltest.Start(t, "--loose-userstat=1")
	shop(t, m)
	r := read(t, reader(t, m, "root"), time.Now())
	wantValue(t, r, "mysql.status.Questions", func(v float64) bool { return v > 0 })
	wantValue(t, r, "sessions.all", func(v float64) bool { return v >= 1 })
	wantValue(t, r, "transactions.open", is(0))
	wantValue(t, r, "locks.waits_for_idle", is(0))
	wantValue(t, r, "replica.configured", is(0))
	wantValue(t, r, "replica.connected", is(0))
	if len(r.Missing) > 0 {
		t.Errorf("root lacks %+v", r.Missing)
	}
	if r.Settings["version"] == "" || len(r.Settings) < 300 {
		t.Errorf("%d settings, version %q", len(r.Settings), r.Settings["version"])
	}
	i := slices.IndexFunc(r.Tables, func(t collectors.Table) bool { return t.Schema == "shop" && t.Name == "carts" })
	if i < 0 {
		t.Fatalf("no shop.carts among %+v", r.Tables)
	}
	c := r.Tables[i]
	if c.Engine != "InnoDB" || c.AutoIncrement < 4 || len(c.Columns) != 3 || !c.Columns[0].AutoIncrement || c.Columns[1].Type != "varchar(40)" || c.Columns[1].Nullable {
		t.Errorf("%+v", c)
	}
	if len(c.Indexes) != 3 { // by name
		t.Fatalf("%+v", c.Indexes)
	}
	byOwner, primary, u := c.Indexes[0], c.Indexes[1], c.Indexes[2]
	if byOwner.Columns[0].Prefix != 8 || !byOwner.Columns[1].Desc || primary.Name != "PRIMARY" || !u.Unique || byOwner.Unique || !primary.ReadsKnown {
		t.Errorf("%+v", c.Indexes)
	}
	for _, v := range r.Samples { // every name is one that the table of metrics explains
		if _, known := collectors.MetricNamed(v.Name); !known && !strings.HasPrefix(v.Name, "mysql.status.") {
			t.Errorf("%s is not in collectors.Metrics", v.Name)
		}
	}
}

// A row lock held by a session that does nothing, and a metadata lock behind it.
func TestWaits(t *testing.T) {
	m := mysqltest.Start(t, "--performance-schema=ON", "--performance-schema-instrument=wait/lock/metadata/sql/mdl=ON")
	shop(t, m)
	ctx := context.Background()
	db := m.Open(t, "root", "shop")
	session := func(first ...string) (id int64, exec func(string) error) {
		c, err := db.Conn(ctx)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		for _, text := range first {
			if _, err := c.ExecContext(ctx, text); err != nil {
				t.Fatal(err)
			}
		}
		if err := c.QueryRowContext(ctx, "SELECT CONNECTION_ID()").Scan(&id); err != nil {
			t.Fatal(err)
		}
		return id, func(text string) error { _, err := c.ExecContext(ctx, text); return err }
	}
	holder, release := session("BEGIN", "UPDATE carts SET owner = 'x' WHERE id = 1")
	waiter, wait := session("BEGIN")
	changer, change := session("SET SESSION lock_wait_timeout = 120")
	done := make(chan error, 2)
	go func() { done <- wait("UPDATE carts SET owner = 'y' WHERE id = 1") }()
	go func() { done <- change("ALTER TABLE carts ADD COLUMN note TEXT") }()

	s := reader(t, m, "root")
	var r collectors.Reading
	has := func(waiting, blocking int64, kind string) bool {
		return slices.ContainsFunc(r.Waits, func(w collectors.Wait) bool {
			return w.Waiting == waiting && w.Blocking == blocking && w.Kind == kind && w.Object == "shop.carts"
		})
	}
	idle := func() bool { v, _ := value(r, "transactions.idle", ""); return v == 1 }
	for deadline := time.Now().Add(60 * time.Second); ; time.Sleep(200 * time.Millisecond) {
		r = read(t, s, time.Now())
		if has(waiter, holder, "row") && has(changer, holder, "metadata") && idle() {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("waits %+v, missing %+v, sessions %+v", r.Waits, r.Missing, r.Sessions)
		}
	}
	wantValue(t, r, "transactions.waiting", is(1))
	wantValue(t, r, "locks.waits_for_idle", is(1))
	wantValue(t, r, "sessions.metadata_waits", is(1))
	if v, _ := value(r, "locks.waits_for_idle", "shop.carts"); v != 1 {
		t.Errorf("waits for the idle session by table: %v", v)
	}
	for _, v := range r.Sessions {
		if v.ID == holder && (v.Command != "Sleep" || v.TransactionUS < 1e6) {
			t.Errorf("the holder is %+v", v)
		}
	}
	for _, end := range []error{release("ROLLBACK"), <-done} {
		if end != nil {
			t.Error(end)
		}
	}
	if err := wait("ROLLBACK"); err != nil {
		t.Error(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	for deadline := time.Now().Add(10 * time.Second); r.Waits == nil || len(r.Waits) > 0; time.Sleep(200 * time.Millisecond) { // InnoDB tells it a little later
		if r = read(t, s, time.Now()); time.Now().After(deadline) {
			t.Fatalf("nobody waits any longer, and that is to be told: %#v", r.Waits)
		}
	}
}

// Where the server does not tell who holds a metadata lock, a gap says how to have it told.
func TestMetadataBlockerUnknown(t *testing.T) {
	for _, how := range []struct{ option, provide string }{
		{"--performance-schema=ON --performance-schema-instrument=wait/lock/metadata/sql/mdl=OFF", "UPDATE performance_schema.setup_instruments SET ENABLED='YES' WHERE NAME='wait/lock/metadata/sql/mdl'"},
		{"--performance-schema=OFF", "performance_schema=ON"},
	} {
		m := mysqltest.Start(t, strings.Fields(how.option)...)
		shop(t, m)
		ctx := context.Background()
		db := m.Open(t, "root", "shop")
		holder, err := db.Conn(ctx)
		if err != nil {
			t.Fatal(err)
		}
		defer holder.Close()
		for _, text := range []string{"BEGIN", "SELECT * FROM carts"} {
			if _, err := holder.ExecContext(ctx, text); err != nil {
				t.Fatal(err)
			}
		}
		done := make(chan error, 1)
		go func() { _, err := db.ExecContext(ctx, "ALTER TABLE carts ADD COLUMN note TEXT"); done <- err }()
		s := reader(t, m, "root")
		var r collectors.Reading
		told := func() bool {
			return slices.ContainsFunc(r.Missing, func(m collectors.Missing) bool {
				return m.What == metadataBlockers && m.Why != "" && strings.Contains(m.Provide, how.provide)
			})
		}
		for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(100 * time.Millisecond) {
			if r = read(t, s, time.Now()); told() && len(r.Waits) == 1 {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("%s: waits %+v, missing %+v", how.option, r.Waits, r.Missing)
			}
		}
		if _, err := holder.ExecContext(ctx, "ROLLBACK"); err != nil {
			t.Error(err)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
		if r = read(t, s, time.Now()); told() {
			t.Errorf("%s: nobody waits, and the gap is still told", how.option)
		}
	}
}

func makeOf(m *mysqltest.Server) string {
	if m.MySQL {
		return "mysql"
	}
	return "mariadb"
}

// The user that Grants makes can read all, and one without rights is told what it lacks.
func TestGrants(t *testing.T) {
	m := mysqltest.Start(t, "--performance-schema=ON", "--loose-userstat=1")
	shop(t, m)
	root := m.Open(t, "root", "")
	for _, text := range Grants(makeOf(m), "triage", "localhost") {
		if strings.HasPrefix(text, "--") {
			continue
		}
		text = strings.Replace(text, " IDENTIFIED BY '…'", "", 1)
		mysqltest.Exec(t, root, strings.TrimSuffix(text, ";"))
	}
	mysqltest.Exec(t, root, "CREATE USER nobody@localhost")
	others := m.Open(t, "root", "")
	others.SetMaxIdleConns(9)
	for range 8 { // sessions of others, to be seen or not
		c, err := others.Conn(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		mysqltest.Exec(t, root, "DO 1")
		if err := c.PingContext(context.Background()); err != nil {
			t.Fatal(err)
		}
	}

	r := read(t, reader(t, m, "triage"), time.Now())
	if len(r.Missing) > 0 {
		t.Errorf("with all grants it lacks %+v", r.Missing)
	}
	if len(r.Tables) != 1 || len(r.Tables[0].Columns) != 3 || len(r.Tables[0].Indexes) != 3 || !r.Tables[0].Indexes[0].ReadsKnown {
		t.Errorf("tables %+v", r.Tables)
	}
	wantValue(t, r, "sessions.all", func(v float64) bool { return v >= 8 })
	if _, err := m.Open(t, "triage", "").Exec("SELECT * FROM shop.carts"); err == nil {
		t.Error("the user can read rows")
	}

	r = read(t, reader(t, m, "nobody"), time.Now())
	var lacks []string
	for _, m := range r.Missing {
		lacks = append(lacks, m.What)
		if m.Why == "" || !strings.Contains(m.Provide, "GRANT ") {
			t.Errorf("%+v says not why or what would help", m)
		}
	}
	want := []string{"sessions of other users", "open transactions", "InnoDB's monitor: deadlocks, latches, pending I/O", "state of replication", "rows read and changed by table"}
	if m.MySQL {
		want = slices.Insert(want, 2, "counters of InnoDB that MySQL does not show in its status")
	}
	if !slices.Equal(lacks, want) {
		t.Errorf("it lacks %q, want %q", lacks, want)
	}
	if _, ok := value(r, "sessions.all", ""); ok {
		t.Error("sessions were counted that cannot be seen")
	}
	wantValue(t, r, "mysql.status.Questions", func(v float64) bool { return v > 0 })
}

// A server that goes away and comes back is told so and found again.
func TestRestart(t *testing.T) {
	m := mysqltest.Start(t)
	s := reader(t, m, "root")
	now := time.Now()
	s.settings = nil
	r := read(t, s, now)
	if len(r.Settings) == 0 {
		t.Fatal("no settings")
	}
	if r = read(t, s, now.Add(time.Second)); r.Settings != nil {
		t.Error("settings are asked for every second")
	}
	m.Down(t)
	wantValue(t, r, "server.answers", is(1))
	var lost *collectors.SourceError
	r, err := s.Read(context.Background(), now.Add(2*time.Second))
	if !errors.As(err, &lost) || lost.Denied || lost.Slow {
		t.Fatalf("the server is down: %v", err)
	}
	wantValue(t, r, "server.answers", is(0))
	r, again := s.Read(context.Background(), now.Add(2500*time.Millisecond))
	if again == nil || again.Error() != err.Error() {
		t.Errorf("no pause before the next attempt: %v", again)
	}
	wantValue(t, r, "server.answers", is(0))
	for i := range 20 { // it stays away
		if r, err = s.Read(context.Background(), now.Add(time.Duration(3+i)*time.Second)); !errors.As(err, &lost) || lost.Provide == "" {
			t.Fatalf("the server is down: %v", err)
		}
	}
	m.Up(t)
	if r = read(t, s, now.Add(26*time.Second)); len(r.Settings) == 0 {
		t.Error("the settings of the server after its start are not asked for")
	}
}

// Wrong password, no server, all connections taken: what to do is said.
func TestRefused(t *testing.T) {
	m := mysqltest.Start(t, "--max-connections=10", "--loose-extra-max-connections=2", "--loose-extra-port=0")
	root := m.Open(t, "root", "")
	mysqltest.Exec(t, root, "CREATE USER app@localhost IDENTIFIED BY 'secret'", "CREATE USER plain@localhost")
	try := func(c Config) *collectors.SourceError {
		t.Helper()
		s := New(c)
		defer s.Close()
		_, err := s.Read(context.Background(), time.Now())
		var e *collectors.SourceError
		if !errors.As(err, &e) || e.Provide == "" {
			t.Fatalf("%v", err)
		}
		return e
	}
	if e := try(Config{User: "app", Password: "wrong", Socket: m.Socket}); !e.Denied {
		t.Errorf("wrong password: %+v", e)
	}
	// What is wrong is told as long as nothing else is known, and a server that says so is up.
	wrong, now := New(Config{User: "app", Password: "wrong", Socket: m.Socket}), time.Now()
	defer wrong.Close()
	for range 8 {
		r, err := wrong.Read(context.Background(), now)
		var e *collectors.SourceError
		if !errors.As(err, &e) || !e.Denied || e.Provide == "" {
			t.Errorf("wrong password: %v", err)
		}
		wantValue(t, r, "server.answers", is(1))
		now = now.Add(700 * time.Millisecond)
	}
	if e := try(Config{User: "app", Host: "127.0.0.1", Port: 1}); e.Denied {
		t.Errorf("no server: %+v", e)
	}
	plain := m.Open(t, "plain", "")
	for range 11 {
		c, err := plain.Conn(context.Background())
		if err != nil {
			break
		}
		defer c.Close()
	}
	s := New(Config{User: "plain", Socket: m.Socket})
	defer s.Close()
	r, err := s.Read(context.Background(), time.Now())
	if v, ok := value(r, "server.refused", ""); err == nil || !ok || v != 1 {
		t.Errorf("all connections are taken: %v, refused %v", err, v)
	}
}

// G14: a statement that the server ends in time leaves its connection, and is asked less often.
func TestSlowProbe(t *testing.T) {
	m := mysqltest.Start(t)
	s := New(Config{User: "root", Socket: m.Socket, Timeout: time.Second}) // this machine may be busy
	defer s.Close()
	now := time.Now()
	read(t, s, now)
	id := s.id
	_, err := s.query(context.Background(), "SELECT COUNT(*) FROM information_schema.COLUMNS a, information_schema.COLUMNS b, information_schema.COLUMNS c", false)
	if kindOf(err) != slow {
		t.Fatalf("a long statement ends with %v", err)
	}
	read(t, s, now.Add(time.Second))
	if s.id != id {
		t.Error("the connection was lost with it")
	}
	// A thread counts as running for a moment after its last row has been sent.
	watch := m.Open(t, "root", "")
	query := fmt.Sprintf("SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE ID = %d AND COMMAND = 'Query'", id)
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		var n int
		if err := watch.QueryRow(query).Scan(&n); err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d statements of ours still run", n)
		}
	}
}

// Two servers, one a replica of the other.
func TestReplica(t *testing.T) {
	primary := mysqltest.Start(t, "--log-bin=bin", "--server-id=1")
	second := mysqltest.Start(t, "--server-id=2")
	mysqltest.Exec(t, primary.Open(t, "root", ""), "CREATE USER repl@'127.0.0.1' IDENTIFIED BY 'r'", "GRANT REPLICATION SLAVE ON *.* TO repl@'127.0.0.1'")
	db := second.Open(t, "root", "")
	change, start, stop := "CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT=%d, MASTER_USER='repl', MASTER_PASSWORD='r'", "START SLAVE", "STOP SLAVE SQL_THREAD"
	if second.MySQL {
		change = "CHANGE REPLICATION SOURCE TO SOURCE_HOST='127.0.0.1', SOURCE_PORT=%d, SOURCE_USER='repl', SOURCE_PASSWORD='r', SOURCE_SSL=1"
		start, stop = "START REPLICA", "STOP REPLICA SQL_THREAD"
	}
	mysqltest.Exec(t, db, fmt.Sprintf(change, primary.Port), start)
	p, r := reader(t, primary, "root"), reader(t, second, "root")
	for now, deadline := time.Now(), time.Now().Add(60*time.Second); ; now = now.Add(3 * time.Second) {
		got, up := read(t, r, now), read(t, p, now)
		io, _ := value(got, "replica.io_running", "")
		lag, known := value(got, "replica.lag", "")
		connected, _ := value(up, "replica.connected", "")
		if io == 1 && known && lag == 0 && connected == 1 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("io %v, lag %v %v, connected %v", io, lag, known, connected)
		}
		time.Sleep(200 * time.Millisecond)
	}
	if source := r.settings[collectors.ReplicaSource]; !strings.HasPrefix(source, fmt.Sprintf("127.0.0.1:%d", primary.Port)) {
		t.Errorf("it follows %q, which is not port %d", source, primary.Port)
	}
	again := read(t, r, time.Now().Add(30*time.Minute))
	if again.Settings[collectors.ReplicaSource] == "" {
		t.Error("the source is not among settings that are told anew")
	}
	mysqltest.Exec(t, db, stop)
	got := read(t, r, time.Now().Add(time.Hour))
	wantValue(t, got, "replica.sql_running", is(0))
	wantValue(t, got, "replica.io_running", is(1))
	if _, known := value(got, "replica.lag", ""); known {
		t.Error("a lag that the server calls NULL was sampled")
	}
}
