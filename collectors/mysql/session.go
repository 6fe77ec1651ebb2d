package mysql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	driver "github.com/go-sql-driver/mysql"
)

// A Session is one connection to a server for a caller that has statements of its own to run. It has no limits
// but those that its caller sets.
type Session struct {
	*sql.Conn
	MariaDB bool
	Version [3]int
	// User is who the server takes us for, as GRANT names it: 'user'@'host'.
	User string

	db *sql.DB
}

// Connect logs in. patience is how long an answer may take before the connection counts as lost; the error is
// a *collectors.SourceError.
func (c Config) Connect(ctx context.Context, patience time.Duration) (*Session, error) {
	c.complete()
	config, err := c.driverConfig(c.Address())
	if err != nil {
		return nil, err
	}
	config.ReadTimeout, config.WriteTimeout = patience, patience
	connector, err := driver.NewConnector(config)
	if err != nil {
		return nil, err
	}
	s := &Session{db: sql.OpenDB(connector)}
	s.db.SetMaxOpenConns(1)
	if s.Conn, err = s.db.Conn(ctx); err != nil {
		s.db.Close()
		return nil, sourceError(&c, err)
	}
	var version, user string
	if err := s.QueryRowContext(ctx, "SELECT VERSION(), CURRENT_USER()").Scan(&version, &user); err != nil {
		s.Close()
		return nil, sourceError(&c, err)
	}
	at := max(strings.LastIndexByte(user, '@'), 0) // a user's name may hold one, a host cannot
	e := engineOf(version)
	s.MariaDB, s.Version, s.User = e.mariaDB, e.version, quoted(user[:at])+"@"+quoted(strings.TrimPrefix(user[at:], "@"))
	return s, nil
}

// Close ends the connection.
func (s *Session) Close() error { return errors.Join(s.Conn.Close(), s.db.Close()) }

// AtLeast reports whether the server is MariaDB, or else MySQL, of at least a version.
func (s *Session) AtLeast(mariaDB bool, major, minor, patch int) bool {
	return s.MariaDB == mariaDB && engine{mariaDB, s.Version}.atLeast(major, minor, patch)
}

// Set runs SET SESSION statements, which change nothing but this connection.
func (s *Session) Set(ctx context.Context, what ...string) error {
	for _, w := range what {
		if _, err := s.ExecContext(ctx, "SET SESSION "+w); err != nil {
			return fmt.Errorf("SET SESSION %s: %w", w, err)
		}
	}
	return nil
}

// Quote writes a name as SQL needs it, whatever is in it.
func Quote(name string) string {
	return "`" + strings.ReplaceAll(name, "`", "``") + "`"
}

// Denied reports whether the server refused a statement for want of a right.
func Denied(err error) bool { return kindOf(err) == denied }

// Overran reports whether the server ended a statement at its time limit.
func Overran(err error) bool { return numbered(err, 1969, 3024, 1317) }

// Numbered reports whether an error is the server's of one of these numbers.
func Numbered(err error, numbers ...uint16) bool { return numbered(err, numbers...) }

// ErrorNumber returns the server's number of an error; ok is false where the server did not give it.
func ErrorNumber(err error) (n uint16, ok bool) {
	var m *driver.MySQLError
	if errors.As(err, &m) {
		return m.Number, true
	}
	return 0, false
}
