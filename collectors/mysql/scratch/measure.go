package scratch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"dbtriage/collectors"
	"dbtriage/collectors/mysql"
)

// A Measurement is what a statement took on the copy.
type Measurement struct {
	// Pages are those of InnoDB that were looked at, in memory or not; collectors.Unknown where the server does
	// not count them.
	Pages int64
	// Rows are the steps through tables and indexes: the sum of Handler_read_*.
	Rows int64
	Plan []Access
}

// ErrSlow says that a statement did not end within the limit.
var ErrSlow = errors.New("it did not end within the time limit")

// calibrate finds out what the server tells of a statement, and what asking adds to it.
func (s *Scratch) calibrate(ctx context.Context) error {
	first, err := s.counters(ctx)
	if err != nil {
		return err
	}
	second, err := s.counters(ctx)
	if err != nil {
		return err
	}
	s.statusCost = second - first
	if !s.reader.MariaDB {
		return nil
	}
	text, err := s.analyze(ctx, "SELECT COUNT(*) FROM "+mysql.Quote(marker))
	s.pagesTold = strings.Contains(text, "pages_accessed")
	return err
}

// counters is the sum of Handler_read_*.
type counters int64

func (s *Scratch) counters(ctx context.Context) (sum counters, err error) {
	rows, err := s.reader.QueryContext(ctx, "SHOW SESSION STATUS LIKE 'Handler_read_%'") // a backslash means another thing in each sql_mode
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		var n int64
		if err := rows.Scan(&name, &n); err != nil {
			return 0, err
		}
		if !strings.HasPrefix(name, "Handler_read_rnd_deleted") && name != "Handler_read_retry" {
			sum += counters(n)
		}
	}
	return sum, rows.Err()
}

// Measure runs a statement that reads on the copies, its tables found in the scratch schema, and counts. The
// session is read-only and has a time limit: beyond it the error is ErrSlow. A statement in bytes that are no
// UTF-8 is taken for Latin-1, in which any byte is a character; one that is no SQL with the server's sql_mode is
// tried with NO_BACKSLASH_ESCAPES the other way round, as its client may have had it.
func (s *Scratch) Measure(ctx context.Context, statement string) (m Measurement, err error) {
	if !utf8.ValidString(statement) {
		if err := s.speak(ctx, "latin1"); err != nil {
			return m, err
		}
		defer func() { // names in our own questions are UTF-8
			if back := s.speak(ctx, "utf8mb4"); err == nil {
				err = back
			}
		}()
	}
	m, err = s.measure(ctx, statement)
	if mysql.Numbered(err, 1064) && strings.Contains(statement, `\`) {
		if err := s.reader.Set(ctx, "sql_mode = '"+turned(s.sqlMode)+"'"); err != nil {
			return m, err
		}
		again, other := s.measure(ctx, statement)
		if other == nil {
			m, err = again, nil
		}
		if back := s.reader.Set(ctx, "sql_mode = '"+s.sqlMode+"'"); back != nil {
			return m, back
		}
	}
	if mysql.Overran(err) {
		err = ErrSlow
	}
	return m, err
}

// speak has the session take statements in a character set.
func (s *Scratch) speak(ctx context.Context, set string) error {
	return s.reader.Set(ctx, fmt.Sprintf("character_set_client = %s, character_set_connection = %[1]s", set))
}

const escapes = "NO_BACKSLASH_ESCAPES"

// turned is a sql_mode with NO_BACKSLASH_ESCAPES the other way round.
func turned(mode string) string {
	modes := slices.DeleteFunc(strings.Split(mode, ","), func(m string) bool { return m == "" })
	if i := slices.Index(modes, escapes); i >= 0 {
		return strings.Join(slices.Delete(modes, i, i+1), ",")
	}
	return strings.Join(append(modes, escapes), ",")
}

func (s *Scratch) measure(ctx context.Context, statement string) (m Measurement, err error) {
	m.Pages = collectors.Unknown
	var text string
	if !s.reader.MariaDB { // here it plans the statement and does not run it
		if text, err = s.answer(ctx, "EXPLAIN FORMAT=JSON "+statement); err != nil {
			return m, err
		}
	}
	before, err := s.counters(ctx)
	if err != nil {
		return m, err
	}
	if s.reader.MariaDB {
		text, err = s.analyze(ctx, statement)
	} else {
		err = s.run(ctx, statement)
	}
	if err != nil {
		return m, err
	}
	after, err := s.counters(ctx)
	if err != nil {
		return m, err
	}
	m.Rows = int64(max(after-before-s.statusCost, 0))
	plan, pages, err := readPlan(text)
	if err != nil {
		return m, err
	}
	if m.Plan = plan; s.pagesTold {
		m.Pages = pages
	}
	return m, nil
}

// analyze has MariaDB run a statement and tell what it took.
func (s *Scratch) analyze(ctx context.Context, statement string) (string, error) {
	return s.answer(ctx, "ANALYZE FORMAT=JSON "+statement)
}

// answer returns the one cell that is answered.
func (s *Scratch) answer(ctx context.Context, ask string) (text string, err error) {
	err = s.reader.QueryRowContext(ctx, ask).Scan(&text)
	return text, err
}

// run takes the rows of a statement and drops them.
func (s *Scratch) run(ctx context.Context, statement string) error {
	rows, err := s.reader.QueryContext(ctx, statement)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
	}
	return rows.Err()
}

// reasons are what errors of the server mean, by their numbers.
var reasons = map[uint16]string{
	1054: "a column is not there", 1060: "a column is named twice", 1061: "the table has an index of that name", 1062: "the values are not unique",
	1064: "the server does not understand it", 1071: "its key is too long", 1072: "a column of it is not there", 1114: "there is no room",
	1146: "a table is not there", 1170: "a long column in it needs a prefix length", 1205: "a lock was waited for too long",
	1267: "its collations do not fit together", 1305: "a function is not there", 1792: "it does more than read",
}

// Reason says in words why a statement failed, without what the server quotes of it: that may be literals or values
// of rows.
func Reason(err error) string {
	n, ok := mysql.ErrorNumber(err)
	switch {
	case errors.Is(err, ErrSlow) || mysql.Overran(err):
		return ErrSlow.Error()
	case !ok:
		return err.Error()
	case reasons[n] != "":
		return reasons[n]
	}
	return fmt.Sprintf("the server refuses it (error %d)", n)
}

// Unfit reports whether the server said of an index that it cannot be: its columns, its length, its name or the
// values speak against it, and not the room or the time there is.
func Unfit(err error) bool { return mysql.Numbered(err, 1060, 1061, 1062, 1071, 1072, 1170) }
