package analyzers

import (
	"database/sql"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	_ "github.com/go-sql-driver/mysql"
)

// A mariaDB is a private server for one test. It writes every statement to a slow log, and the same
// to the table mysql.slow_log, which is the server's own account of what the log should hold.
type mariaDB struct {
	dir     string
	log     string // the slow log
	socket  string
	port    int
	pools   []*sql.DB
	running *exec.Cmd
	leash   io.Closer // the server goes down when it is closed, by us or by our death
}

// watchdog runs a command until its own input ends, and gives it some seconds to go in peace.
const watchdog = `"$@" & pid=$!; cat >/dev/null; kill $pid; (sleep 20; kill -9 $pid) & timer=$!
wait $pid; code=$?; kill $timer; exit $code`

func startMariaDB(t testing.TB) *mariaDB {
	t.Helper()
	for _, program := range []string{"mariadbd", "mariadb-install-db", "sh"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("no %s here: install mariadb-server to run this test on a fresh log of a real server", program)
		}
	}
	// Not t.TempDir(): the path of a socket has at most 107 bytes.
	dir, err := os.MkdirTemp("/tmp", "dbt")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	m := &mariaDB{dir: dir, log: filepath.Join(dir, "slow.log"), socket: filepath.Join(dir, "s")}
	install := exec.Command("mariadb-install-db", append([]string{"--no-defaults", "--datadir=" + dir + "/data",
		"--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve"}, asRoot()...)...)
	if out, err := install.CombinedOutput(); err != nil {
		t.Fatalf("mariadb-install-db: %v\n%s", err, out)
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	m.port = free.Addr().(*net.TCPAddr).Port
	free.Close()
	m.start(t)
	t.Cleanup(func() { m.stop(t) })
	return m
}

// asRoot is what the server's programs ask of one who runs them as root.
func asRoot() []string {
	if os.Getuid() == 0 {
		return []string{"--user=root"}
	}
	return nil
}

func (m *mariaDB) start(t testing.TB) {
	t.Helper()
	args := append([]string{"-c", watchdog, "sh", "mariadbd", "--no-defaults", "--datadir=" + m.dir + "/data", "--socket=" + m.socket,
		"--bind-address=127.0.0.1", fmt.Sprint("--port=", m.port), "--log-error=" + m.dir + "/error.log",
		"--innodb-buffer-pool-size=32M", "--innodb-flush-log-at-trx-commit=0", "--character-set-server=utf8mb4",
		"--slow-query-log=1", "--slow-query-log-file=" + m.log, "--long-query-time=0", "--log-output=FILE,TABLE"}, asRoot()...)
	m.running = exec.Command("sh", args...)
	leash, err := m.running.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	m.leash = leash
	if err := m.running.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(60 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		c, err := net.Dial("unix", m.socket)
		if err == nil {
			c.Close()
			return
		}
		if time.Now().After(deadline) {
			why, _ := os.ReadFile(m.dir + "/error.log")
			t.Fatalf("mariadbd does not answer: %v\n%s", err, why)
		}
	}
}

// stop shuts the server down and waits until it has written all it had to.
func (m *mariaDB) stop(t testing.TB) {
	if m.running == nil {
		return
	}
	for _, p := range m.pools {
		p.Close()
	}
	m.pools = nil
	m.leash.Close()
	if err := m.running.Wait(); err != nil {
		t.Logf("mariadbd: %v", err)
	}
	m.running = nil
}

// open returns a pool of connections to the server, over its socket or 127.0.0.1; stop closes it.
func (m *mariaDB) open(t testing.TB, tcp bool, parameters string) *sql.DB {
	t.Helper()
	address := "unix(" + m.socket + ")"
	if tcp {
		address = fmt.Sprintf("tcp(127.0.0.1:%d)", m.port)
	}
	db, err := sql.Open("mysql", "root@"+address+"/?"+parameters)
	if err != nil {
		t.Fatal(err)
	}
	m.pools = append(m.pools, db)
	return db
}
