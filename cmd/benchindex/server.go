package main

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	_ "github.com/go-sql-driver/mysql" // the driver
)

// programs are what the benchmark starts beside dbtriage.
var programs = []string{"mariadbd", "mariadb-install-db"}

// A server is a private MariaDB with a data folder of its own, reached by its socket only.
type server struct {
	dir string
	cmd *exec.Cmd
	db  *sql.DB
}

// startServer installs and starts a server in dir that logs slow statements with what verbosity names. It ends when
// we do.
func startServer(ctx context.Context, dir, verbosity string) (s *server, err error) {
	data, socket := filepath.Join(dir, "data"), filepath.Join(dir, "s")
	var asRoot []string
	if os.Getuid() == 0 {
		asRoot = []string{"--user=root"}
	}
	install := exec.CommandContext(ctx, "mariadb-install-db", append([]string{"--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db", "--datadir=" + data}, asRoot...)...)
	// A server that starts deletes the temporary tables of all in its folder for them.
	tmp := filepath.Join(dir, "tmp")
	if err := os.Mkdir(tmp, 0o700); err != nil {
		return nil, err
	}
	install.Env = append(os.Environ(), "TMPDIR="+tmp)
	if out, err := install.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("mariadb-install-db: %w\n%s", err, out)
	}
	s = &server{dir: dir}
	// Statistics are read from whole indexes and change only when told to, and no thread of the server changes
	// adaptive structures on its own: two runs then read the same pages. New indexes are as full as old ones are.
	s.cmd = exec.Command("mariadbd", append([]string{"--no-defaults", "--datadir=" + data, "--tmpdir=" + tmp, "--socket=" + socket, "--skip-networking", "--log-error=" + filepath.Join(dir, "error.log"),
		"--innodb-buffer-pool-size=512M", "--innodb-log-file-size=256M", "--innodb-flush-log-at-trx-commit=0", "--innodb-doublewrite=0", "--performance-schema=OFF", "--local-infile=ON",
		"--innodb-stats-auto-recalc=OFF", "--innodb-stats-persistent-sample-pages=100000", "--innodb-adaptive-hash-index=OFF", "--innodb-fill-factor=70",
		"--long-query-time=0", "--log-slow-verbosity=" + verbosity, "--slow-query-log-file=" + filepath.Join(dir, "slow.log")}, asRoot...)...)
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			s.stop()
		}
	}()
	if s.db, err = sql.Open("mysql", "root@unix("+socket+")/?multiStatements=true"); err != nil {
		return nil, err
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		if err = s.db.PingContext(ctx); err == nil {
			return s, nil
		}
		if ctx.Err() != nil || time.Now().After(deadline) {
			why, _ := os.ReadFile(filepath.Join(dir, "error.log"))
			return nil, fmt.Errorf("mariadbd does not answer: %w\n%s", err, why)
		}
	}
}

// stop shuts the server down and waits for its end.
func (s *server) stop() {
	if s.db != nil {
		_ = s.db.Close()
	}
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	kill := time.AfterFunc(20*time.Second, func() { _ = s.cmd.Process.Kill() })
	_ = s.cmd.Wait()
	kill.Stop()
}

// session opens a connection that uses a database.
func (s *server) session(ctx context.Context, database string) (*sql.Conn, error) {
	c, err := s.db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	return c, run(ctx, c, "USE "+database)
}

// run executes statements one by one.
func run(ctx context.Context, c *sql.Conn, statements ...string) error {
	for _, text := range statements {
		if _, err := c.ExecContext(ctx, text); err != nil {
			return fmt.Errorf("%w\n  in %.300s", err, text)
		}
	}
	return nil
}

// column returns the first column of a result.
func column(ctx context.Context, c *sql.Conn, query string, args ...any) (out []string, err error) {
	rows, err := c.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("%w\n  in %.300s", err, query)
	}
	defer rows.Close()
	for rows.Next() {
		var v string
		if err := rows.Scan(&v); err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

// number returns the first cell of a result; NULL is 0.
func number(ctx context.Context, c *sql.Conn, query string, args ...any) (int64, error) {
	var n sql.NullInt64
	err := c.QueryRowContext(ctx, query, args...).Scan(&n)
	return n.Int64, err
}
