package logs

import (
	"bytes"
	"encoding/binary"
)

// A planMemo remembers runs of "# explain:" lines. A class has few plans, and one is some hundred
// bytes in several lines: to compare it whole costs less than to look for its line ends.
type planMemo [256][]byte

// maxPlan bounds a remembered plan, and planHead is where its first row begins: all plans of MariaDB
// have the same line of column names.
const (
	maxPlan  = 1024
	planHead = len("# explain: id\tselect_type\ttable\ttype\tpossible_keys\tkey\tkey_len\tref\trows\tr_rows\tfiltered\tr_filtered\tExtra\n# explain: ")
)

// end returns the end of a run of explain lines that begins at pos, and whose first line ends at
// next: of all lines of the run, or of the first ones.
func (m *planMemo) end(buf []byte, pos, next int) int {
	if pos+planHead+40 > len(buf) {
		return next
	}
	row := buf[pos+planHead:]
	h := binary.LittleEndian.Uint64(row) + binary.LittleEndian.Uint64(row[8:])*3 + binary.LittleEndian.Uint64(row[16:])*5 +
		binary.LittleEndian.Uint64(row[24:])*7 + binary.LittleEndian.Uint64(row[32:])*11
	plan := &m[h*0x9e3779b97f4a7c15>>56]
	if len(*plan) > 0 && bytes.HasPrefix(buf[pos:], *plan) {
		return pos + len(*plan)
	}
	for next < len(buf) && begins(buf[next:], keyExplain) {
		end := bytes.IndexByte(buf[next:], '\n')
		if end < 0 || next+end-pos >= maxPlan {
			break
		}
		next += end + 1
	}
	if buf[next-1] == '\n' {
		*plan = append((*plan)[:0], buf[pos:next]...)
	}
	return next
}
