package logs

import (
	"bytes"
	"time"

	"dbtriage/collectors"
)

// A header reads the header block of one slow log record.
type header struct {
	hasQueryTime bool
	bad          bool  // Query_time is there but is no number
	time         int64 // of "# Time:"; collectors.NoTime when absent
	zoned        bool  // that time named its zone
	end          int64 // of an explicit "End:" field
	schema       []byte
	hasSchema    bool
	mariaDB      bool // only MariaDB writes QC_hit, with a small h
}

var (
	keyTime     = []byte("# Time: ")
	keyUserHost = []byte("# User@Host: ")
	keyQuery    = []byte("# Query_time: ")
	keyExplain  = []byte("# explain: ")
)

// startKeys open a record. A thread id or schema line may too, but only where a head was torn off.
var startKeys = [][]byte{keyTime, keyUserHost, keyQuery, []byte("# Thread_id: ")}

// innerKeys are the other header lines of all servers, without the values.
var innerKeys = [][]byte{
	keyExplain, []byte("# Schema: "), []byte("# Rows_affected: "), []byte("# Bytes_sent: "),
	[]byte("# Pages_"), []byte("# Tmp_tables: "), []byte("# Full_scan: "), []byte("# Filesort: "),
	[]byte("# QC_Hit: "), []byte("# QC_hit: "), []byte("# No InnoDB statistics"),
	[]byte("#   InnoDB_"), []byte("# InnoDB_trx_id: "), []byte("# Log_slow_rate_type: "),
	[]byte("# Stored_routine: "), []byte("# Stored routine: "), []byte("# Rows_examined: "),
	[]byte("# Rows_sent: "), []byte("# Lock_time: "), []byte("# Profile_"), []byte("# Engine_time: "),
	[]byte("# Last_errno: "), []byte("# Start: "), []byte("# explain:"), []byte("# Id: "),
	[]byte("# Warnings: "), []byte("# Time:"),
}

func hasAnyPrefix(line []byte, keys [][]byte) bool {
	for _, k := range keys {
		if len(line) >= len(k) && line[2] == k[2] && bytes.HasPrefix(line, k) {
			return true
		}
	}
	return false
}

// headerLine reports whether line, without its line end, belongs to a header block.
func headerLine(line []byte) bool {
	if len(line) < 3 || line[1] != ' ' {
		return len(line) >= 1 && line[0] == '#' && len(bytes.TrimRight(line, " \r")) == 1
	}
	return line[0] == '#' && (hasAnyPrefix(line, startKeys) || hasAnyPrefix(line, innerKeys))
}

// read parses the block that begins at pos and returns where the body begins.
func (h *header) read(buf []byte, pos int, st *collectors.Statement) int {
	*h = header{time: collectors.NoTime, end: collectors.NoTime, schema: h.schema[:0]}
	first := pos
	for pos < len(buf) {
		end := bytes.IndexByte(buf[pos:], '\n')
		next := pos + end + 1
		if end < 0 {
			next = len(buf)
			end = len(buf) - pos
		}
		line := buf[pos : pos+end]
		if n := len(line); n > 0 && line[n-1] == '\r' {
			line = line[:n-1]
		}
		switch {
		case len(line) < 3 || line[0] != '#' || line[1] != ' ':
			if !headerLine(line) {
				return pos
			}
		case line[2] == 'T' && bytes.HasPrefix(line, keyTime):
			if h.hasQueryTime && pos > first {
				return pos // a record without a statement: the next one begins
			}
			h.readTime(line[len(keyTime):], st)
		case line[2] == 'U' && bytes.HasPrefix(line, keyUserHost):
			if h.hasQueryTime && pos > first {
				return pos
			}
			h.readUserHost(line[len(keyUserHost):], st)
		case line[2] == 'e' && bytes.HasPrefix(line, keyExplain):
			if st.Explain == nil {
				st.Explain = buf[pos:next]
			} else {
				st.Explain = st.Explain[:len(st.Explain)+next-pos]
			}
		case line[2] == 'Q' && bytes.HasPrefix(line, keyQuery):
			if h.hasQueryTime {
				return pos
			}
			h.readPairs(line[2:], st)
		default:
			if !headerLine(line) {
				return pos
			}
			h.readPairs(line[2:], st)
		}
		pos = next
	}
	return pos
}

// readTime reads "071015 21:43:52" or "2026-11-22T21:07:39.000037Z". Old Percona servers go on with
// the user on the same line.
func (h *header) readTime(v []byte, st *collectors.Statement) {
	if i := bytes.Index(v, keyUserHost); i >= 0 {
		h.readUserHost(v[i+len(keyUserHost):], st)
		v = v[:i]
	}
	if us, zoned, ok := slowTime(bytes.TrimSpace(v)); ok {
		h.time, h.zoned = us, zoned
	}
}

func slowTime(v []byte) (us int64, zoned, ok bool) {
	if len(v) < 12 {
		return 0, false, false
	}
	if v[4] == '-' {
		t, err := time.Parse(time.RFC3339Nano, string(v))
		if err != nil {
			t, err = time.Parse("2006-01-02 15:04:05", string(v))
			return t.UnixMicro(), false, err == nil
		}
		return t.UnixMicro(), true, true
	}
	// yymmdd hh:mm:ss, the hour with one or two digits
	n := [6]int{}
	for i := range 3 {
		a, b := v[2*i]-'0', v[2*i+1]-'0'
		if a > 9 || b > 9 {
			return 0, false, false
		}
		n[i] = int(a)*10 + int(b)
	}
	k := 3
	digits := 0
	for _, c := range bytes.TrimSpace(v[6:]) {
		switch {
		case c == ':' && digits > 0 && k < 5:
			k, digits = k+1, 0
		case c >= '0' && c <= '9' && digits < 2:
			n[k] = n[k]*10 + int(c-'0')
			digits++
		default:
			return 0, false, false
		}
	}
	if k != 5 || digits == 0 || n[1] < 1 || n[1] > 12 || n[2] < 1 || n[2] > 31 || n[3] > 24 || n[4] > 59 || n[5] > 60 {
		return 0, false, false
	}
	year := 2000 + n[0]
	if n[0] >= 70 {
		year = 1900 + n[0]
	}
	return time.Date(year, time.Month(n[1]), n[2], n[3], n[4], n[5], 0, time.UTC).UnixMicro(), false, true
}

// readUserHost reads "root[root] @ localhost [127.0.0.1]  Id: 12".
func (h *header) readUserHost(v []byte, st *collectors.Statement) {
	at := bytes.Index(v, []byte(" @ "))
	if at < 0 {
		return
	}
	user, host := v[:at], v[at+3:]
	if i := bytes.IndexByte(user, '['); i > 0 {
		user = user[:i]
	} else {
		user = bytes.Trim(user, "[]")
	}
	st.User = bytes.TrimSpace(user)
	if i := bytes.IndexByte(host, '['); i >= 0 {
		name, ip := bytes.TrimSpace(host[:i]), host[i+1:]
		rest := []byte(nil)
		if j := bytes.IndexByte(ip, ']'); j >= 0 {
			ip, rest = ip[:j], ip[j+1:]
		}
		st.Host = name
		if len(name) == 0 {
			st.Host = ip
		}
		if len(rest) > 4 {
			h.readPairs(rest, st)
		}
		return
	}
	st.Host = bytes.TrimSpace(host)
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
		h.set(key, v[:end], st)
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

func (h *header) set(key, v []byte, st *collectors.Statement) {
	switch string(key) {
	case "Query_time":
		us, rest, ok := millionths(v)
		if h.hasQueryTime = true; !ok || len(rest) > 0 || us > maxDuration {
			h.bad = true
			return
		}
		st.QueryTime = us
	case "Lock_time":
		if us, _, ok := millionths(v); ok && us <= maxDuration {
			st.LockTime = us
		}
	case "Rows_sent":
		setCount(&st.RowsSent, v)
	case "Rows_examined":
		setCount(&st.RowsExamined, v)
	case "Rows_affected":
		setCount(&st.RowsAffected, v)
	case "Bytes_sent":
		setCount(&st.BytesSent, v)
	case "Thread_id", "Id":
		setCount(&st.ThreadID, v)
	case "Tmp_tables", "Created_tmp_tables":
		setCount(&st.TmpTables, v)
	case "Tmp_disk_tables", "Created_tmp_disk_tables":
		setCount(&st.TmpDiskTables, v)
	case "Merge_passes", "Sort_merge_passes":
		setCount(&st.MergePasses, v)
	case "Pages_read", "InnoDB_IO_r_ops":
		setCount(&st.PagesRead, v)
	case "Engine_time":
		if us, _, ok := millionths(v); ok {
			st.EngineTime = us / 1000
		}
	case "Log_slow_rate_limit":
		setCount(&st.RateLimit, v)
	case "End":
		if us, zoned, ok := slowTime(v); ok && zoned {
			h.end = us
		}
	case "QC_hit":
		h.mariaDB = true
		setFlag(st, collectors.QueryCacheHit, v)
	case "QC_Hit":
		setFlag(st, collectors.QueryCacheHit, v)
	case "Full_scan":
		st.Flags |= collectors.PlanKnown
		setFlag(st, collectors.FullScan, v)
	case "Full_join":
		setFlag(st, collectors.FullJoin, v)
	case "Tmp_table":
		setFlag(st, collectors.TmpTable, v)
	case "Tmp_table_on_disk":
		setFlag(st, collectors.TmpTableOnDisk, v)
	case "Filesort":
		st.Flags |= collectors.PlanKnown
		setFlag(st, collectors.Filesort, v)
	case "Filesort_on_disk":
		setFlag(st, collectors.FilesortOnDisk, v)
	}
}

func setFlag(st *collectors.Statement, f collectors.StatementFlags, v []byte) {
	if len(v) > 0 && v[0] == 'Y' {
		st.Flags |= f
	}
}

func setCount(to *int64, v []byte) {
	if n, rest, ok := millionths(v); ok && len(rest) == 0 {
		*to = n / 1e6
	}
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
