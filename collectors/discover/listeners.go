package discover

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// A listener is a socket that accepts connections.
type listener struct {
	addr  string // "127.0.0.1:3306" as we reach it, or a path
	port  int    // 0 for a path
	inode string
}

// maxSockets bounds the lines that are looked at.
const maxSockets = 1_000_000

// readListeners reads what listens in our network namespace.
func (f *finder) readListeners() []listener {
	var out []listener
	for _, file := range []string{"tcp", "tcp6"} {
		f.eachLine("net/"+file, func(fields []string) {
			if len(fields) < 10 || fields[3] != "0A" { // TCP_LISTEN
				return
			}
			if l, ok := tcpListener(fields[1]); ok {
				l.inode = fields[9]
				out = append(out, l)
			}
		})
	}
	f.eachLine("net/unix", func(fields []string) {
		const acceptsConnections = "00010000"
		if len(fields) == 8 && fields[3] == acceptsConnections && strings.HasPrefix(fields[7], "/") {
			out = append(out, listener{addr: fields[7], inode: fields[6]})
		}
	})
	return out
}

func (f *finder) eachLine(file string, do func(fields []string)) {
	in, err := os.Open(filepath.Join(f.roots.Proc, file))
	if err != nil {
		return
	}
	defer in.Close()
	lines := bufio.NewScanner(in)
	for n := 0; n < maxSockets && lines.Scan() && f.ctx.Err() == nil; n++ {
		do(strings.Fields(lines.Text()))
	}
}

// tcpListener reads "0100007F:0CEA": the words of the address are in the host's order of bytes,
// which is little-endian wherever this program is built for. What listens everywhere is reached on
// the loopback.
func tcpListener(text string) (l listener, ok bool) {
	host, port, ok := strings.Cut(text, ":")
	n, err := strconv.ParseUint(port, 16, 16)
	raw, err2 := hex.DecodeString(host)
	if !ok || err != nil || err2 != nil || len(raw) != 4 && len(raw) != 16 || n == 0 {
		return l, false
	}
	for i := 0; i < len(raw); i += 4 {
		slices.Reverse(raw[i : i+4])
	}
	ip := net.IP(raw)
	if ip.IsUnspecified() {
		ip = net.IPv4(127, 0, 0, 1)
	}
	return listener{addr: net.JoinHostPort(ip.String(), strconv.Itoa(int(n))), port: int(n)}, true
}

// ofProcess returns what a process listens on. known is false when its descriptors may not be read.
func (f *finder) ofProcess(p *process) (all []listener, known bool) {
	if p.foreignNet {
		return nil, false
	}
	dir := filepath.Join(f.roots.Proc, strconv.Itoa(p.pid), "fd")
	fds, err := os.ReadDir(dir)
	if err != nil {
		return nil, false
	}
	for _, fd := range fds {
		link, err := os.Readlink(filepath.Join(dir, fd.Name()))
		inode, isSocket := strings.CutPrefix(link, "socket:[")
		if err != nil || !isSocket {
			continue
		}
		inode = strings.TrimSuffix(inode, "]")
		for _, l := range f.listeners {
			if l.inode == inode && !slices.Contains(all, l) {
				all = append(all, l)
			}
		}
	}
	return all, true
}

// listening returns the listener of a port; ok is false when nothing listens there.
func (f *finder) listening(port int) (l listener, ok bool) {
	for _, l := range f.listeners {
		if l.port == port {
			return l, true
		}
	}
	return l, false
}

// wellKnown are the ports and sockets of servers whose process is not seen.
var wellKnown = []struct {
	kind, role string
	port       int
	sockets    []string
}{
	{MySQL, "db", 3306, []string{"/run/mysqld/mysqld.sock", "/var/run/mysqld/mysqld.sock", "/var/lib/mysql/mysql.sock", "/tmp/mysql.sock"}},
	{Redis, "cache", 6379, []string{"/run/redis/redis-server.sock", "/var/run/redis/redis.sock", "/tmp/redis.sock"}},
	{Memcached, "cache", 11211, []string{"/run/memcached/memcached.sock"}},
}

// findByPort tells of servers by what listens, where no process of their kind is seen.
func (f *finder) findByPort() {
	for _, w := range wellKnown {
		if f.has(w.kind) {
			continue
		}
		for _, l := range f.listeners {
			if l.port == 0 && slices.Contains(w.sockets, l.addr) {
				f.addServer(Found{Kind: w.kind, Role: w.role, Where: l.addr, How: "socket " + l.addr})
				break
			}
		}
		if l, ok := f.listening(w.port); ok && !f.has(w.kind) {
			f.addServer(Found{Kind: w.kind, Role: w.role, Where: l.addr, How: fmt.Sprintf("port %d listens", w.port)})
		}
	}
}

// addServer keeps a server; a socket must be writable to be used.
func (f *finder) addServer(x Found) {
	x.State = Readable
	if strings.HasPrefix(x.Where, "/") {
		x.State, x.Why, x.Provide = f.accessSocket(x.Where)
	}
	f.add(x)
}
