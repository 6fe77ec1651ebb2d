package analyzers

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"

	"dbtriage/collectors/mysql/mysqltest"
)

// A mariaDB is a private server for one test. It writes every statement to a slow log, and the same
// to the table mysql.slow_log, which is the server's own account of what the log should hold.
type mariaDB struct {
	*mysqltest.Server
	log   string // the slow log
	pools []*sql.DB
}

func startMariaDB(t testing.TB) *mariaDB {
	t.Helper()
	s := mysqltest.Start(t, "--character-set-server=utf8mb4", "--slow-query-log=1", "--slow-query-log-file=slow.log", "--long-query-time=0", "--log-output=FILE,TABLE",
		"--log-slow-admin-statements=ON")
	return &mariaDB{Server: s, log: filepath.Join(s.Dir, "data", "slow.log")}
}

// stop shuts the server down and waits until it has written all it had to.
func (m *mariaDB) stop(t testing.TB) {
	for _, p := range m.pools {
		p.Close()
	}
	m.pools = nil
	m.Down(t)
}

// open returns a pool of connections to the server, over its socket or 127.0.0.1; stop closes it.
func (m *mariaDB) open(t testing.TB, tcp bool, parameters string) *sql.DB {
	t.Helper()
	address := "unix(" + m.Socket + ")"
	if tcp {
		address = fmt.Sprintf("tcp(127.0.0.1:%d)", m.Port)
	}
	db, err := sql.Open("mysql", "root@"+address+"/?"+parameters)
	if err != nil {
		t.Fatal(err)
	}
	m.pools = append(m.pools, db)
	return db
}
