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
	counters     planCounters
	counted      bool // they are there
	schema       []byte
	hasSchema    bool
	mariaDB      bool // only MariaDB writes QC_hit, with a small h
	unfinished   bool // its warnings go on behind the piece

	userHost, user, host []byte // of the record before
	idBehind             bool   // behind that userHost stood the id of the session
	second               []byte // of the "# Time:" before, as MySQL 5.7 and later write it
	secondUS             int64
	users                int       // "# User@Host:" lines
	lines                *lineMemo // nil for who reads a header or two
	memo                 *memoLine // being filled
}

const (
	keyTime     = "# Time: "
	keyUserHost = "# User@Host: "
	keyQuery    = "# Query_time: "
	keyThread   = "# Thread_id: "
	keyExplain  = "# explain: "
	// keyPageTimes begins MariaDB's line of Pages_read_time and Engine_time.
	keyPageTimes = "# Pages_read_time: "
)

// startKeys open a record. A thread id or schema line may too, but only where a head was torn off.
var startKeys = []string{keyTime, keyUserHost, keyQuery, keyThread}

// innerKeys are the other header lines of all servers, without the values.
var innerKeys = []string{
	keyExplain, "# Schema: ", "# Rows_affected: ", "# Bytes_sent: ", "# Pages_", "# Tmp_tables: ", "# Full_scan: ", "# Filesort: ",
	"# QC_Hit: ", "# QC_hit: ", "# No InnoDB statistics", "#   InnoDB_", "# InnoDB_trx_id: ", "# Log_slow_rate_type: ",
	"# Stored_routine: ", "# Stored routine: ", "# Rows_examined: ", "# Rows_sent: ", "# Lock_time: ", "# Profile_", "# Engine_time: ",
	"# Last_errno: ", "# Start: ", "# explain:", "# Id: ", "# Warnings: ", "# Time:",
}

// begins reports whether text has a prefix; to compare with a constant takes no call.
func begins(text []byte, prefix string) bool {
	return len(text) >= len(prefix) && string(text[:len(prefix)]) == prefix
}

func beginsAny(line []byte, keys []string) bool {
	for _, k := range keys {
		if len(line) >= len(k) && line[2] == k[2] && begins(line, k) {
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
	return line[0] == '#' && (beginsAny(line, startKeys) || beginsAny(line, innerKeys) || unknownPairs(line[2:]))
}

// unknownPairs reports whether a line is written as servers write numbers, "Word_word: 5  Other_word: Yes", whatever
// they are called: new versions have new ones, as Max_tmp_disk_space_used of MariaDB 11.5. The last line of a
// statement is none, for its semicolon.
func unknownPairs(v []byte) bool {
	for n := 0; ; n++ {
		v = bytes.TrimLeft(v, " ")
		if len(v) == 0 || v[0] == '\r' {
			return n > 0
		}
		i, joined := 0, false
		for ; i < len(v) && (v[i]|0x20-'a' < 26 || v[i] == '_'); i++ {
			joined = joined || v[i] == '_'
		}
		if i == 0 || !joined || v[0] < 'A' || v[0] > 'Z' || i+2 >= len(v) || v[i] != ':' || v[i+1] != ' ' {
			return false
		}
		v = v[i+2:]
		if i = bytes.IndexAny(v, " \r"); i < 0 {
			i = len(v)
		}
		if value := v[:i]; string(value) != "Yes" && string(value) != "No" && (i == 0 || len(bytes.Trim(value, "0123456789.")) > 0) {
			return false
		}
		v = v[i:]
	}
}

// maxHead is how many lines a header has before its Query_time, and room for more.
const maxHead = 64

// read parses the block that begins at pos and returns where the body begins.
func (h *header) read(lines *lineEnds, pos int, st *collectors.Statement) int {
	buf := lines.buf
	h.hasQueryTime, h.bad, h.zoned, h.hasSchema, h.mariaDB, h.unfinished = false, false, false, false, false, false
	h.time, h.end, h.users = collectors.NoTime, collectors.NoTime, 0
	if h.counted {
		h.counters, h.counted = planCounters{}, false
	}
	first := pos
	for n := 0; pos < len(buf); n++ {
		if buf[pos] != '#' || n >= maxHead && !h.hasQueryTime {
			return pos
		}
		end := lines.next(pos)
		next := end + 1
		if end < 0 {
			end, next = len(buf), len(buf)
		}
		line := buf[pos:end]
		if n := len(line); n > 0 && line[n-1] == '\r' {
			line = line[:n-1]
		}
		if len(line) < 3 || line[1] != ' ' {
			if len(line) != 1 && !headerLine(line) {
				return pos
			}
			pos = next
			continue
		}
		switch {
		case line[2] == 'Q' && begins(line, keyQuery):
			if h.hasQueryTime {
				return pos
			}
			h.readQueryTime(line[len(keyQuery):], st)
		case line[2] == 'e' && begins(line, keyExplain):
			if st.Explain == nil {
				st.Explain = buf[pos:next]
			} else {
				st.Explain = st.Explain[:len(st.Explain)+next-pos]
			}
		case line[2] == 'P' && begins(line, keyPageTimes): // hardly two are alike, and nobody asks
		case line[2] == 'T' && begins(line, keyTime):
			if h.hasQueryTime && pos > first {
				return pos // a record without a statement: the next one begins
			}
			h.readTime(line[len(keyTime):], st)
		case line[2] == 'U' && begins(line, keyUserHost):
			if h.hasQueryTime && pos > first {
				return pos
			}
			h.readUserHost(line[len(keyUserHost):], st)
		case line[2] == 'W' && string(line) == keyWarnings && h.hasQueryTime:
			return h.skipWarnings(buf, next)
		default:
			if !h.readPairsLine(line, st) {
				return pos
			}
		}
		pos = next
	}
	return pos
}

// sameSecond reads a time of the second of the "# Time:" before.
func (h *header) sameSecond(v []byte) (us int64, ok bool) {
	if len(v) != len(utcTime) || v[19] != '.' || v[26] != 'Z' || string(v[:19]) != string(h.second) {
		return 0, false
	}
	us, ok = sixDigits(v[20:])
	return h.secondUS + us, ok
}

var userHostMark = []byte(keyUserHost)

// readTime reads "071015 21:43:52" or "2026-11-22T21:07:39.000037Z". Old Percona servers go on with
// the user on the same line.
func (h *header) readTime(v []byte, st *collectors.Statement) {
	if us, ok := h.sameSecond(v); ok {
		h.time, h.zoned = us, true
		return
	}
	if i := bytes.Index(v, userHostMark); i >= 0 {
		h.readUserHost(v[i+len(keyUserHost):], st)
		v = v[:i]
	}
	us, zoned, ok := slowTime(bytes.TrimSpace(v))
	if !ok {
		return
	}
	h.time, h.zoned = us, zoned
	if len(v) == len(utcTime) && v[26] == 'Z' {
		h.second, h.secondUS = append(h.second[:0], v[:19]...), floorSecond(us)
	}
}

const utcTime = "2026-11-22T21:07:39.000037Z"

func floorSecond(us int64) int64 { return us - (us%1e6+1e6)%1e6 }

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
	h.users++
	if n := len(h.userHost); n > 0 && len(v) > n && h.idBehind && string(v[:n]) == string(h.userHost) {
		if id, ok := sessionID(v[n:]); ok {
			st.User, st.Host, st.ThreadID = h.user, h.host, id
			return
		}
	}
	if bytes.Equal(v, h.userHost) { // sessions of one account follow each other
		st.User, st.Host = h.user, h.host
		return
	}
	idBehind := false
	if i := bytes.IndexByte(v, ']'); i >= 0 { // of the user; the host has another
		if j := bytes.IndexByte(v[i+1:], ']'); j >= 0 {
			if rest := v[i+1+j+1:]; len(rest) > 4 && !bytes.Contains(rest, []byte("]")) {
				h.readPairs(rest, st)
				v, idBehind = v[:i+1+j+1], true
			}
		}
	}
	h.userHost, h.idBehind = append(h.userHost[:0], v...), idBehind
	h.user, h.host = splitUserHost(h.userHost)
	st.User, st.Host = h.user, h.host
}

// sessionID reads what MySQL writes behind account and host: "  Id:    12", with up to nine digits.
func sessionID(v []byte) (id int64, ok bool) {
	const key = "  Id:"
	if !begins(v, key) {
		return 0, false
	}
	v = bytes.TrimLeft(v[len(key):], " ")
	id, length := leadingCount(v)
	return id, length > 0 && length <= 9 && length == len(v)
}

func splitUserHost(v []byte) (user, host []byte) {
	at := bytes.Index(v, []byte(" @ "))
	if at < 0 {
		return nil, nil
	}
	user, host = v[:at], v[at+3:]
	if i := bytes.IndexByte(user, '['); i > 0 {
		user = user[:i]
	}
	user = bytes.TrimSpace(bytes.Trim(user, "[]"))
	name, ip, ok := bytes.Cut(host, []byte("["))
	if name = bytes.TrimSpace(name); len(name) > 0 || !ok {
		return user, name
	}
	ip, _, _ = bytes.Cut(ip, []byte("]"))
	return user, ip
}
