// Package mysqltest starts private database servers for tests: a data folder of their own, 127.0.0.1
// only, and gone with the test.
//
// They are MariaDB from PATH, or what the variable DBTRIAGE_TEST_MYSQLD names: the mysqld of MySQL,
// or another mariadbd.
package mysqltest

import (
	"database/sql"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	_ "github.com/go-sql-driver/mysql" // the driver
)

// A Server is a running MariaDB or MySQL. Its root user has no password.
type Server struct {
	Dir, Socket string
	Port        int
	MySQL       bool // of Oracle's line, not MariaDB

	program string
	options []string
	ended   chan error // how it went down; nil while it does not run
	leash   io.Closer  // the server goes down when it is closed, by us or by our death
}

// watchdog runs a command until its own input ends, and gives it some seconds to go in peace.
const watchdog = `"$@" & pid=$!; cat >/dev/null; kill $pid; (sleep 10; kill -9 $pid) & timer=$!
wait $pid; code=$?; kill $timer; exit $code`

// Start installs and starts a server with these options of its program. Where there is none to start,
// the test is skipped.
func Start(t testing.TB, options ...string) *Server {
	t.Helper()
	program := os.Getenv("DBTRIAGE_TEST_MYSQLD")
	if program == "" {
		program = "mariadbd"
	}
	for _, needed := range []string{program, "sh"} {
		if _, err := exec.LookPath(needed); err != nil {
			t.Skipf("no %s here: install mariadb-server to run this test on a real server", needed)
		}
	}
	// Not t.TempDir(): the path of a socket has at most 107 bytes.
	dir, err := os.MkdirTemp("/tmp", "dbt")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	s := &Server{Dir: dir, Socket: filepath.Join(dir, "s"), MySQL: isMySQL(t, program), program: program, options: options}
	s.install(t)
	s.Port = FreePort(t)
	s.Up(t)
	t.Cleanup(func() { s.Down(t) })
	return s
}

// isMySQL tells a program of MySQL from one of MariaDB by its version.
func isMySQL(t testing.TB, program string) bool {
	t.Helper()
	version, err := exec.Command(program, "--version").Output()
	if err != nil {
		t.Fatalf("%s --version: %v", program, err)
	}
	return !strings.Contains(string(version), "MariaDB")
}

// install makes the data folder.
func (s *Server) install(t testing.TB) {
	t.Helper()
	installer := "mariadb-install-db"
	if beside := filepath.Join(filepath.Dir(s.program), installer); beside != installer {
		installer = beside
	}
	args := []string{installer, "--no-defaults", "--datadir=" + s.Dir + "/data",
		"--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve"}
	if s.MySQL {
		args = []string{s.program, "--no-defaults", "--initialize-insecure", "--datadir=" + s.Dir + "/data"}
	}
	args = append(args, asRoot()...)
	install := exec.Command(args[0], args[1:]...)
	install.Env = append(os.Environ(), "TMPDIR="+s.Dir) // a server that starts deletes the temporary tables of others in its folder
	if out, err := install.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", args[0], err, out)
	}
}

// FreePort returns a port of 127.0.0.1 on which nobody listened just now.
func FreePort(t testing.TB) int {
	t.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer free.Close()
	return free.Addr().(*net.TCPAddr).Port
}

// asRoot is what the server's programs ask of one who runs them as root.
func asRoot() []string {
	if os.Getuid() == 0 {
		return []string{"--user=root"}
	}
	return nil
}

// Up starts the server again after Down.
func (s *Server) Up(t testing.TB) {
	t.Helper()
	args := append([]string{"-c", watchdog, "sh", s.program, "--no-defaults", "--datadir=" + s.Dir + "/data", "--socket=" + s.Socket,
		"--bind-address=127.0.0.1", fmt.Sprint("--port=", s.Port), "--log-error=" + s.Dir + "/error.log", "--pid-file=" + s.Dir + "/pid", "--tmpdir=" + s.Dir,
		"--innodb-buffer-pool-size=32M", "--innodb-flush-log-at-trx-commit=0",
		"--loose-cte-max-recursion-depth=1000000", "--loose-max-recursive-iterations=1000000"}, asRoot()...)
	if s.MySQL {
		// The X protocol would take the same port for all, Debian's folder for files may not be there, and
		// MariaDB writes no binary log unless asked to.
		args = append(args, "--mysqlx=OFF", "--secure-file-priv=", "--skip-log-bin")
	}
	running := exec.Command("sh", append(args, s.options...)...)
	leash, err := running.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	s.leash = leash
	if err := running.Start(); err != nil {
		t.Fatal(err)
	}
	s.ended = make(chan error, 1)
	go func() { s.ended <- running.Wait() }()
	for deadline := time.Now().Add(90 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		c, err := net.Dial("unix", s.Socket)
		if err == nil {
			c.Close()
			return
		}
		if len(s.ended) > 0 || time.Now().After(deadline) {
			why, _ := os.ReadFile(s.Dir + "/error.log")
			t.Fatalf("%s does not answer: %v\n%s", s.program, err, why)
		}
	}
}

// Down shuts the server down and waits for its end.
func (s *Server) Down(t testing.TB) {
	if s.ended == nil {
		return
	}
	s.leash.Close()
	if err := <-s.ended; err != nil {
		t.Logf("%s: %v", s.program, err)
	}
	s.ended = nil
}

// Kill ends the server at once, as a crash does, and waits for its end.
func (s *Server) Kill(t testing.TB) {
	t.Helper()
	s.Signal(t, os.Kill)
	s.Down(t)
}

// Signal sends a signal to the server.
func (s *Server) Signal(t testing.TB, signal os.Signal) {
	t.Helper()
	text, err := os.ReadFile(s.Dir + "/pid")
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	server, err := os.FindProcess(pid)
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Signal(signal); err != nil {
		t.Fatal(err)
	}
}

// Open returns a pool of connections of a user without a password, closed with the test.
func (s *Server) Open(t testing.TB, user, database string) *sql.DB {
	t.Helper()
	db, err := sql.Open("mysql", user+"@unix("+s.Socket+")/"+database)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// Exec runs statements one by one.
func Exec(t testing.TB, db interface {
	Exec(string, ...any) (sql.Result, error)
}, statements ...string) {
	t.Helper()
	for _, text := range statements {
		if _, err := db.Exec(text); err != nil {
			t.Fatalf("%.200s: %v", text, err)
		}
	}
}

// Numbers is a table, for FROM, of the numbers from first to last in a column seq.
func Numbers(first, last int) string {
	return fmt.Sprintf("(WITH RECURSIVE n (seq) AS (SELECT %d UNION ALL SELECT seq + 1 FROM n WHERE seq < %d) SELECT seq FROM n) AS numbers", first, last)
}
