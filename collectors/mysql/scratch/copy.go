package scratch

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"dbtriage/collectors"
	"dbtriage/collectors/mysql"
)

// A Wanted is a table to be copied.
type Wanted struct {
	Schema, Name string
	// Column and Partner say which rows to prefer where the table is too large to be copied whole: those whose
	// Column has a value that PartnerColumn of Partner, a table copied before, has. Partner may be empty.
	Column, Partner, PartnerColumn string
}

// A Way says how the rows of a copy were picked.
type Way string

// The ways of picking rows.
const (
	Whole    Way = "whole"    // all of them
	Strided  Way = "strided"  // runs from all over the primary key
	Partners Way = "partners" // those that rows of a table copied before refer to
	First    Way = "first"    // the first ones by primary key, or as they come where there is none
)

// A Copied is what became of a Wanted.
type Copied struct {
	Schema, Name string
	Rows         int64 // in the copy
	Of           int64 // in the table: exact when Way is Whole, else the server's estimate; collectors.Unknown without one
	Way          Way
	Refused      string // why there is no copy; empty when there is
	InnoDB       bool
}

// engines are those whose tables hold their own rows. A table of any other may stand for one elsewhere (FEDERATED,
// CONNECT, SPIDER, MERGE), into which a copy of its definition would write.
var engines = []string{"innodb", "myisam", "aria", "rocksdb", "memory"}

// Copy copies tables in the order given. What cannot be copied is told in its Copied; the error ends the whole.
// said is told of each table as it begins.
func (s *Scratch) Copy(ctx context.Context, tables []Wanted, said func(table string)) ([]Copied, error) {
	var out []Copied
	var sources []*source
	var need int64
	for _, w := range tables {
		src, refused, err := s.look(ctx, w)
		if err != nil {
			return nil, fmt.Errorf("%s.%s: %w", w.Schema, w.Name, err)
		}
		if src != nil {
			need += src.bytes(s.opt.Rows)
		}
		sources = append(sources, src)
		out = append(out, Copied{Schema: w.Schema, Name: w.Name, Of: collectors.Unknown, Refused: refused})
	}
	if err := s.room(ctx, need); err != nil {
		return nil, err
	}
	for i, src := range sources {
		if src == nil {
			continue
		}
		said(src.Schema + "." + src.Name)
		if err := s.copy(ctx, src, &out[i]); err != nil {
			var no *Refusal
			if errors.As(err, &no) || ctx.Err() != nil {
				return nil, err
			}
			out[i].Refused = Reason(err)
		}
	}
	return out, nil
}

// A source is a table that can be copied.
type source struct {
	Wanted
	rows, data, index int64 // as the dictionary estimates them; rows is collectors.Unknown where it does not
	engine            string
	columns           []string  // that take values, in order, quoted
	binary            []bool    // of each of these, whether its values are bytes and no text
	joined            keyColumn // of Wanted.Column, what its values are
	definition        []string  // of columns and indexes, for a table that is made on another server
	key               []keyColumn
	indexed           []string // columns that some index begins with, in lower case
}

// A keyColumn is a column of the primary key.
type keyColumn struct {
	name    string
	integer bool
	binary  bool
}

func (t *source) quoted() string { return mysql.Quote(t.Schema) + "." + mysql.Quote(t.Name) }

// bytes guesses what a copy of at most so many rows takes on disk.
func (t *source) bytes(most int64) int64 {
	if t.rows <= most {
		return t.data + t.index
	}
	return int64(float64(t.data+t.index) * float64(most) / float64(t.rows))
}

// look reads what the dictionary says of a table; refused says why it cannot be copied.
func (s *Scratch) look(ctx context.Context, w Wanted) (t *source, refused string, err error) {
	t = &source{Wanted: w}
	var kind string
	var engine sql.NullString
	var rows, data, index sql.NullInt64
	err = s.source.QueryRowContext(ctx, "SELECT TABLE_TYPE, ENGINE, TABLE_ROWS, DATA_LENGTH, INDEX_LENGTH FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?", w.Schema, w.Name).
		Scan(&kind, &engine, &rows, &data, &index)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, "it is not there, or this user may not see it", nil
	case err != nil:
		return nil, "", err
	case kind != "BASE TABLE":
		return nil, "it is no plain table but a " + strings.ToLower(kind), nil
	case !slices.Contains(engines, strings.ToLower(engine.String)):
		return nil, "tables of the engine " + engine.String + " are not copied: they may stand for data elsewhere", nil
	case s.tables[strings.ToLower(w.Name)] || strings.HasPrefix(strings.ToLower(w.Name), marker):
		return nil, "the scratch schema already has a table of that name", nil
	}
	var one int
	err = s.source.QueryRowContext(ctx, "SELECT 1 FROM "+t.quoted()+" LIMIT 1").Scan(&one)
	if mysql.Denied(err) {
		name := strings.NewReplacer("_", `\_`, "%", `\%`).Replace(w.Schema)
		return nil, "", &Refusal{err.Error(), "GRANT SELECT ON " + mysql.Quote(name) + ".* TO " + s.source.User + ";"}
	}
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, Reason(err), nil
	}
	s.tables[strings.ToLower(w.Name)] = true
	t.engine, t.rows, t.data, t.index = strings.ToLower(engine.String), collectors.Unknown, data.Int64, index.Int64
	if rows.Valid {
		t.rows = rows.Int64
	}
	return t, "", s.lookInside(ctx, t)
}

// lookInside reads columns and indexes.
func (s *Scratch) lookInside(ctx context.Context, t *source) error {
	types := map[string]string{}
	err := s.each(ctx, func(cells []sql.NullString) {
		types[strings.ToLower(cells[0].String)] = strings.ToLower(cells[1].String)
		extra, kind := strings.ToLower(cells[2].String), strings.ToLower(cells[1].String)
		t.definition = append(t.definition, definition(cells))
		// DEFAULT_GENERATED of MySQL 8.0 is a default that is an expression.
		// There it is a column like others, and takes the values that it has here.
		if s.remote() || !strings.Contains(extra, "virtual") && !strings.Contains(extra, "stored") && !strings.Contains(extra, "persistent") {
			t.columns, t.binary = append(t.columns, mysql.Quote(cells[0].String)), append(t.binary, slices.ContainsFunc(bytesTypes, func(b string) bool { return strings.Contains(kind, b) }))
		}
	}, "SELECT COLUMN_NAME, DATA_TYPE, EXTRA, COLUMN_TYPE, CHARACTER_SET_NAME, COLLATION_NAME, IS_NULLABLE FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? ORDER BY ORDINAL_POSITION", t.Schema, t.Name)
	if err != nil {
		return err
	}
	joined := types[strings.ToLower(t.Column)]
	t.joined = keyColumn{integer: strings.HasSuffix(joined, "int"), binary: strings.Contains(joined, "binary") || strings.Contains(joined, "blob")}
	bounds := true
	var indexes []collectors.Index
	err = s.each(ctx, func(cells []sql.NullString) {
		name := strings.ToLower(cells[1].String)
		indexes = addPart(indexes, cells)
		if cells[2].String == "1" {
			t.indexed = append(t.indexed, name)
		}
		if cells[0].String != "PRIMARY" {
			return
		}
		kind := types[name]
		integer := strings.HasSuffix(kind, "int")
		// What compares in another order than it sorts, or is not what it shows, makes no bounds of batches.
		bounds = bounds && !cells[3].Valid && !slices.Contains([]string{"enum", "set", "float", "double", "bit"}, kind)
		t.key = append(t.key, keyColumn{mysql.Quote(cells[1].String), integer, strings.Contains(kind, "binary") || strings.Contains(kind, "blob")})
	}, "SELECT INDEX_NAME, COLUMN_NAME, SEQ_IN_INDEX, SUB_PART, NON_UNIQUE, INDEX_TYPE, COLLATION FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? ORDER BY INDEX_NAME, SEQ_IN_INDEX", t.Schema, t.Name)
	if !bounds {
		t.key = nil
	}
	for _, x := range indexes {
		if x.Kind == "BTREE" && !slices.ContainsFunc(x.Columns, func(c collectors.IndexColumn) bool { return c.Name == "" }) {
			t.definition = append(t.definition, Definition(x))
		}
	}
	return err
}

// bytesTypes are parts of the names of types whose values are no text.
var bytesTypes = []string{"binary", "blob", "bit", "geometry", "point", "linestring", "polygon"}

// definition writes a column as CREATE TABLE takes it, without defaults and expressions: every value is copied.
func definition(cells []sql.NullString) string {
	text := mysql.Quote(cells[0].String) + " " + cells[3].String
	if cells[4].Valid {
		text += " CHARACTER SET " + cells[4].String + " COLLATE " + cells[5].String
	}
	if cells[6].String == "NO" {
		return text + " NOT NULL"
	}
	return text + " NULL"
}

// addPart adds a row of information_schema.STATISTICS to the indexes of a table.
func addPart(all []collectors.Index, cells []sql.NullString) []collectors.Index {
	if n := len(all); n == 0 || all[n-1].Name != cells[0].String {
		all = append(all, collectors.Index{Name: cells[0].String, Unique: cells[4].String == "0", Kind: cells[5].String})
	}
	x := &all[len(all)-1]
	prefix, _ := strconv.ParseInt(cells[3].String, 10, 64) // NULL is none
	x.Columns = append(x.Columns, collectors.IndexColumn{Name: cells[1].String, Prefix: prefix, Desc: cells[6].String == "D"})
	return all
}

// each hands the rows of an answer of the source's server over, cells as text.
func (s *Scratch) each(ctx context.Context, take func(cells []sql.NullString), ask string, args ...any) error {
	return s.eachOf(ctx, s.source, take, ask, args...)
}

func (s *Scratch) eachOf(ctx context.Context, of *mysql.Session, take func(cells []sql.NullString), ask string, args ...any) error {
	rows, err := of.QueryContext(ctx, ask, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return err
	}
	cells := make([]sql.NullString, len(names))
	into := make([]any, len(names))
	for i := range cells {
		into[i] = &cells[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		take(cells)
	}
	return rows.Err()
}

// spare is how many times what a copy is guessed to take must be free: indexes are built beside it, and the undo
// and redo logs grow. (A guess.)
const spare = 3

// room refuses to fill a disk. Only that of a server on this host can be asked.
func (s *Scratch) room(ctx context.Context, need int64) error {
	var folder string
	if err := s.reader.QueryRowContext(ctx, "SELECT @@datadir").Scan(&folder); err != nil {
		return err
	}
	local := s.config.Socket != "" || s.config.Host == "localhost" || strings.HasPrefix(s.config.Host, "127.")
	free, ok := freeBytes(folder)
	if !local || !ok {
		s.Notes = append(s.Notes, fmt.Sprintf("How much disk is free is not known: the server's folder is not to be seen from here. The copy takes about %d MB.", need>>20))
		return nil
	}
	if free < spare*need {
		return &Refusal{fmt.Sprintf("the copy takes about %d MB and %s has %d MB free", need>>20, folder, free>>20), "give fewer rows with --rows, or make room"}
	}
	return nil
}

// copy makes and fills one table.
func (s *Scratch) copy(ctx context.Context, t *source, c *Copied) error {
	c.InnoDB = t.engine == "innodb"
	if err := s.note(ctx, t.Name); err != nil {
		return err
	}
	// LIKE takes along columns, indexes, partitions and checks, and neither triggers nor foreign keys.
	how := "LIKE " + t.quoted()
	if s.remote() {
		c.InnoDB, how = true, "("+strings.Join(t.definition, ", ")+") ENGINE=InnoDB"
	}
	if _, err := s.write(ctx, createTable, t.Name, how); err != nil {
		return err
	}
	var n int64
	err := s.source.QueryRowContext(ctx, fmt.Sprintf("SELECT COUNT(*) FROM (SELECT 1 FROM %s LIMIT %d) AS d", t.quoted(), s.opt.Rows+1)).Scan(&n)
	if mysql.Overran(err) {
		n, err = s.opt.Rows+1, nil // it is large, or so slow that a part will do
	}
	if err != nil {
		return fmt.Errorf("counting: %w", err)
	}
	switch {
	case n <= s.opt.Rows:
		c.Way, c.Of = Whole, n
		c.Rows, err = s.fillInOrder(ctx, t)
	default:
		c.Of = max(t.rows, n)
		c.Way, c.Rows, err = s.fillSample(ctx, t)
	}
	if err != nil {
		return fmt.Errorf("copying: %w", err)
	}
	_, err = s.write(ctx, analyzeTable, t.Name, "")
	return err
}

// fillSample copies a part of a table that is too large.
func (s *Scratch) fillSample(ctx context.Context, t *source) (Way, int64, error) {
	if t.Partner != "" && s.tables[strings.ToLower(t.Partner)] && slices.Contains(t.indexed, strings.ToLower(t.Column)) {
		n, err := s.fillPartners(ctx, t)
		if err == nil || ctx.Err() != nil {
			return Partners, n, err
		}
		s.Notes = append(s.Notes, fmt.Sprintf("Rows of %s that those of %s refer to could not be followed: %s.", t.Name, t.Partner, Reason(err)))
		if n > 0 {
			return Partners, n, nil
		}
	}
	if len(t.key) > 0 && t.key[0].integer {
		n, err := s.fillStrided(ctx, t)
		return Strided, n, err
	}
	n, err := s.fillInOrder(ctx, t)
	return First, n, err
}
