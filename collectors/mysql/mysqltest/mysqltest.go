// Package mysqltest starts private MariaDB servers for tests: a data folder of their own, 127.0.0.1
// only, and gone with the test.
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

// A Server is a running MariaDB. Its root user has no password.
type Server struct {
	Dir, Socket string
	Port        int

	options []string
	running *exec.Cmd
	leash   io.Closer // the server goes down when it is closed, by us or by our death
}

// watchdog runs a command until its own input ends, and gives it some seconds to go in peace.
const watchdog = `"$@" & pid=$!; cat >/dev/null; kill $pid; (sleep 10; kill -9 $pid) & timer=$!
wait $pid; code=$?; kill $timer; exit $code`

// Start installs and starts a server with these options of mariadbd. Where there is none to start,
// the test is skipped.
func Start(t testing.TB, options ...string) *Server {
	t.Helper()
	for _, program := range []string{"mariadbd", "mariadb-install-db", "sh"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("no %s here: install mariadb-server to run this test on a real server", program)
		}
	}
	// Not t.TempDir(): the path of a socket has at most 107 bytes.
	dir, err := os.MkdirTemp("/tmp", "dbt")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	s := &Server{Dir: dir, Socket: filepath.Join(dir, "s"), options: options}
	install := exec.Command("mariadb-install-db", append([]string{"--no-defaults", "--datadir=" + dir + "/data",
		"--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve"}, asRoot()...)...)
	install.Env = append(os.Environ(), "TMPDIR="+dir) // a server that starts deletes the temporary tables of others in its folder
	if out, err := install.CombinedOutput(); err != nil {
		t.Fatalf("mariadb-install-db: %v\n%s", err, out)
	}
	s.Port = FreePort(t)
	s.Up(t)
	t.Cleanup(func() { s.Down(t) })
	return s
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
	args := append([]string{"-c", watchdog, "sh", "mariadbd", "--no-defaults", "--datadir=" + s.Dir + "/data", "--socket=" + s.Socket,
		"--bind-address=127.0.0.1", fmt.Sprint("--port=", s.Port), "--log-error=" + s.Dir + "/error.log", "--pid-file=" + s.Dir + "/pid", "--tmpdir=" + s.Dir,
		"--innodb-buffer-pool-size=32M", "--innodb-flush-log-at-trx-commit=0"}, asRoot()...)
	s.running = exec.Command("sh", append(args, s.options...)...)
	leash, err := s.running.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	s.leash = leash
	if err := s.running.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(90 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		c, err := net.Dial("unix", s.Socket)
		if err == nil {
			c.Close()
			return
		}
		if time.Now().After(deadline) {
			why, _ := os.ReadFile(s.Dir + "/error.log")
			t.Fatalf("mariadbd does not answer: %v\n%s", err, why)
		}
	}
}

// Down shuts the server down and waits for its end.
func (s *Server) Down(t testing.TB) {
	if s.running == nil {
		return
	}
	s.leash.Close()
	if err := s.running.Wait(); err != nil {
		t.Logf("mariadbd: %v", err)
	}
	s.running = nil
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
