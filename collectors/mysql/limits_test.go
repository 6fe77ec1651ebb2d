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

// A server that is killed while it is read is lost, and after its start counts from nothing.
func TestKilled(t *testing.T) {
	m := mysqltest.Start(t)
	db := m.Open(t, "root", "")
	for range 300 {
		mysqltest.Exec(t, db, "DO 1")
	}
	s := reader(t, m, "root")
	now := time.Now()
	before, _ := value(read(t, s, now), "mysql.status.Questions", "")
	lost := make(chan error)
	go func() {
		for {
			now = now.Add(time.Second)
			if _, err := s.Read(context.Background(), now); err != nil {
				lost <- err
				return
			}
		}
	}()
	m.Kill(t)
	var e *collectors.SourceError
	if err := <-lost; !errors.As(err, &e) || e.Denied {
		t.Fatalf("the server was killed: %v", err)
	}
	m.Up(t)
	r := read(t, s, now.Add(time.Minute))
	wantValue(t, r, "mysql.status.Questions", func(v float64) bool { return v < before })
	if len(r.Settings) == 0 {
		t.Error("the settings of the server after its start are not asked for")
	}
}

// An account at its own limit says nothing of the server's connections.
func TestLimitOfAccount(t *testing.T) {
	m := mysqltest.Start(t)
	mysqltest.Exec(t, m.Open(t, "root", ""), "CREATE USER one@localhost WITH MAX_USER_CONNECTIONS 1")
	if err := m.Open(t, "one", "").Ping(); err != nil {
		t.Fatal(err)
	}
	r, err := reader(t, m, "one").Read(context.Background(), time.Now())
	var e *collectors.SourceError
	if !errors.As(err, &e) || !strings.Contains(e.Provide, "MAX_USER_CONNECTIONS") {
		t.Errorf("%v", err)
	}
	if _, told := value(r, "server.refused", ""); told {
		t.Error("the server is said to be full")
	}
}

// A full server is read through the port that its option file keeps for administrators.
func TestExtraPort(t *testing.T) {
	port := mysqltest.FreePort(t)
	m := mysqltest.Start(t, "--max-connections=10", "--loose-extra-max-connections=2", fmt.Sprint("--loose-extra-port=", port),
		"--loose-admin-address=127.0.0.1", fmt.Sprint("--loose-admin-port=", port))
	root := m.Open(t, "root", "")
	mysqltest.Exec(t, root, "CREATE USER plain@localhost")
	if m.MySQL {
		mysqltest.Exec(t, root, "GRANT SERVICE_CONNECTION_ADMIN ON *.* TO plain@localhost")
	}
	plain := m.Open(t, "plain", "")
	for range 11 {
		c, err := plain.Conn(context.Background())
		if err != nil {
			break
		}
		defer c.Close()
	}
	s := New(Config{User: "plain", Socket: m.Socket, ExtraPort: port, Timeout: 3 * time.Second})
	defer s.Close()
	r, err := s.Read(context.Background(), time.Now())
	if v, ok := value(r, "server.refused", ""); err != nil || !ok || v != 1 {
		t.Errorf("%v, refused %v", err, v)
	}
}

// Transactions are as old as they are, whatever zone the server's sessions have.
func TestAgeInAnotherZone(t *testing.T) {
	m := mysqltest.Start(t, "--default-time-zone=-05:00")
	shop(t, m)
	ctx := context.Background()
	c, err := m.Open(t, "root", "shop").Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var id int64
	for _, text := range []string{"BEGIN", "UPDATE carts SET n = 9 WHERE id = 1"} {
		if _, err := c.ExecContext(ctx, text); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.QueryRowContext(ctx, "SELECT CONNECTION_ID()").Scan(&id); err != nil {
		t.Fatal(err)
	}
	r := read(t, reader(t, m, "root"), time.Now())
	i := slices.IndexFunc(r.Sessions, func(v collectors.Session) bool { return v.ID == id })
	if i < 0 || r.Sessions[i].TransactionUS < 0 || r.Sessions[i].TransactionUS > 600e6 {
		t.Errorf("sessions %+v", r.Sessions)
	}
}

// Positions of replication move with every write: they are no settings that somebody changed.
func TestPositionsAreNoSettings(t *testing.T) {
	var r collectors.Reading
	takeVariables(&Server{}, &answer{Reading: &r, pairs: []pair{{"gtid_binlog_pos", "0-1-7"}, {"gtid_executed", "a-b:1-7"}, {"gtid_mode", "ON"}}})
	if len(r.Settings) != 1 || r.Settings["gtid_mode"] != "ON" {
		t.Errorf("%v", r.Settings)
	}
}
