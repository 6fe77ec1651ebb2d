package host

import (
	"bytes"
	"errors"
	"fmt"
)

// readTCP reads what the kernel counts of TCP: /proc/net/snmp, netstat and sockstat.
func readTCP(p *pass) {
	path := p.inProc("net/snmp")
	text, err := p.read(path)
	if err != nil {
		p.miss("TCP", err, "")
		return
	}
	if !columns(text, "Tcp:", func(name []byte, n uint64) {
		switch string(name) {
		case "CurrEstab":
			p.put("tcp.established", "", float64(n))
		case "OutSegs":
			p.rate("tcp.segments_out", "", n, 1)
		case "RetransSegs":
			p.rate("tcp.retransmits", "", n, 1)
		}
	}) {
		p.miss("TCP", fmt.Errorf("%s has no Tcp: lines", path), "")
	}
	text, err = p.read(p.inProc("net/netstat"))
	if err != nil {
		p.miss("overflows of accept queues", err, "")
	} else if !columns(text, "TcpExt:", func(name []byte, n uint64) {
		switch string(name) {
		case "ListenOverflows":
			p.rate("tcp.listen_overflows", "", n, 1)
		case "ListenDrops":
			p.rate("tcp.listen_drops", "", n, 1)
		}
	}) {
		p.miss("overflows of accept queues", errors.New("/proc/net/netstat has no TcpExt: lines"), "")
	}
	if tcp, ok := p.sockets("net/sockstat"); ok {
		p.put("tcp.time_wait", "", float64(tcp.timeWait))
	} else {
		p.miss("sockets in TIME_WAIT", errors.New("/proc/net/sockstat cannot be read"), "ss -s")
	}
}

// columns reads a pair of lines that begin with prefix: names, and values below them.
func columns(text []byte, prefix string, do func(name []byte, n uint64)) (found bool) {
	var names []byte
	for line := range bytes.Lines(text) {
		rest, ok := bytes.CutPrefix(line, []byte(prefix))
		if !ok {
			continue
		}
		if names == nil {
			names = rest
			continue
		}
		for {
			var name, value []byte
			name, names = field(names)
			value, rest = field(rest)
			if len(name) == 0 || len(value) == 0 {
				return found
			}
			if n, ok := number(value); ok { // MaxConn is -1
				do(name, n)
				found = true
			}
		}
	}
	return found
}

// A socketCount is what sockstat says of TCP.
type socketCount struct{ inUse, timeWait uint64 }

func (s *Sampler) sockets(file string) (c socketCount, ok bool) {
	text, err := s.read(s.inProc(file))
	if err != nil {
		return c, false
	}
	for line := range bytes.Lines(text) {
		name, rest := field(line)
		if n := string(name); n != "TCP:" && n != "TCP6:" {
			continue
		}
		for len(rest) > 0 {
			var key, value []byte
			key, rest = field(rest)
			value, rest = field(rest)
			n, isNumber := number(value)
			switch {
			case !isNumber:
			case string(key) == "inuse":
				c.inUse, ok = n, true
			case string(key) == "tw":
				c.timeWait, ok = n, true
			}
		}
	}
	return c, ok
}
