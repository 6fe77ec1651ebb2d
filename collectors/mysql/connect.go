package mysql

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"time"

	driver "github.com/go-sql-driver/mysql"

	"dbtriage/collectors"
)

// connect logs in and takes on the session's limits. While an earlier statement of ours may still
// run, it does not.
func (s *Server) connect(ctx context.Context, now time.Time, r *collectors.Reading) error {
	if now.Before(s.retryAt) {
		return s.failed // and what would help, until it is tried again
	}
	begun := time.Now()
	err := s.open(ctx, s.config.Address())
	if full(err) {
		s.refused = true
		r.Samples = append(r.Samples, collectors.Sample{At: r.At, Name: "server.refused", Value: 1})
		if address := cmp.Or(s.extra, s.config.extra()); address != "" {
			err = s.open(ctx, address)
		}
	}
	if err != nil {
		return s.lost(err, now)
	}
	r.Samples = append(r.Samples, collectors.Sample{At: r.At, Name: "server.connect", Value: time.Since(begun).Seconds()})
	s.pause, s.retryAt, s.failed = 0, time.Time{}, nil
	for i := range s.states { // it may be another server by now; what was too slow stays so for a while
		if s.states[i].pause == 0 {
			s.states[i] = probeState{}
		}
	}
	return nil
}

func (s *Server) open(ctx context.Context, address string) error {
	config, err := s.config.driverConfig(address)
	if err != nil {
		return err
	}
	connector, err := driver.NewConnector(config)
	if err != nil {
		return err
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(1)
	begun := time.Now()
	conn, err := db.Conn(ctx)
	if err != nil {
		db.Close()
		if errors.Is(err, driver.ErrInvalidConn) && time.Since(begun) >= config.ReadTimeout { // so the driver tells its own timeout
			err = context.DeadlineExceeded
		}
		return err
	}
	s.db, s.conn = db, conn
	if err := s.begin(ctx); err != nil {
		s.drop(false)
		return err
	}
	return nil
}

// errStuck says that a statement of ours outlived its connection.
var errStuck = errors.New("a statement of ours still runs on the server; it is waited for")

// begin finds out who answers and limits the session.
func (s *Server) begin(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 4*s.config.Timeout)
	defer cancel()
	var version string
	if err := s.conn.QueryRowContext(ctx, collectors.OwnComment+" SELECT CONNECTION_ID() AS "+ownAlias+", VERSION()").Scan(&s.id, &version); err != nil {
		return err
	}
	s.own.begins(s.id)
	s.engine = engineOf(version)
	if s.stuck != 0 {
		var n int
		err := s.conn.QueryRowContext(ctx, collectors.OwnComment+" SELECT COUNT(*) FROM information_schema.PROCESSLIST "+ownAlias+" WHERE ID = ? AND COMMAND <> 'Sleep'", s.stuck).Scan(&n)
		if err == nil && n > 0 {
			return errStuck
		}
		s.stuck = 0
	}
	// InnoDB tells times of transactions in the zone of the system; NOW() is to be in the same.
	limits := []string{"SET SESSION autocommit = 1, lock_wait_timeout = 1, time_zone = 'SYSTEM'", "SET SESSION TRANSACTION READ ONLY"}
	switch {
	case s.engine.mariaDB:
		limits = append(limits, "SET SESSION max_statement_time = "+strconv.FormatFloat(s.config.Timeout.Seconds(), 'f', 3, 64))
	case s.engine.mysql(5, 7, 8):
		limits = append(limits, "SET SESSION max_execution_time = "+strconv.FormatInt(s.config.Timeout.Milliseconds(), 10))
	}
	for _, text := range limits {
		s.own.runs(text)
		if _, err := s.conn.ExecContext(ctx, collectors.OwnComment+" "+text); err != nil {
			return fmt.Errorf("%s: %w", text, err)
		}
	}
	return nil
}

// sourceError says what to do about a server that cannot be read.
func sourceError(c *Config, err error) *collectors.SourceError {
	e := &collectors.SourceError{Err: fmt.Errorf("%s: %w", c.Address(), err)}
	var m *driver.MySQLError
	var network *net.OpError
	var late *overrunError
	switch {
	case errors.As(err, &late) || errors.Is(err, errStuck):
		e.Slow = true
		e.Provide = "the server does not end statements in time: look for a full disk, memory that is swapped out, or a lock that all wait for"
	case errors.Is(err, context.DeadlineExceeded) || errors.As(err, &network) && network.Timeout() && network.Op != "dial":
		e.Err = fmt.Errorf("%s: it takes connections and does not answer", c.Address())
		e.Provide = "look whether the server is stopped, starved of CPU or memory, or waits for a disk: its error log, top, dmesg"
	case errors.As(err, &m) && (m.Number == 1045 || m.Number == 1698 || m.Number == 1044):
		e.Denied = true
		e.Provide = "give user and password in ~/.my.cnf ([client]) or --defaults-file; dbtriage mysql grants prints a user with no more rights than it takes"
	case numbered(err, 1203, 1226):
		e.Provide = "the account has reached a limit of its own: raise max_user_connections, or its MAX_USER_CONNECTIONS or MAX_CONNECTIONS_PER_HOUR"
	case full(err):
		e.Provide = "all connections are taken: raise max_connections or close some; with extra_port (MariaDB) or admin_port (MySQL) set, it is tried too"
	case errors.As(err, &network):
		e.Provide = "check that the server runs and listens there: --mysql user@host:port, or the path of its socket"
	}
	return e
}

// full reports whether the server has no connection left for anybody. That an account has none left
// (1203, 1226) says nothing of the others.
func full(err error) bool { return numbered(err, 1040) }

func numbered(err error, numbers ...uint16) bool {
	var m *driver.MySQLError
	return errors.As(err, &m) && slices.Contains(numbers, m.Number)
}
