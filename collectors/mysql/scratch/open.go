package scratch

import (
	"context"
	"crypto/md5"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"dbtriage/collectors/mysql"
)

// Options say where to write and how much.
type Options struct {
	Schema string // the scratch schema
	// Rows bounds the rows copied of one table.
	Rows int64
	// Statement bounds one measured statement. It is kept by the server.
	Statement time.Duration
	// From is another server that the tables are read from; nil for the one that is written to.
	From *mysql.Config
	// AllowBinlog has the copy written to the binary log where that cannot be switched off for a session.
	AllowBinlog bool
}

// A Refusal says why something is not done, and what would help.
type Refusal struct{ Why, Provide string }

func (r *Refusal) Error() string { return r.Why }

// A Scratch is an open scratch schema. It is used by one goroutine.
type Scratch struct {
	config mysql.Config
	opt    Options
	writer *mysql.Session
	reader *mysql.Session // read-only; its default schema is the scratch schema
	source *mysql.Session // read-only, of the server with the tables; it is the reader where that is the same

	ours    bool            // the schema is known to be made by dbtriage
	empty   bool            // it holds no marker yet
	tables  map[string]bool // made in it, in lower case
	sqlMode string          // the server's, for statements
	// statusCost is what asking for the counters adds to each of them.
	statusCost counters
	pagesTold  bool // the server counts the pages of a statement

	// Notes are what the reader of a report must know of the server.
	Notes []string
}

// marker is the table that says that a schema was made by dbtriage, and names the others that it made in it.
const marker = "dbtriage_scratch"

// Limits of our own statements: how long one that writes may take (MariaDB only; a batch takes milliseconds), how
// long a lock is waited for, how long an answer is waited for before the connection counts as lost, and how long
// the schema may take to be dropped.
const (
	writeLimit = 2 * time.Minute
	lockWait   = 10 * time.Second
	patience   = 3 * time.Minute
	dropLimit  = time.Minute
)

// Open logs in and makes the scratch schema. The error is a *Refusal where the server or its settings are the
// reason, a *collectors.SourceError where it cannot be reached. Without an error Close must be called.
func Open(ctx context.Context, c mysql.Config, opt Options) (s *Scratch, err error) {
	s = &Scratch{config: c, opt: opt, tables: map[string]bool{}}
	if slices.Contains(systemSchemas, strings.ToLower(opt.Schema)) {
		return nil, s.foreign("it is the server's own")
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
			s = nil
		}
	}()
	if s.writer, err = c.Connect(ctx, patience); err != nil {
		return s, err
	}
	if !s.writer.AtLeast(true, 10, 1, 2) && !s.writer.AtLeast(false, 5, 7, 8) {
		return s, &Refusal{"the server knows no time limit for statements", "use MariaDB 10.1 or MySQL 5.7, or later"}
	}
	steps := []func(context.Context) error{s.writable, s.limit, s.quietBinlog, s.alone, s.make, s.openReader, s.openSource}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return s, err
		}
	}
	return s, nil
}

// writable refuses servers that are not to be written to.
func (s *Scratch) writable(ctx context.Context) error {
	set, err := s.variables(ctx, "read_only", "super_read_only", "innodb_read_only", "wsrep_on")
	if err != nil {
		return err
	}
	elsewhere := "name a server that may be written to and holds the same tables: a copy restored from a backup, or the primary"
	for _, name := range []string{"innodb_read_only", "super_read_only", "read_only"} {
		if set[name] != "" && set[name] != "OFF" && set[name] != "0" {
			return &Refusal{"the server is " + name, elsewhere}
		}
	}
	if on(set["wsrep_on"]) {
		return &Refusal{"the server is a node of a Galera cluster: all nodes would make the tables and indexes", elsewhere}
	}
	ask := "SHOW SLAVE STATUS"
	switch {
	case s.writer.MariaDB:
		ask = "SHOW ALL SLAVES STATUS"
	case s.writer.AtLeast(false, 8, 0, 22):
		ask = "SHOW REPLICA STATUS"
	}
	rows, err := s.writer.QueryContext(ctx, ask)
	if mysql.Denied(err) {
		s.Notes = append(s.Notes, "Whether the server is a replica is not known: the user may not ask.")
		return nil
	}
	if err != nil {
		return err
	}
	defer rows.Close()
	if rows.Next() {
		return &Refusal{"the server is a replica", elsewhere}
	}
	return rows.Err()
}

func on(value string) bool { return strings.EqualFold(value, "ON") || value == "1" }

// variables returns global variables; those that the server does not know are left out.
func (s *Scratch) variables(ctx context.Context, names ...string) (map[string]string, error) {
	rows, err := s.writer.QueryContext(ctx, "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('"+strings.Join(names, "', '")+"')")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string]string{}
	for rows.Next() {
		var name, value string
		if err := rows.Scan(&name, &value); err != nil {
			return nil, err
		}
		out[strings.ToLower(name)] = value
	}
	return out, rows.Err()
}

// limit prepares the session that writes. Its sql_mode takes in whatever the source holds, zero dates as well.
// Read committed keeps INSERT … SELECT from locking the rows that it reads.
func (s *Scratch) limit(ctx context.Context) error {
	seconds := fmt.Sprint(int(lockWait.Seconds()))
	set := []string{"autocommit = 1", "lock_wait_timeout = " + seconds + ", sql_mode = 'NO_AUTO_VALUE_ON_ZERO'", "innodb_lock_wait_timeout = " + seconds, "foreign_key_checks = 0", "TRANSACTION ISOLATION LEVEL READ COMMITTED"}
	if s.writer.MariaDB {
		set = append(set, fmt.Sprintf("max_statement_time = %d", int(writeLimit.Seconds())))
		if s.writer.AtLeast(true, 10, 2, 1) {
			set = append(set, "check_constraint_checks = 0")
		}
	} else if s.writer.AtLeast(false, 8, 0, 0) {
		set = append(set, "information_schema_stats_expiry = 0")
	}
	return s.writer.Set(ctx, set...)
}

// quietBinlog keeps what the session writes out of the binary log, and so from replicas.
func (s *Scratch) quietBinlog(ctx context.Context) error {
	set, err := s.variables(ctx, "log_bin", "binlog_format")
	if err != nil || !on(set["log_bin"]) {
		return err
	}
	err = s.writer.Set(ctx, "sql_log_bin = 0")
	if !mysql.Denied(err) {
		return err
	}
	grant := "BINLOG ADMIN"
	switch {
	case s.writer.AtLeast(false, 8, 0, 14):
		grant = "SESSION_VARIABLES_ADMIN"
	case s.writer.AtLeast(false, 8, 0, 0):
		grant = "SYSTEM_VARIABLES_ADMIN"
	case !s.writer.AtLeast(true, 10, 5, 2):
		grant = "SUPER"
	}
	grant = "GRANT " + grant + " ON *.* TO " + s.writer.User + ";"
	switch {
	case !s.opt.AllowBinlog:
		return &Refusal{"the binary log is on and this user may not switch it off for a session: replicas would copy the scratch schema too", grant + " or, where replicas may have it, --allow-binlog"}
	case strings.EqualFold(set["binlog_format"], "STATEMENT"):
		return &Refusal{"binlog_format is STATEMENT: copying would lock the rows that it reads", grant}
	}
	s.Notes = append(s.Notes, "The copy was written to the binary log (--allow-binlog): replicas made and dropped it too.")
	return nil
}

// alone keeps two runs from sharing a schema. The lock goes with the session.
func (s *Scratch) alone(ctx context.Context) error {
	var got sql.NullInt64
	name := fmt.Sprintf("dbtriage:%x", md5.Sum([]byte(strings.ToLower(s.opt.Schema))))
	if err := s.writer.QueryRowContext(ctx, "SELECT GET_LOCK(?, 0)", name).Scan(&got); err != nil {
		return err
	}
	if got.Int64 != 1 {
		return &Refusal{"another dbtriage is using schema " + s.opt.Schema, "wait for it, or name another schema"}
	}
	return nil
}

// make creates the schema, after one that an earlier run left behind was dropped.
func (s *Scratch) make(ctx context.Context) error {
	var name string
	err := s.writer.QueryRowContext(ctx, "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ?", s.opt.Schema).Scan(&name)
	if err == nil {
		if err := s.takeOver(ctx); err != nil {
			return err
		}
	} else if !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	// Not IF NOT EXISTS: that it did not exist is what makes it ours.
	_, err = s.write(ctx, createSchema, "", "")
	if mysql.Numbered(err, 1007) {
		return s.foreign("it was made just now")
	}
	if err != nil {
		return err
	}
	s.ours, s.empty = true, true
	if _, err = s.write(ctx, createTable, marker, "(name VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL PRIMARY KEY) ENGINE=InnoDB COMMENT='made by dbtriage index verify, which drops this schema'"); err != nil {
		return err
	}
	s.empty = false
	return s.note(ctx, marker)
}

// takeOver drops a schema of that name which an earlier run could not, and refuses any other.
func (s *Scratch) takeOver(ctx context.Context) error {
	if slices.Contains(systemSchemas, strings.ToLower(s.opt.Schema)) {
		return s.foreign("it is the server's own")
	}
	others, err := s.notOurs(ctx)
	switch {
	case mysql.Numbered(err, 1146) || mysql.Denied(err):
		return s.foreign("it has no table " + marker + ", which would say that dbtriage made it")
	case err != nil:
		return err
	case len(others) > 0:
		return s.foreign("it holds " + strings.Join(others, ", ") + ", which dbtriage did not make")
	}
	s.ours = true
	s.Notes = append(s.Notes, "An earlier run had left the scratch schema behind; it was dropped.")
	_, err = s.write(ctx, dropSchema, "", "")
	s.ours = false
	return err
}

func (s *Scratch) foreign(why string) error {
	return &Refusal{"schema " + s.opt.Schema + " exists and is left alone: " + why, "name a schema that does not exist; it is made, and dropped at the end"}
}

// notOurs returns the tables, routines and events of the schema that dbtriage did not make.
func (s *Scratch) notOurs(ctx context.Context) ([]string, error) {
	var others []string
	for _, ask := range []string{
		"SELECT t.TABLE_NAME FROM information_schema.TABLES t LEFT JOIN " + mysql.Quote(s.opt.Schema) + "." + mysql.Quote(marker) +
			" m ON LOWER(m.name) = LOWER(CONVERT(t.TABLE_NAME USING utf8mb4)) COLLATE utf8mb4_bin WHERE t.TABLE_SCHEMA = ? AND m.name IS NULL LIMIT 5",
		"SELECT ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = ? LIMIT 5",
		"SELECT EVENT_NAME FROM information_schema.EVENTS WHERE EVENT_SCHEMA = ? LIMIT 5",
	} {
		rows, err := s.writer.QueryContext(ctx, ask, s.opt.Schema)
		if err != nil {
			return nil, err
		}
		for rows.Next() {
			var name string
			if err := rows.Scan(&name); err != nil {
				rows.Close()
				return nil, err
			}
			others = append(others, name)
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return nil, err
		}
	}
	return others, nil
}

// note has the marker name a table before it is made.
func (s *Scratch) note(ctx context.Context, table string) error {
	_, err := s.write(ctx, insertInto, marker, "(name) VALUES (?)", table)
	return err
}

// openReader opens the session that reads: the server itself refuses what it might be told to write.
func (s *Scratch) openReader(ctx context.Context) (err error) {
	if s.reader, err = s.config.Connect(ctx, s.opt.Statement+patience); err != nil {
		return err
	}
	set := []string{"autocommit = 1, lock_wait_timeout = " + fmt.Sprint(int(lockWait.Seconds())), "TRANSACTION READ ONLY"}
	if s.reader.MariaDB {
		set = append(set, fmt.Sprintf("max_statement_time = %.3f", s.opt.Statement.Seconds()))
	} else {
		set = append(set, fmt.Sprintf("max_execution_time = %d", s.opt.Statement.Milliseconds()))
		if s.reader.AtLeast(false, 8, 0, 0) {
			set = append(set, "information_schema_stats_expiry = 0")
		}
	}
	if err := s.reader.Set(ctx, set...); err != nil {
		return err
	}
	// A cached answer costs nothing, and MySQL 9 may write plans in another form: where the server knows of either.
	for _, where := range []string{"query_cache_type = OFF", "explain_json_format_version = 1"} {
		if err := s.reader.Set(ctx, where); err != nil && !mysql.Numbered(err, 1193, 1651) {
			return err
		}
	}
	if err := s.reader.QueryRowContext(ctx, "SELECT @@SESSION.sql_mode").Scan(&s.sqlMode); err != nil {
		return err
	}
	if _, err := s.reader.ExecContext(ctx, "USE "+mysql.Quote(s.opt.Schema)); err != nil {
		return err
	}
	return s.calibrate(ctx)
}

// openSource opens the session that the tables are read in.
func (s *Scratch) openSource(ctx context.Context) (err error) {
	if s.source = s.reader; s.opt.From == nil {
		return nil
	}
	if s.source, err = s.opt.From.Connect(ctx, patience); err != nil {
		return err
	}
	limit := "max_statement_time = " + fmt.Sprint(int(writeLimit.Seconds()))
	if !s.source.MariaDB {
		limit = "max_execution_time = " + fmt.Sprint(writeLimit.Milliseconds())
	}
	if err := s.source.Set(ctx, "autocommit = 1, lock_wait_timeout = "+fmt.Sprint(int(lockWait.Seconds()))+", time_zone = '+00:00'", "TRANSACTION READ ONLY", limit); err != nil {
		return err
	}
	s.Notes = append(s.Notes, "The tables were made anew from the dictionary of "+s.opt.From.Address()+": as InnoDB, without defaults, partitions, checks and FULLTEXT or SPATIAL indexes.")
	return s.writer.Set(ctx, "time_zone = '+00:00'")
}

// remote reports whether the tables are on another server.
func (s *Scratch) remote() bool { return s.opt.From != nil }

// explained adds to the refusal of a right how to grant it.
func (s *Scratch) explained(v verb, err error) error {
	if !mysql.Denied(err) {
		return err
	}
	return &Refusal{fmt.Sprintf("%s: %v", strings.ToLower(string(v)), err), s.Grants()}
}

// Grants is the statement that gives the user the rights on the scratch schema.
func (s *Scratch) Grants() string {
	// In the name of a schema of GRANT these two stand for others.
	name := strings.NewReplacer("_", `\_`, "%", `\%`).Replace(s.opt.Schema)
	return "GRANT SELECT, INSERT, CREATE, DROP, ALTER, INDEX ON " + mysql.Quote(name) + ".* TO " + s.writer.User + ";"
}

// DropByHand is what is left to do where Close failed.
func (s *Scratch) DropByHand() string { return "DROP DATABASE " + mysql.Quote(s.opt.Schema) + ";" }

// Close drops the schema and logs out. Where the connection was lost it takes another one.
func (s *Scratch) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), dropLimit+s.opt.Statement)
	defer cancel()
	if s.source != nil && s.source != s.reader {
		s.source.Close()
	}
	s.source = nil
	if s.reader != nil {
		s.reader.Close() // before the tables go: what it reads they are locked for
		s.reader = nil
	}
	if s.writer == nil {
		return nil
	}
	err := s.drop(ctx)
	if err != nil && s.ours {
		s.writer.Close()
		again, lost := s.config.Connect(ctx, dropLimit)
		if s.writer = again; lost == nil {
			lost = s.quietBinlog(ctx)
		}
		if err = lost; err == nil {
			err = s.drop(ctx)
		}
	}
	if s.writer != nil {
		s.writer.Close()
		s.writer = nil
	}
	if err != nil {
		return &Refusal{fmt.Sprintf("schema %s could not be dropped: %v", s.opt.Schema, err), "drop it by hand: " + s.DropByHand()}
	}
	return nil
}

// drop drops the schema, unless somebody else has put something into it.
func (s *Scratch) drop(ctx context.Context) error {
	if !s.ours {
		return nil
	}
	if !s.empty {
		others, err := s.notOurs(ctx)
		if err == nil && len(others) > 0 {
			err = fmt.Errorf("it holds %s, which dbtriage did not make", strings.Join(others, ", "))
		}
		if err != nil {
			return err
		}
	}
	// A statement that was given up may hold its tables until its own limit.
	if err := s.writer.Set(ctx, fmt.Sprintf("lock_wait_timeout = %d", int((lockWait+s.opt.Statement).Seconds()))); err != nil {
		return err
	}
	if _, err := s.write(ctx, dropSchema, "", ""); err != nil && !mysql.Numbered(err, 1008) { // gone already
		return err
	}
	s.ours = false
	return nil
}
