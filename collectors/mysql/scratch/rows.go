package scratch

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/big"
	"strings"

	"dbtriage/collectors/mysql"
)

// How much one statement copies: batchRows rows, or the partners of batchKeys rows. strides is into how many
// parts the range of a key is cut to sample it.
const (
	batchRows = 5_000
	batchKeys = 500
	strides   = 200
)

// insert copies the rows of the source that a condition picks, at most most. More is what FROM joins to it, on the
// same server.
func (s *Scratch) insert(ctx context.Context, t *source, more, where string, most int64, args ...any) (int64, error) {
	columns := make([]string, len(t.columns))
	for i, c := range t.columns {
		columns[i] = "t." + c
	}
	text := "SELECT " + strings.Join(columns, ", ") + " FROM " + t.quoted() + " AS t" + more
	if where != "" {
		text += " WHERE " + where
	}
	if more == "" && len(t.key) > 0 {
		text += " ORDER BY " + t.order("")
	}
	text += fmt.Sprintf(" LIMIT %d", most)
	if s.remote() {
		return s.carry(ctx, t, text, args...)
	}
	return s.write(ctx, insertInto, t.Name, "("+strings.Join(t.columns, ", ")+") "+text, args...)
}

// order lists the columns of the primary key, each with what is to stand behind it.
func (t *source) order(behind string) string {
	names := make([]string, len(t.key))
	for i, k := range t.key {
		names[i] = k.name + behind
	}
	return strings.Join(names, ", ")
}

// beyond is the condition that a row's key lies behind a value: a > ? OR a = ? AND b > ?. Row comparisons would
// say the same, and servers read the whole table for them.
func (t *source) beyond(key []any) (where string, args []any) {
	var cases []string
	for i := range t.key {
		var parts []string
		for j := range i {
			parts, args = append(parts, t.key[j].name+" = ?"), append(args, key[j])
		}
		cases = append(cases, strings.Join(append(parts, t.key[i].name+" > ?"), " AND "))
		args = append(args, key[i])
	}
	// The first column alone makes a range that every server sees.
	where = t.key[0].name + " >= ? AND (" + strings.Join(cases, " OR ") + ")"
	return where, append([]any{key[0]}, args...)
}

// fillInOrder copies the table from its beginning until the bound is reached.
func (s *Scratch) fillInOrder(ctx context.Context, t *source) (int64, error) {
	if len(t.key) == 0 { // nothing to cut batches by
		return s.insert(ctx, t, "", "", s.opt.Rows)
	}
	var total int64
	where, args := "", []any(nil)
	for {
		most := min(batchRows, s.opt.Rows-total)
		n, err := s.insert(ctx, t, "", where, most, args...)
		total += n
		if err != nil || n < most || total >= s.opt.Rows {
			return total, err
		}
		last, err := s.lastKey(ctx, t)
		if err != nil {
			return total, err
		}
		where, args = t.beyond(last)
	}
}

// lastKey returns the largest key of the copy.
func (s *Scratch) lastKey(ctx context.Context, t *source) ([]any, error) {
	cells := make([][]byte, len(t.key))
	into := make([]any, len(t.key))
	for i := range cells {
		into[i] = &cells[i]
	}
	ask := "SELECT " + t.order("") + " FROM " + mysql.Quote(s.opt.Schema) + "." + mysql.Quote(t.Name) + " ORDER BY " + t.order(" DESC") + " LIMIT 1"
	if err := s.reader.QueryRowContext(ctx, ask).Scan(into...); err != nil {
		return nil, err
	}
	key := make([]any, len(cells))
	for i, c := range cells {
		key[i] = t.key[i].argument(c)
	}
	return key, nil
}

// argument is a value of the column as a statement takes it.
func (k *keyColumn) argument(value []byte) any {
	if k.binary {
		return value
	}
	if n, ok := new(big.Int).SetString(string(value), 10); k.integer && ok {
		return whole(n)
	}
	return string(value)
}

// whole is a number as a statement takes it: as text it would be compared as a float.
func whole(n *big.Int) any {
	if n.IsInt64() {
		return n.Int64()
	}
	return n.Uint64()
}

// fillStrided copies a run of rows from each of many equal parts of the range of the key.
func (s *Scratch) fillStrided(ctx context.Context, t *source) (int64, error) {
	column := t.key[0].name
	var least, most sql.NullString
	if err := s.source.QueryRowContext(ctx, "SELECT MIN("+column+"), MAX("+column+") FROM "+t.quoted()).Scan(&least, &most); err != nil {
		return 0, err
	}
	low, ok1 := new(big.Int).SetString(least.String, 10)
	high, ok2 := new(big.Int).SetString(most.String, 10)
	if !ok1 || !ok2 {
		return 0, errors.New("its key has no range")
	}
	span := new(big.Int).Sub(high, low)
	span.Add(span, big.NewInt(1))
	at := func(i int64) *big.Int {
		x := new(big.Int).Mul(span, big.NewInt(i))
		return x.Div(x, big.NewInt(strides)).Add(x, low)
	}
	var total int64
	for i := range int64(strides) {
		// What a sparse part lacks the later ones bring.
		room := (s.opt.Rows - total) / (strides - i)
		last := at(i + 1)
		last.Sub(last, big.NewInt(1))
		if room == 0 || last.Cmp(at(i)) < 0 {
			continue
		}
		n, err := s.insert(ctx, t, "", "t."+column+" BETWEEN ? AND ?", room, whole(at(i)), whole(last))
		if total += n; err != nil {
			return total, err
		}
	}
	return total, nil
}

// keysTable holds the values that partners are looked up by.
const keysTable = marker + "_keys"

// fillPartners copies the rows whose column has a value that the copy of the partner has, a number of values at
// a time, in no order of theirs.
func (s *Scratch) fillPartners(ctx context.Context, t *source) (total int64, err error) {
	if s.remote() {
		return s.carryPartners(ctx, t)
	}
	if err := s.note(ctx, keysTable); err != nil && !mysql.Numbered(err, 1062) { // once is enough
		return 0, err
	}
	from := mysql.Quote(t.PartnerColumn)
	_, err = s.write(ctx, createTable, keysTable, "(n BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY) ENGINE=InnoDB SELECT k FROM (SELECT DISTINCT "+from+" AS k FROM "+
		mysql.Quote(s.opt.Schema)+"."+mysql.Quote(t.Partner)+" WHERE "+from+" IS NOT NULL) AS d ORDER BY CRC32(k)")
	if err != nil {
		return 0, err
	}
	defer func() {
		_, gone := s.write(ctx, dropTable, keysTable, "")
		err = errors.Join(err, gone)
	}()
	var keys int64
	if err := s.reader.QueryRowContext(ctx, "SELECT COUNT(*) FROM "+mysql.Quote(s.opt.Schema)+"."+mysql.Quote(keysTable)).Scan(&keys); err != nil {
		return 0, err
	}
	more := " JOIN " + mysql.Quote(s.opt.Schema) + "." + mysql.Quote(keysTable) + " AS k ON t." + mysql.Quote(t.Column) + " = k.k"
	for first := int64(1); first <= keys && total < s.opt.Rows; first += batchKeys {
		n, err := s.insert(ctx, t, more, "k.n BETWEEN ? AND ?", s.opt.Rows-total, first, first+batchKeys-1)
		if total += n; err != nil {
			return total, err
		}
	}
	return total, nil
}
