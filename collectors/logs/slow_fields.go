package logs

import (
	"bytes"
	"encoding/binary"

	"dbtriage/collectors"
)

// A slowField is one thing that "Key: value" pairs of a header may say.
type slowField uint8

const (
	fieldNone slowField = iota
	fieldQueryTime
	fieldLockTime
	fieldRowsSent
	fieldRowsExamined
	fieldRowsAffected
	fieldBytesSent
	fieldThread
	fieldTmpTables
	fieldTmpDiskTables
	fieldMergePasses
	fieldPagesRead
	fieldRateLimit
	fieldEnd
	fieldReadFirst // and the counters of MySQL's log_slow_extra that tell the plan
	fieldReadNext
	fieldReadPrev
	fieldReadRndNext
	fieldSortRange
	fieldSortScan
	fieldCacheHit
	fieldMariaDB // and its query cache flag
	fieldFullScan
	fieldFullJoin
	fieldTmpTable
	fieldTmpTableOnDisk
	fieldFilesort
	fieldFilesortOnDisk
)

func fieldOf(key []byte) slowField {
	switch string(key) {
	case "Query_time":
		return fieldQueryTime
	case "Lock_time":
		return fieldLockTime
	case "Rows_sent":
		return fieldRowsSent
	case "Rows_examined":
		return fieldRowsExamined
	case "Rows_affected":
		return fieldRowsAffected
	case "Bytes_sent":
		return fieldBytesSent
	case "Thread_id", "Id":
		return fieldThread
	case "Tmp_tables", "Created_tmp_tables":
		return fieldTmpTables
	case "Tmp_disk_tables", "Created_tmp_disk_tables":
		return fieldTmpDiskTables
	case "Merge_passes", "Sort_merge_passes":
		return fieldMergePasses
	case "Pages_read", "InnoDB_IO_r_ops":
		return fieldPagesRead
	case "Log_slow_rate_limit":
		return fieldRateLimit
	case "End":
		return fieldEnd
	case "Read_first":
		return fieldReadFirst
	case "Read_next":
		return fieldReadNext
	case "Read_prev":
		return fieldReadPrev
	case "Read_rnd_next":
		return fieldReadRndNext
	case "Sort_range_count":
		return fieldSortRange
	case "Sort_scan_count":
		return fieldSortScan
	case "QC_Hit":
		return fieldCacheHit
	case "QC_hit":
		return fieldMariaDB
	case "Full_scan":
		return fieldFullScan
	case "Full_join":
		return fieldFullJoin
	case "Tmp_table":
		return fieldTmpTable
	case "Tmp_table_on_disk":
		return fieldTmpTableOnDisk
	case "Filesort":
		return fieldFilesort
	case "Filesort_on_disk":
		return fieldFilesortOnDisk
	}
	return fieldNone
}

// valueOf reads the value of a field; ok is false when it is none.
func valueOf(f slowField, v []byte) (n int64, ok bool) {
	switch f {
	case fieldNone:
		return 0, false
	case fieldQueryTime, fieldLockTime:
		n, rest, ok := millionths(v)
		return n, ok && len(rest) == 0 && n <= maxDuration
	case fieldEnd:
		n, zoned, ok := slowTime(v)
		return n, ok && zoned
	}
	if f >= fieldCacheHit {
		if len(v) > 0 && v[0] == 'Y' {
			n = 1
		}
		return n, true
	}
	return whole(v)
}

// whole reads a count; a decimal part is cut off.
func whole(v []byte) (n int64, ok bool) {
	if len(v) == 0 || len(v) > 18 {
		n, rest, ok := millionths(v)
		return n / 1e6, ok && len(rest) == 0
	}
	for _, c := range v {
		if c -= '0'; c > 9 {
			n, rest, ok := millionths(v)
			return n / 1e6, ok && len(rest) == 0
		}
		n = n*10 + int64(c)
	}
	return n, true
}

// assign puts a value where it belongs.
func (h *header) assign(f slowField, n int64, st *collectors.Statement) {
	switch f {
	case fieldQueryTime:
		st.QueryTime = n
	case fieldLockTime:
		st.LockTime = n
	case fieldRowsSent:
		st.RowsSent = n
	case fieldRowsExamined:
		st.RowsExamined = n
	case fieldRowsAffected:
		st.RowsAffected = n
	case fieldBytesSent:
		st.BytesSent = n
	case fieldThread:
		st.ThreadID = n
	case fieldTmpTables:
		st.TmpTables = n
	case fieldTmpDiskTables:
		st.TmpDiskTables = n
	case fieldMergePasses:
		st.MergePasses = n
	case fieldPagesRead:
		st.PagesRead = n
	case fieldRateLimit:
		st.RateLimit = n
	case fieldEnd:
		h.end = n
	default:
		if f < fieldCacheHit {
			h.counters[f-fieldReadFirst] = n
			h.counted = true
			return
		}
		h.mariaDB = h.mariaDB || f == fieldMariaDB
		st.Flags |= flagsOf(f, n)
	}
}

// flagsOf returns what a field that says Yes or No does to the flags.
func flagsOf(f slowField, n int64) (flags collectors.StatementFlags) {
	switch f {
	case fieldMariaDB, fieldCacheHit:
		flags = collectors.QueryCacheHit
	case fieldFullScan:
		flags = collectors.FullScan
	case fieldFullJoin:
		flags = collectors.FullJoin
	case fieldTmpTable:
		flags = collectors.TmpTable
	case fieldTmpTableOnDisk:
		flags = collectors.TmpTableOnDisk
	case fieldFilesort:
		flags = collectors.Filesort
	case fieldFilesortOnDisk:
		flags = collectors.FilesortOnDisk
	}
	if n == 0 {
		flags = 0
	}
	if f == fieldFullScan || f == fieldFilesort {
		flags |= collectors.PlanKnown
	}
	return flags
}

// A lineMemo remembers header lines and what they said. Most lines of a log are repeated: those of
// a session, the plan notes of a class, rows and bytes of the same answer.
type lineMemo [1024]memoLine

type memoLine struct {
	line      []byte
	sets      []setting // of numbers
	flags     collectors.StatementFlags
	mariaDB   bool
	schema    []byte
	hasSchema bool
}

type setting struct {
	field slowField
	value int64
}

// note remembers what a field of the line says.
func (m *memoLine) note(f slowField, n int64) {
	if f < fieldCacheHit {
		m.sets = append(m.sets, setting{f, n})
		return
	}
	m.flags |= flagsOf(f, n)
	m.mariaDB = m.mariaDB || f == fieldMariaDB
}

// slot returns where a line is remembered.
func (m *lineMemo) slot(line []byte) *memoLine {
	n := len(line)
	h := uint32(n)
	if n >= 24 { // the values that differ stand at the ends and behind the first key
		h = h*31 + binary.LittleEndian.Uint32(line[n-4:])
		h = h*31 + binary.LittleEndian.Uint32(line[n-8:])
		h = h*31 + binary.LittleEndian.Uint32(line[12:])
		h = h*31 + binary.LittleEndian.Uint32(line[16:])
	}
	h *= 0x9e3779b1
	return &m[h>>22]
}

const (
	// maxMemoLine bounds a remembered line.
	maxMemoLine = 256
	// leastMemo is how much is read at once by who remembers lines: what is followed comes in small pieces.
	leastMemo = 16 << 10
)

// readPairsLine reads a whole line of pairs; ok is false when it is no header line.
func (h *header) readPairsLine(line []byte, st *collectors.Statement) (ok bool) {
	if h.lines == nil {
		if !headerLine(line) {
			return false
		}
		h.readPairs(line[2:], st)
		return true
	}
	m := h.lines.slot(line)
	if len(m.line) == len(line) && bytes.Equal(m.line, line) {
		for _, s := range m.sets {
			h.assign(s.field, s.value, st)
		}
		st.Flags |= m.flags
		h.mariaDB = h.mariaDB || m.mariaDB
		if m.hasSchema {
			h.schema, h.hasSchema = append(h.schema[:0], m.schema...), true
		}
		return true
	}
	if !headerLine(line) {
		return false
	}
	if len(line) > maxMemoLine {
		h.readPairs(line[2:], st)
		return true
	}
	had := h.hasSchema
	h.hasSchema = false
	h.memo = m
	m.line, m.sets, m.flags, m.mariaDB = append(m.line[:0], line...), m.sets[:0], 0, false
	h.readPairs(line[2:], st)
	h.memo = nil
	m.schema, m.hasSchema = append(m.schema[:0], h.schema...), h.hasSchema
	h.hasSchema = h.hasSchema || had
	return true
}

// readQueryTime reads what follows Query_time in the line that makes a record: no two are alike, but all
// go on alike. Where one does not, its pairs are read as those of any line.
func (h *header) readQueryTime(v []byte, st *collectors.Statement) {
	h.hasQueryTime = true
	us, v, ok := millionths(v)
	if !ok || us > maxDuration || len(v) > 0 && v[0] != ' ' {
		h.bad = true
	}
	st.QueryTime = us
	if begins(v, "  Lock_time: ") {
		us, rest, ok := millionths(v[len("  Lock_time: "):])
		if !ok || us > maxDuration || len(rest) < 2 || rest[0] != ' ' {
			h.readPairs(v, st)
			return
		}
		st.LockTime = us
		v = rest
		if begins(v, "  ") { // MySQL writes one space here, MariaDB and Percona two
			v = v[1:]
		}
		if n, rest, ok := countAfter(v, " Rows_sent: "); ok {
			st.RowsSent, v = n, rest
		}
		if n, rest, ok := countAfter(v, "  Rows_examined: "); ok {
			st.RowsExamined, v = n, rest
		}
		if begins(v, extraKeys[0].key) {
			v = h.readExtra(v, st)
		}
	}
	h.readPairs(v, st)
}

// countAfter reads a key and a count of up to nine digits behind it, up to a space or the end.
func countAfter(v []byte, key string) (n int64, rest []byte, ok bool) {
	if !begins(v, key) {
		return 0, v, false
	}
	i := len(key)
	for ; i < len(v) && v[i]-'0' <= 9; i++ {
		n = n*10 + int64(v[i]-'0')
	}
	if digits := i - len(key); digits == 0 || digits > 9 || i < len(v) && v[i] != ' ' {
		return 0, v, false
	}
	return n, v[i:], true
}

// readPairs reads "Key: value  Key: value …".
func (h *header) readPairs(v []byte, st *collectors.Statement) {
	for len(v) > 0 {
		if v[0] == ' ' {
			v = v[1:]
			continue
		}
		colon := bytes.IndexByte(v, ':')
		if colon < 0 {
			return
		}
		key := v[:colon]
		v = v[colon+1:]
		if string(key) == "Schema" {
			v = h.readSchema(v)
			continue
		}
		for len(v) > 0 && v[0] == ' ' {
			v = v[1:]
		}
		end := bytes.IndexByte(v, ' ')
		if end < 0 {
			end = len(v)
		}
		f := fieldOf(key)
		if n, ok := valueOf(f, v[:end]); ok {
			h.assign(f, n, st)
			if h.memo != nil {
				h.memo.note(f, n)
			}
		}
		v = v[end:]
	}
}

// readSchema reads the value of "Schema:", which may be empty and may hold single spaces.
func (h *header) readSchema(v []byte) (rest []byte) {
	if len(v) > 0 && v[0] == ' ' {
		v = v[1:]
	}
	end := 0
	for end < len(v) {
		if v[end] == ' ' {
			after := v[end+1:]
			word := bytes.IndexByte(after, ' ')
			if word < 0 {
				word = len(after)
			}
			if word == 0 || after[word-1] == ':' {
				break
			}
		}
		end++
	}
	h.schema, h.hasSchema = append(h.schema[:0], v[:end]...), true
	return v[end:]
}

// millionths reads a number with up to six decimals as millionths; a seventh rounds.
func millionths(v []byte) (n int64, rest []byte, ok bool) {
	i := 0
	for ; i < len(v) && v[i]-'0' <= 9; i++ {
		if n > 9e12/10 {
			return 0, v, false
		}
		n = n*10 + int64(v[i]-'0')
	}
	if i == 0 {
		return 0, v, false
	}
	if i+7 <= len(v) && v[i] == '.' && (i+7 == len(v) || v[i+7]-'0' > 9) { // as servers write times
		if us, ok := sixDigits(v[i+1 : i+7]); ok {
			return n*1e6 + us, v[i+7:], true
		}
	}
	return decimals(n, v[i:])
}

// sixDigits reads six digits at once.
func sixDigits(v []byte) (n int64, ok bool) {
	w := uint64(binary.LittleEndian.Uint32(v))<<16 | uint64(binary.LittleEndian.Uint16(v[4:]))<<48 | '0'<<8 | '0'
	if (w&(w+0x0606060606060606))&0xf0f0f0f0f0f0f0f0 != 0x3030303030303030 {
		return 0, false
	}
	w &= 0x0f0f0f0f0f0f0f0f // eight digits, the first of them lowest
	w = w*10 + w>>8         // pairs, in every other byte
	w = (w&0x000000ff000000ff*(100+1_000_000<<32) + w>>16&0x000000ff000000ff*(1+10_000<<32)) >> 32
	return int64(w), true
}

// decimals reads what follows a number's whole part n.
func decimals(n int64, v []byte) (millionths int64, rest []byte, ok bool) {
	i := 0
	n *= 1e6
	if i < len(v) && v[i] == '.' {
		i++
		scale := int64(100_000)
		for ; i < len(v) && v[i]-'0' <= 9; i++ {
			switch {
			case scale > 0:
				n += scale * int64(v[i]-'0')
				scale /= 10
				if scale == 0 {
					scale = -1
				}
			case scale == -1:
				if v[i] >= '5' {
					n++
				}
				scale = -2
			}
		}
	}
	return n, v[i:], true
}
