package host

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// The columns of /proc/net/dev.
const (
	rxBytes = iota
	rxPackets
	rxErrors
	rxDrops
	_
	_
	_
	_
	txBytes
	txPackets
	txErrors
	txDrops
	netColumns
)

// maxInterfaces bounds the interfaces that are told: a host of containers has hundreds of pairs.
const maxInterfaces = 64

// readNetwork reads /proc/net/dev: what every interface that ever carried anything does.
func readNetwork(p *pass) {
	path := p.inProc("net/dev")
	text, err := p.read(path)
	if err != nil {
		p.miss("network interfaces", err, "")
		return
	}
	type line struct {
		name string
		c    [netColumns]uint64
	}
	var lines []line // their link speeds are read into the same buffer
	bad := 0
	for text := range bytes.Lines(text) {
		name, rest, ok := bytes.Cut(text, []byte(":"))
		if !ok {
			continue // the heading
		}
		l := line{name: string(bytes.TrimSpace(name))}
		if l.name == "" || numbers(rest, l.c[:]) < netColumns {
			bad++
			continue
		}
		if l.c[rxPackets]+l.c[txPackets] > 0 && len(lines) < maxInterfaces {
			lines = append(lines, l)
		}
	}
	if bad > 0 {
		p.miss("network interfaces", fmt.Errorf("%s: %d lines are no interface's", path, bad), "")
	}
	for i := range lines {
		name, c := lines[i].name, &lines[i].c
		p.rate("net.rx_bytes", name, c[rxBytes], 1)
		p.rate("net.tx_bytes", name, c[txBytes], 1)
		p.rate("net.rx_packets", name, c[rxPackets], 1)
		p.rate("net.tx_packets", name, c[txPackets], 1)
		p.both("net.drops", name, c[rxDrops], c[txDrops])
		p.both("net.errors", name, c[rxErrors], c[txErrors])
		if speed, ok := p.linkSpeed(name); ok {
			p.put("net.speed", name, speed)
		}
	}
}

// both puts the rate of two counters together.
func (p *pass) both(metric, instance string, in, out uint64) {
	a, seconds, ok1 := p.grown(metric+" in", instance, in)
	b, _, ok2 := p.grown(metric+" out", instance, out)
	if ok1 && ok2 && seconds > 0 {
		p.put(metric, instance, (a+b)/seconds)
	}
}

// linkSpeed returns the speed of a link in bytes per second. Virtual links and those that are down say
// -1 or nothing: their speed is not known.
func (p *pass) linkSpeed(name string) (speed float64, ok bool) {
	if strings.Contains(name, "/") || name == "." || name == ".." {
		return 0, false
	}
	if p.since >= p.speedsDue {
		p.speedsDue = p.since + forget
		clear(p.speeds)
	}
	speed, have := p.speeds[name]
	if !have {
		if w, ok := p.word(p.inSys("class/net/" + name + "/speed")); ok {
			if mbit, err := strconv.ParseInt(w, 10, 32); err == nil && mbit > 0 {
				speed = float64(mbit) * 1e6 / 8
			}
		}
		p.speeds[name] = speed // 0 when not known
	}
	return speed, speed > 0
}
