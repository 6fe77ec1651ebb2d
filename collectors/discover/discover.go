// Package discover finds what there is to look at on a host: servers by process, port and socket,
// their option files, their logs and the formats of these. It only reads.
//
//  1. Processes are recognised by name; their arguments name option files, ports and sockets.
//  2. Option files and nginx.conf are read with what they include: paths of logs, log formats.
//  3. Ports that listen tell of servers whose process is not seen, in a container say.
//  4. Each thing is tried: one that may not be read comes with the command that would allow it.
//
// What a server itself says later is better: a setting may have been changed since it was started.
package discover

import (
	"cmp"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Roots say where to look. The zero value is this host.
type Roots struct {
	Proc string // /proc when empty
	FS   string // put before every other path; empty is the real root
	As   *User  // whose rights count; nil is who runs the program
}

// The kinds of what is found.
const (
	MySQL      = "mysql"
	Redis      = "redis"
	Memcached  = "memcached"
	Nginx      = "nginx"
	StubStatus = "stub_status"
	OptionFile = "option file"
	SlowLog    = "slow log"
	ErrorLog   = "error log"
	AccessLog  = "access log"
)

// The states of what is found.
const (
	Readable = "readable" // a file that may be read, or a server that may be asked
	Denied   = "denied"   // it is there and may not be read
	Absent   = "absent"   // it is configured and not there
	Off      = "off"      // it is switched off
)

// A Found is one thing that was found. Its texts come from processes and files: hostile.
type Found struct {
	Kind  string
	Role  string // db, cache or web
	Where string // path, "host:port", path of a socket, or URL
	How   string // "process 812 --defaults-file=/etc/my.cnf"
	State string
	// Why says what is behind a state that is not Readable, and Provide what would help, a command
	// where there is one.
	Why, Provide string

	PID int // of the server; 0 when its process is not seen
	// OptionFiles are those a MySQL server read, for its settings, in their order.
	OptionFiles []string
	// Conf is the text of an Nginx' configuration with what it includes, of which the log formats are read.
	Conf string
	// Format is the name of an access log's log_format.
	Format string
	// MaxConnections of an Nginx: workers × worker_connections; 0 when not known.
	MaxConnections float64
}

// A finder gathers what is found.
type finder struct {
	roots     Roots
	ctx       context.Context
	processes []process
	listeners []listener
	found     []Found
}

// Find looks for servers and their files. It never fails: what cannot be looked at is not found, or
// is found as denied.
func Find(ctx context.Context, roots Roots) []Found {
	if roots.Proc == "" {
		roots.Proc = "/proc"
	}
	f := &finder{roots: roots, ctx: ctx}
	f.processes = f.readProcesses()
	f.listeners = f.readListeners()
	f.findMySQL()
	f.findCaches()
	f.findNginx()
	f.findByPort()
	f.findByPath()
	slices.SortStableFunc(f.found, func(a, b Found) int {
		return cmp.Or(cmp.Compare(roleOrder(a.Role), roleOrder(b.Role)), cmp.Compare(a.PID, b.PID))
	})
	return f.found
}

func roleOrder(role string) int { return slices.Index([]string{"db", "cache", "web"}, role) }

// add keeps what was found, once.
func (f *finder) add(x Found) {
	if !slices.ContainsFunc(f.found, func(have Found) bool { return have.Kind == x.Kind && have.Where == x.Where }) {
		f.found = append(f.found, x)
	}
}

// has reports whether a server of a kind was found.
func (f *finder) has(kind string) bool {
	return slices.ContainsFunc(f.found, func(x Found) bool { return x.Kind == kind })
}

// addFile keeps a file with its state.
func (f *finder) addFile(x Found) {
	x.State, x.Why, x.Provide = f.access(x.Where)
	f.add(x)
}

// path is where a path of the host is found under the root that is searched.
func (f *finder) path(p string) string { return filepath.Join(f.roots.FS, p) }

// maxConf bounds the text of one configuration file.
const maxConf = 1 << 20

// text reads a small file of the host; ok is false when it cannot be read or is none.
func (f *finder) text(path string) (text string, ok bool) {
	info, err := os.Stat(f.path(path))
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxConf || !f.may(path) {
		return "", false
	}
	b, err := os.ReadFile(f.path(path))
	return string(b), err == nil
}

// glob expands a pattern of the host.
func (f *finder) glob(pattern string) []string {
	matches, _ := filepath.Glob(f.path(pattern))
	for i := range matches {
		if f.roots.FS != "" {
			matches[i] = "/" + strings.TrimPrefix(strings.TrimPrefix(matches[i], filepath.Clean(f.roots.FS)), "/")
		}
	}
	return matches
}
