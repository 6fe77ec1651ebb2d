// Package memcached reads the statistics of a memcached server over its text protocol.
package memcached

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"net"
	"strconv"
	"strings"
	"syscall"
	"time"

	"dbtriage/collectors"
)

// A Memcached is one server. It is asked by one goroutine at a time.
type Memcached struct {
	addr, instance string
	conn           net.Conn
	in             *bufio.Reader
	counters       collectors.Counters
	version        string // told last
}

// New makes a Memcached at "host:port" or the path of a socket; it connects with the first Read.
// Instance names it among several of one host, in samples; empty for the only one.
func New(addr, instance string) *Memcached { return &Memcached{addr: addr, instance: instance} }

// Close ends the connection.
func (m *Memcached) Close() {
	if m.conn != nil {
		_ = m.conn.Close()
		m.conn = nil
	}
}

// patience bounds a Read whose context has no deadline.
const patience = 5 * time.Second

// Read asks the server once. Rates are of the time since the Read before; the first has none. The
// error is a *collectors.SourceError.
func (m *Memcached) Read(ctx context.Context, now time.Time) (collectors.Reading, error) {
	out := collectors.Reading{At: now.UnixMicro(), Source: "memcached " + m.addr, Role: "cache"}
	begun := time.Now()
	kept := m.conn != nil
	stats, err := m.ask(ctx)
	if err != nil && kept && ctx.Err() == nil { // the server may have closed an idle connection
		stats, err = m.ask(ctx)
	}
	if err != nil {
		return out, m.explain(err)
	}
	m.add(&out, stats)
	asked := time.Now()
	if err := m.roundTrip(); err == nil {
		out.Samples = append(out.Samples, collectors.Sample{At: out.At, Name: "memcached.latency", Instance: m.instance, Value: time.Since(asked).Seconds()})
	} else {
		m.Close()
		out.Missing = append(out.Missing, collectors.Missing{What: "latency of memcached", Why: err.Error()})
	}
	out.CostUS = time.Since(begun).Microseconds()
	return out, nil
}

// errProtocol is an answer that memcached does not give.
var errProtocol = errors.New("the answer to stats is not of memcached's text protocol")

// maxStats bounds the lines of one answer; version 1.6 has a hundred.
const maxStats = 2_000

// ask connects if need be and asks for statistics.
func (m *Memcached) ask(ctx context.Context) (stats map[string]string, err error) {
	defer func() {
		if err != nil {
			m.Close()
		}
	}()
	if m.conn == nil {
		network := "tcp"
		if strings.HasPrefix(m.addr, "/") {
			network = "unix"
		}
		d := net.Dialer{Timeout: patience}
		if m.conn, err = d.DialContext(ctx, network, m.addr); err != nil {
			return nil, err
		}
		m.in = bufio.NewReaderSize(m.conn, 4<<10)
	}
	deadline, ok := ctx.Deadline()
	if !ok {
		deadline = time.Now().Add(patience)
	}
	if err := m.conn.SetDeadline(deadline); err != nil {
		return nil, err
	}
	if _, err := m.conn.Write([]byte("stats\r\n")); err != nil {
		return nil, err
	}
	stats = map[string]string{}
	for range maxStats {
		line, err := m.line()
		if err != nil {
			return nil, err
		}
		if line == "END" {
			return stats, nil
		}
		rest, ok := strings.CutPrefix(line, "STAT ")
		name, value, ok2 := strings.Cut(rest, " ")
		if !ok || !ok2 {
			return nil, errProtocol
		}
		stats[name] = value
	}
	return nil, errProtocol
}

// line reads one line; one that is too long is of another protocol.
func (m *Memcached) line() (string, error) {
	line, err := m.in.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		return "", errProtocol
	}
	return strings.TrimRight(string(line), "\r\n"), err
}

// roundTrip has the server answer a command that does no work.
func (m *Memcached) roundTrip() error {
	if _, err := m.conn.Write([]byte("version\r\n")); err != nil {
		return err
	}
	line, err := m.line()
	if err == nil && !strings.HasPrefix(line, "VERSION ") {
		err = errProtocol
	}
	return err
}

func (m *Memcached) explain(err error) error {
	e := &collectors.SourceError{Err: fmt.Errorf("%s: %w", m.addr, err)}
	switch {
	case errors.Is(err, errProtocol):
		e.Provide = "does memcached listen there? One that asks for SASL or speaks the binary protocol only cannot be read"
	case errors.Is(err, fs.ErrPermission):
		e.Denied, e.Provide = true, "setfacl -m u:$USER:rw "+m.addr
	case errors.Is(err, syscall.ECONNREFUSED):
		e.Provide = "nothing listens there: is the server up?"
	}
	return e
}

// A field is a sample that is one statistic, or its growth.
type field struct{ metric, name string }

var gauges = []field{
	{"memcached.items", "curr_items"}, {"memcached.memory", "bytes"}, {"memcached.memory_max", "limit_maxbytes"},
	{"memcached.clients", "curr_connections"}, {"memcached.clients_max", "max_connections"},
}

var rates = []field{
	{"memcached.lookups", "cmd_get"}, {"memcached.sets", "cmd_set"}, {"memcached.evictions", "evictions"},
	{"memcached.rejected", "rejected_connections"}, {"memcached.refusals", "listen_disabled_num"}, {"memcached.connections", "total_connections"},
	{"memcached.net_in", "bytes_read"}, {"memcached.net_out", "bytes_written"},
}

// add makes samples of the statistics.
func (m *Memcached) add(out *collectors.Reading, stats map[string]string) {
	num := func(name string) (v float64, ok bool) {
		v, err := strconv.ParseFloat(stats[name], 64)
		return v, err == nil && v >= 0 && !math.IsInf(v, 0)
	}
	put := func(name string, v float64, ok bool) {
		if ok {
			out.Samples = append(out.Samples, collectors.Sample{At: out.At, Name: name, Instance: m.instance, Value: v})
		}
	}
	for _, g := range gauges {
		v, ok := num(g.name)
		put(g.metric, v, ok)
	}
	used, ok1 := num("bytes")
	limit, ok2 := num("limit_maxbytes")
	put("memcached.memory_used", used/limit, ok1 && ok2 && limit > 0)

	counts := map[string]float64{}
	for _, name := range []string{"get_hits", "get_misses"} {
		if v, ok := num(name); ok {
			counts[name] = v
		}
	}
	for _, c := range rates {
		if v, ok := num(c.name); ok {
			counts[c.name] = v
		}
	}
	user, ok1 := num("rusage_user")
	system, ok2 := num("rusage_system")
	if ok1 && ok2 {
		counts["cpu"] = user + system
	}
	uptime, ok := num("uptime")
	if !ok {
		uptime = -1
	}
	g := m.counters.Advance(out.At, uptime, counts)
	for _, c := range rates {
		v, ok := g.Rate(c.name)
		put(c.metric, v, ok)
	}
	v, ok := g.Rate("cpu")
	put("memcached.cpu", v, ok)
	v, ok = g.Share("get_hits", "get_misses")
	put("memcached.hit_rate", v, ok)
	if version := stats["version"]; version != "" && version != m.version {
		name := "memcached.version"
		if m.instance != "" {
			name = "memcached." + m.instance + ".version"
		}
		out.Settings, m.version = map[string]string{name: version}, version
	}
}
