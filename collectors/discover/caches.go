package discover

import (
	"net"
	"strings"
)

func (f *finder) findCaches() {
	for i := range f.processes {
		switch p := &f.processes[i]; p.name {
		case "redis-server", "valkey-server":
			f.redisServer(p)
		case "memcached":
			f.memcachedServer(p)
		}
	}
}

// redisServer reads the title that the server gives itself: "redis-server 127.0.0.1:6379 [cluster]" or
// "redis-server unixsocket:/run/redis.sock".
func (f *finder) redisServer(p *process) {
	x := Found{Kind: Redis, Role: "cache", PID: p.pid, How: p.how("")}
	if all, _ := f.ofProcess(p); len(all) > 0 {
		x.Where = all[0].addr
		for _, l := range all { // the port of a cluster's bus is 10,000 above
			if l.port != 0 && l.port < 10_000 || l.port == 0 && strings.HasPrefix(x.Where, "/") {
				x.Where = l.addr
				break
			}
		}
	}
	if x.Where == "" && len(p.args) > 1 {
		title := p.args[1]
		x.How = p.how(title)
		if path, ok := strings.CutPrefix(title, "unixsocket:"); ok {
			x.Where = p.in(path)
		} else if host, port, err := net.SplitHostPort(title); err == nil {
			x.Where = net.JoinHostPort(reachable(host), port)
		} else if port, ok := p.option("port"); ok {
			x.Where = net.JoinHostPort("127.0.0.1", port)
		}
	}
	if x.Where == "" {
		x.Where = "127.0.0.1:6379"
	}
	f.addServer(x)
}

// reachable is where we reach what listens everywhere.
func reachable(host string) string {
	switch host {
	case "", "*", "0.0.0.0", "::":
		return "127.0.0.1"
	}
	return host
}

// memcachedServer reads the arguments -s, -p and -l.
func (f *finder) memcachedServer(p *process) {
	x := Found{Kind: Memcached, Role: "cache", PID: p.pid, How: p.how("")}
	if all, _ := f.ofProcess(p); len(all) > 0 {
		x.Where = all[0].addr
		f.addServer(x)
		return
	}
	host, port := "", "11211"
	for i, a := range p.args[1:] {
		value := func() string {
			if len(a) > 2 {
				return strings.TrimPrefix(a[2:], "=")
			}
			if i+2 < len(p.args) {
				return p.args[i+2]
			}
			return ""
		}
		switch {
		case strings.HasPrefix(a, "-s") && value() != "":
			x.Where, x.How = p.in(value()), p.how("-s "+value())
		case strings.HasPrefix(a, "-p") && value() != "":
			port, x.How = value(), p.how("-p "+value())
		case strings.HasPrefix(a, "-l") && value() != "":
			host, _, _ = strings.Cut(value(), ",")
		}
	}
	if x.Where == "" {
		if h, prt, err := net.SplitHostPort(host); err == nil { // "-l host:port"
			host, port = h, prt
		}
		x.Where = net.JoinHostPort(reachable(host), port)
	}
	f.addServer(x)
}
