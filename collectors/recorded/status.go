package recorded

import (
	"bytes"
	"errors"
	"strconv"

	"dbtriage/collectors"
)

// pair reads a line of two columns as the mysql client and mysqladmin write them: between bars, or
// with a tab. The value may hold either.
func pair(line []byte) (name, value []byte, ok bool) {
	if rest, table := bytes.CutPrefix(line, []byte("|")); table {
		end := bytes.LastIndexByte(rest, '|')
		if end < 0 {
			return nil, nil, false
		}
		name, value, ok = bytes.Cut(rest[:end], []byte("|"))
	} else {
		name, value, ok = bytes.Cut(line, []byte("\t"))
	}
	return bytes.TrimSpace(name), bytes.TrimSpace(value), ok
}

// names returns the names of the first pairs of a head.
func names(head []byte) map[string]bool {
	out := map[string]bool{}
	for line := range bytes.Lines(head) {
		if name, _, ok := pair(line); ok {
			out[string(name)] = true
		}
	}
	return out
}

func sniffStatus(head []byte, _ string) bool {
	if !bytes.Contains(head, []byte("Aborted_clients")) {
		return false
	}
	n := names(head)
	return n["Aborted_clients"] && (n["Bytes_received"] || n["Bytes_sent"] || n["Connections"])
}

func sniffVariables(head []byte, _ string) bool {
	if !bytes.Contains(head, []byte("auto_increment_increment")) && !bytes.Contains(head, []byte("innodb_buffer_pool_size")) {
		return false
	}
	n := names(head)
	return (n["auto_increment_increment"] || n["innodb_buffer_pool_size"]) && (n["basedir"] || n["datadir"] || n["max_connections"] || n["Variable_name"])
}

// readVariables reads SHOW VARIABLES, as a table or as mysql -B prints it.
func readVariables(r *reader) error {
	return r.each(func(line []byte) error {
		name, value, ok := pair(line)
		switch {
		case len(line) == 0 || line[0] == '+':
		case !ok || !variableName(name):
			r.skip("no name and value of a variable")
		case string(name) == "Variable_name":
		default:
			r.res.Events++
			r.sink.Setting(string(name), string(value[:min(len(value), maxColumn)]))
		}
		return nil
	})
}

func variableName(name []byte) bool {
	for _, c := range name {
		if c != '_' && c != '.' && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return false
		}
	}
	return len(name) > 0 && len(name) <= 128
}

// errRelative refuses what cannot be told apart from a server that restarts each second.
var errRelative = errors.New("this is mysqladmin -r, which prints differences: record without -r, the differences are computed here")

// A counter is one number of a frame.
type counter struct {
	name  string
	value float64
}

// A frame is one output of SHOW GLOBAL STATUS.
type frame struct {
	stamp    int64 // collectors.NoTime when the text has none
	uptime   float64
	counters []counter
}

// A statusReader puts frames on the time axis. The server's own clock, Uptime, says how far they
// are apart; a stamp in the text, the name of the file or the time it was last written says when.
type statusReader struct {
	*reader
	cur  frame
	held []frame // kept back: the first until -r is ruled out, all while no instant is known
	seen int
	last float64 // Uptime of the frame handed on last
	at   int64   // its instant
}

// maxHeld bounds the frames kept back for want of an instant.
const maxHeld = 4096

func readStatus(r *reader) error {
	s := &statusReader{reader: r, at: collectors.NoTime, cur: frame{stamp: collectors.NoTime}}
	err := r.each(s.line)
	if ended := s.end(); err == nil {
		err = ended
	}
	if flushed := s.flush(true); err == nil {
		err = flushed
	}
	return err
}

func (s *statusReader) line(line []byte) error {
	if us, ok := stamp(line); ok {
		err := s.end()
		s.cur.stamp = us
		return err
	}
	name, value, ok := pair(line)
	switch {
	case len(line) == 0 || line[0] == '+':
	case !ok || !variableName(name):
		s.skip("no name and value of a status variable")
	case string(name) == "Variable_name":
		return s.end()
	default:
		v, err := strconv.ParseFloat(string(value), 64)
		if err != nil {
			break // ON, a name, a certificate: not what is counted
		}
		if string(name) == "Uptime" {
			s.cur.uptime = v
		}
		if len(s.cur.counters) >= maxCounters {
			return errors.New("more status variables in one output than any server has")
		}
		s.cur.counters = append(s.cur.counters, counter{string(name), v})
	}
	return nil
}

// maxCounters bounds the numbers of one frame; MariaDB 11 has some six hundred.
const maxCounters = 20_000

// end closes a frame.
func (s *statusReader) end() error {
	f := s.cur
	if len(f.counters) == 0 {
		return nil
	}
	s.cur = frame{stamp: collectors.NoTime}
	s.held = append(s.held, f)
	s.seen++
	return s.flush(false)
}

// flush hands on the frames held back as soon as it is known when they were; at the end in any case.
func (s *statusReader) flush(ended bool) error {
	if s.seen < 3 && !ended {
		return nil
	}
	if s.seen >= 3 && s.at == collectors.NoTime && len(s.held) >= 3 {
		if h := s.held; h[1].uptime < h[0].uptime && h[2].uptime == h[1].uptime {
			return errRelative
		}
	}
	if s.at == collectors.NoTime && len(s.held) > 0 {
		at, ok := s.first(ended)
		if !ok {
			if len(s.held) >= maxHeld {
				s.held = s.held[1:]
			}
			return nil
		}
		s.at, s.last = at, s.held[0].uptime
	}
	for i := range s.held {
		s.put(&s.held[i])
	}
	s.held = s.held[:0]
	return nil
}

// first is the instant of the first frame held.
func (s *statusReader) first(ended bool) (us int64, ok bool) {
	if s.held[0].stamp != collectors.NoTime {
		return s.held[0].stamp, true
	}
	if begin, ok := s.opt.begin(); ok {
		return begin, true
	}
	if !ended {
		return collectors.NoTime, false
	}
	if s.opt.Modified == collectors.NoTime {
		s.warn("neither the text nor the name of the file says when this was: it is on no time axis")
		return collectors.NoTime, false
	}
	s.warn("the instant is taken from when the file was last written")
	span := 0.0
	for i := 1; i < len(s.held); i++ {
		span += s.step(s.held[i-1].uptime, s.held[i].uptime)
	}
	return s.opt.Modified - int64(span*1e6), true
}

// step is how long after one frame the next was. After a restart the server's clock says only how
// long it has been up since.
func (s *statusReader) step(before, now float64) float64 {
	if d := now - before; d >= 0 {
		return d
	}
	return max(now, 1)
}

func (s *statusReader) put(f *frame) {
	switch {
	case f.stamp != collectors.NoTime:
		s.at = f.stamp
	case f.uptime > 0:
		s.at += int64(s.step(s.last, f.uptime) * 1e6)
	}
	s.last = f.uptime
	for _, c := range f.counters {
		s.sample(s.at, "mysql.status."+c.name, "", c.value)
	}
}
