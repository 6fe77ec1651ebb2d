package scratch

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/hex"
	"slices"
	"strings"

	"dbtriage/collectors/mysql"
)

// carryBytes is how much one INSERT holds at least, when there is more: well within max_allowed_packet, whose
// least default is 16 MB.
const carryBytes = 1 << 20

// carry copies the rows that a statement finds on another server.
func (s *Scratch) carry(ctx context.Context, t *source, ask string, args ...any) (total int64, err error) {
	rows, err := s.source.QueryContext(ctx, ask, args...)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	cells := make([]sql.RawBytes, len(t.columns))
	into := make([]any, len(cells))
	for i := range cells {
		into[i] = &cells[i]
	}
	head := "(" + strings.Join(t.columns, ", ") + ") VALUES "
	var text bytes.Buffer
	flush := func() error {
		if text.Len() == 0 {
			return nil
		}
		n, err := s.write(ctx, insertInto, t.Name, head+text.String())
		total += n
		text.Reset()
		return err
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return total, err
		}
		if text.Len() > 0 {
			text.WriteString(", ")
		}
		text.WriteByte('(')
		for i, c := range cells {
			if i > 0 {
				text.WriteString(", ")
			}
			writeValue(&text, c, t.binary[i])
		}
		text.WriteByte(')')
		if text.Len() >= carryBytes {
			if err := flush(); err != nil {
				return total, err
			}
		}
	}
	if err := rows.Err(); err != nil {
		return total, err
	}
	return total, flush()
}

// writeValue writes a value as a hexadecimal literal, which no sql_mode reads in another way: bytes as they are,
// text in UTF-8, as the session brought it.
func writeValue(to *bytes.Buffer, value []byte, binary bool) {
	switch {
	case value == nil:
		to.WriteString("NULL")
		return
	case len(value) == 0:
		to.WriteString("''")
		return
	case !binary:
		to.WriteString("_utf8mb4 ")
	}
	to.WriteString("X'")
	to.WriteString(hex.EncodeToString(value))
	to.WriteByte('\'')
}

// carryPartners is fillPartners for tables on another server.
func (s *Scratch) carryPartners(ctx context.Context, t *source) (total int64, err error) {
	from := mysql.Quote(t.PartnerColumn)
	var keys []any
	err = s.eachOf(ctx, s.reader, func(cells []sql.NullString) { keys = append(keys, t.joined.argument([]byte(cells[0].String))) },
		"SELECT k FROM (SELECT DISTINCT "+from+" AS k FROM "+mysql.Quote(s.opt.Schema)+"."+mysql.Quote(t.Partner)+" WHERE "+from+" IS NOT NULL) AS d ORDER BY CRC32(k)")
	if err != nil {
		return 0, err
	}
	for batch := range slices.Chunk(keys, batchKeys) {
		if total >= s.opt.Rows {
			break
		}
		n, err := s.insert(ctx, t, "", "t."+mysql.Quote(t.Column)+" IN (?"+strings.Repeat(", ?", len(batch)-1)+")", s.opt.Rows-total, batch...)
		if total += n; err != nil {
			return total, err
		}
	}
	return total, nil
}
