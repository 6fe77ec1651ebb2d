package logs

import (
	"bytes"

	"dbtriage/collectors"
)

// A slow log is a run of records: a block of "# Key: value" header lines, then the statement, which
// may hold anything, lines that look like headers included. A record begins where a block of known
// header lines begins that follows another line and has one of the keys that open a record.
// Restart banners may stand between records. Read in order, each record inherits the time and the
// schema of the one before when it names none.

// slowState is what one record inherits from those before it.
type slowState struct {
	time        int64 // collectors.NoTime when known to be unknown
	timeKnown   bool
	schema      []byte
	schemaKnown bool
}

// opened says that the server opened its log anew: it names the schema of the next statement that has one.
func (s *slowState) opened() { s.schema, s.schemaKnown = s.schema[:0], true }

// slowEdges is what only the reader of the neighbouring pieces can complete.
type slowEdges struct {
	headEnd int       // records before it have no time of their own and were not handed on
	rest    int       // where a record begins that may go on in the next piece; else the length
	end     slowState // after the last record
	// inherits says that a statement has the schema of a record before the piece.
	inherits bool
}

// follow adds the edges of a run that begins at from, where the run before has ended.
func (e *slowEdges) follow(run slowEdges, from int) {
	if run.headEnd > 0 {
		e.headEnd = from + run.headEnd
	}
	e.rest, e.end = from+run.rest, run.end
	e.inherits = e.inherits || run.inherits
}

// A slowReader reads pieces of a slow log. It is used by one goroutine at a time.
type slowReader struct {
	st    collectors.Statement
	head  header
	lines lineEnds
	stamp stampMemo
	// patience is how much is still looked ahead at in the piece for the sake of doubtful headers.
	patience int
	holes    bool // NUL bytes lay between records of the piece
}

// read hands every record of the piece to the sink. What is known of the records before the piece
// comes in as state.
func (r *slowReader) read(p piece, state slowState, sink Sink, t *tally) slowEdges {
	buf := p.buf
	e := slowEdges{rest: len(buf), end: state}
	r.lines.reset(buf)
	if r.head.lines == nil && len(buf) >= leastMemo {
		r.head.lines = &lineMemo{}
	}
	r.patience, r.holes = leastPatience+patiencePerByte*len(buf), false
	pos := r.begin(p)
	if orphan := bytes.TrimPrefix(buf[:pos], byteOrderMark); !p.continued && !onlyBanner(orphan) {
		t.skip(p.base, t.lines+1, "text before the first header")
	} else if len(orphan) > 0 {
		r.holes = bytes.IndexByte(orphan, 0) >= 0
		if bytes.Contains(orphan, bannerMark) {
			e.end.opened()
		}
	}
	for pos < len(buf) && (p.until == 0 || pos < p.until) {
		st := r.reset(p.base + int64(pos))
		bodyStart := r.head.read(&r.lines, pos, st)
		end, verdict := r.recordEnd(bodyStart, p)
		if verdict == needMore || r.head.unfinished && !p.endsRecord() {
			e.rest = pos
			break
		}
		if verdict == ambiguous {
			t.warn("a header line may be part of a string literal; it was counted as a statement")
		}
		if end == len(buf) && p.torn {
			t.warn("a statement is longer than 16 MiB; its text was cut there")
		}
		body := buf[bodyStart:end]
		r.finish(st, body, &e.end)
		switch {
		case !r.head.hasQueryTime:
			t.skipRecord(p, pos, "header without Query_time")
		case p.last && end == len(buf) && len(st.SQL) == 0 && bodyStart == end:
			t.skipRecord(p, pos, "the log ends before the statement")
		case r.head.bad:
			t.skipRecord(p, pos, "Query_time is not a number")
		case st.End == collectors.NoTime && !e.end.timeKnown:
			e.headEnd = end
		default:
			t.events++
			e.inherits = e.inherits || st.SchemaInherited
			if sink.Statement != nil {
				sink.Statement(st)
			}
		}
		if n := len(body); n > 1 && (body[n-1] != '\n' || body[n-2] != ';') {
			r.holes = r.holes || body[n-1] == 0 || body[n-2] == 0
			if len(cutBanner(body)) < n {
				e.end.opened()
			}
		}
		pos = end
	}
	if r.holes {
		t.warn("NUL bytes lie between records: the log was truncated while its writer went on (copytruncate), or the machine crashed")
	}
	t.lines += int64(r.lines.before(e.rest))
	return e
}

// begin returns where the first record of a piece begins.
func (r *slowReader) begin(p piece) int {
	pos := nextStart(&r.lines, -1)
	if pos < 0 {
		return len(p.buf)
	}
	return unmasked(p.buf, 0, pos)
}

// first reads the header of the one record that a piece begins with, and returns where its body begins
// and ends.
func (r *slowReader) first(p piece) (body, end int) {
	r.lines = lineEnds{buf: p.buf}
	r.patience = leastPatience
	body = r.head.read(&r.lines, 0, r.reset(p.base))
	end, _ = r.recordEnd(body, p)
	return body, end
}

// blankStatement is what is known of a statement before its record is read; see blankRequest.
var blankStatement = collectors.Statement{
	End: collectors.NoTime, RowsSent: collectors.Unknown, RowsExamined: collectors.Unknown,
	RowsAffected: collectors.Unknown, BytesSent: collectors.Unknown,
	TmpTables: collectors.Unknown, TmpDiskTables: collectors.Unknown,
	MergePasses: collectors.Unknown, PagesRead: collectors.Unknown,
	ThreadID: collectors.Unknown, RateLimit: 1,
}

func (r *slowReader) reset(offset int64) *collectors.Statement {
	r.st = blankStatement
	r.st.Offset = offset
	return &r.st
}

// finish takes the body apart and settles schema and time. MySQL from 8.0.14 on stamps the start in
// "SET timestamp" but writes an exact end with its zone in "# Time" of every record.
func (r *slowReader) finish(st *collectors.Statement, body []byte, state *slowState) {
	sql, use, stamp := r.stamp.splitBody(body)
	st.SQL, st.Admin = adminCommand(sql)
	if r.head.counted {
		r.head.counters.plan(st)
	}
	switch {
	case r.head.end != collectors.NoTime:
		st.End = r.head.end
	case r.head.zoned:
		st.End = r.head.time
	case stamp != collectors.NoTime || r.head.time != collectors.NoTime:
		// "# Time" without a zone is the server's local time; "SET timestamp" says the same in UTC.
		if st.End = stamp; stamp == collectors.NoTime {
			st.End = r.head.time
		}
		// MySQL before 8.0.14 stamps the end of a statement. MariaDB stamps its start in both places,
		// as a statement of 20 seconds on 10.11.19 shows (testdata/slowlogs/mariadb1011-sleep20.log).
		if r.head.mariaDB {
			st.End += st.QueryTime
		}
	case state.timeKnown:
		st.End = state.time
	}
	if st.End != collectors.NoTime {
		state.time, state.timeKnown = st.End, true
	}
	switch {
	case use != nil:
		st.Schema = use
	case r.head.hasSchema:
		st.Schema = r.head.schema
	case state.schemaKnown:
		st.Schema = state.schema
		return
	default:
		st.SchemaInherited = true
		return
	}
	state.schema, state.schemaKnown = append(state.schema[:0], st.Schema...), true
	st.Schema = state.schema
}

var newline = []byte{'\n'}

// skipRecord skips the record at pos; its line is counted only where it will be told.
func (t *tally) skipRecord(p piece, pos int, why string) {
	line := int64(0)
	if len(t.skips) < MaxSkips {
		line = t.lines + int64(bytes.Count(p.buf[:pos], newline)) + 1
	}
	t.skip(p.base+int64(pos), line, why)
}

// A stampMemo remembers a "SET timestamp=N;" line: most servers write many statements each second.
type stampMemo struct {
	line []byte // with its end
	us   int64
}

// splitBody takes the lines that the server itself writes before a statement off a record's body:
// "use db;" and "SET timestamp=N;". When nothing follows them, the last is the statement.
func (m *stampMemo) splitBody(body []byte) (sql, use []byte, stamp int64) {
	stamp = collectors.NoTime
	sql = trimBlank(cutBanner(body))
	for len(sql) > 0 && (sql[0]|0x20 == 's' || sql[0]|0x20 == 'u') {
		if n := len(m.line); n > 0 && n < len(sql) && string(sql[:n]) == string(m.line) && !isBlank(sql[n]) {
			sql, stamp = sql[n:], m.us
			continue
		}
		end := bytes.IndexByte(sql, '\n')
		if end < 0 {
			break
		}
		line := trimBlank(sql[:end])
		if db, ok := useLine(line); ok {
			use = db
		} else if us, ok := timestampLine(line); ok {
			stamp = us
			m.line, m.us = append(m.line[:0], sql[:end+1]...), us
		} else {
			break
		}
		sql = sql[end+1:]
		for len(sql) > 0 && (sql[0] == '\r' || sql[0] == '\n') {
			sql = sql[1:]
		}
	}
	for n := len(sql); n > 0 && sql[n-1] == ';'; n = len(sql) {
		sql = trimBlank(sql[:n-1])
	}
	return sql, use, stamp
}

// trimBlank returns text without the white space at its end.
func trimBlank(text []byte) []byte {
	for n := len(text); n > 0; n-- {
		if !isBlank(text[n-1]) {
			return text[:n]
		}
	}
	return text[:0]
}

// isBlank takes the NUL bytes of a hole in the file for white space.
func isBlank(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == 0 }

// useLine returns the schema of "use db;" or "use `db`;".
func useLine(line []byte) (db []byte, ok bool) {
	if len(line) < 6 || !bytes.EqualFold(line[:4], []byte("use ")) || line[len(line)-1] != ';' {
		return nil, false
	}
	db = bytes.TrimSpace(line[4 : len(line)-1])
	if n := len(db); n >= 2 && db[0] == '`' && db[n-1] == '`' {
		db = db[1 : n-1]
	}
	if bytes.IndexByte(db, ';') >= 0 {
		return nil, false
	}
	return db, len(db) > 0
}

var (
	setWord   = []byte("SET ")
	stampWord = []byte("timestamp=")
)

// timestampLine returns N of "SET timestamp=N;", which may set insert ids on the way.
func timestampLine(line []byte) (us int64, ok bool) {
	if len(line) < 15 || !bytes.HasPrefix(line, setWord) || line[len(line)-1] != ';' {
		return 0, false
	}
	value := line[len(setWord):]
	if !bytes.HasPrefix(value, stampWord) {
		i := bytes.Index(value, stampWord)
		if i < 0 || bytes.IndexByte(value, '\'') >= 0 {
			return 0, false
		}
		value = value[i:]
	}
	us, rest, ok := millionths(value[len(stampWord):])
	return us, ok && len(rest) == 1
}

var adminPrefix = []byte("# administrator command: ")

func adminCommand(sql []byte) (text []byte, admin bool) {
	if bytes.HasPrefix(sql, adminPrefix) {
		return bytes.TrimRight(sql[len(adminPrefix):], "; \t"), true
	}
	return sql, false
}

// Banner lines are what a server writes when it opens its log.
var (
	bannerMark = []byte("started with:")
)

// cutBanner returns body without the restart banners at its end, whole or torn.
func cutBanner(body []byte) []byte {
	trimmed := trimBlank(body)
	if len(trimmed) == 0 || trimmed[len(trimmed)-1] == ';' {
		return body
	}
	// The banner is three lines; there may be several. None of them ends in a semicolon.
	for {
		i := bytes.LastIndexByte(trimmed, '\n')
		if !bannerLine(trimmed[i+1:]) {
			return body
		}
		if i < 0 {
			return nil
		}
		body = trimmed[:i+1]
		trimmed = trimBlank(body)
	}
}

func bannerLine(line []byte) bool {
	return bytes.Contains(line, bannerMark) && bytes.Contains(line, []byte(", Version: ")) ||
		bytes.HasPrefix(line, []byte("Tcp port: ")) || bytes.HasPrefix(line, []byte("TCP Port: ")) ||
		bytes.HasPrefix(line, []byte("Time")) && bytes.Equal(bytes.Join(bytes.Fields(line), []byte(" ")), []byte("Time Id Command Argument"))
}

// onlyBanner reports whether text is nothing but restart banners and blank lines.
func onlyBanner(text []byte) bool {
	for line := range bytes.Lines(text) {
		if line = bytes.Trim(line, " \t\r\n\x00"); len(line) > 0 && !bannerLine(line) {
			return false
		}
	}
	return true
}
