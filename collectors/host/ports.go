package host

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"strconv"
)

// maxSockets bounds the sockets whose peers are looked at: each costs the kernel and us a few µs.
const maxSockets = 100_000

// readPorts counts the local ports in use to the peer that has most of them. Ports run out to one
// address and port, not on the whole; each connection that this side closed keeps its port in
// TIME_WAIT.
func readPorts(p *pass) {
	var total uint64
	for _, file := range [...]string{"net/sockstat", "net/sockstat6"} {
		c, _ := p.sockets(file)
		total += c.inUse + c.timeWait
	}
	if total > maxSockets {
		p.miss("ports in use to one peer", fmt.Errorf("%d sockets are too many to look at", total), "ss -tan | awk '{print $5}' | sort | uniq -c | sort -rn | head")
		return
	}
	low, high, ok := p.portRange()
	if !ok {
		low, high = 32768, 60999
	}
	peers := map[string]int{}
	most, seen := 0, false
	for _, file := range [...]string{"net/tcp", "net/tcp6"} {
		f, err := os.Open(p.inProc(file))
		if absent(err) {
			continue
		}
		if err != nil {
			p.miss("ports in use to one peer", err, "")
			return
		}
		seen = true
		in := bufio.NewScanner(f)
		for in.Scan() {
			peer, port, ok := parseSocket(in.Bytes())
			if ok && port >= low && port <= high {
				peers[string(peer)]++
				most = max(most, peers[string(peer)])
			}
		}
		f.Close()
	}
	if seen {
		p.put("tcp.ports_to_peer", "", float64(most))
	}
}

// parseSocket reads the peer and the local port of a line of /proc/net/tcp: of a connection, not a
// listener.
func parseSocket(line []byte) (peer []byte, port uint64, ok bool) {
	_, rest := field(line)
	local, rest := field(rest)
	peer, rest = field(rest)
	state, _ := field(rest)
	const listening = "0A"
	i := bytes.LastIndexByte(local, ':')
	if i < 0 || len(state) != 2 || string(state) == listening {
		return nil, 0, false
	}
	port, err := strconv.ParseUint(string(local[i+1:]), 16, 16)
	return peer, port, err == nil
}

// portRange returns the first and last port that connections get.
func (s *Sampler) portRange() (low, high uint64, ok bool) {
	text, err := s.read(s.inProc("sys/net/ipv4/ip_local_port_range"))
	var r [2]uint64
	if err != nil || numbers(text, r[:]) != 2 || r[1] < r[0] {
		return 0, 0, false
	}
	return r[0], r[1], true
}
