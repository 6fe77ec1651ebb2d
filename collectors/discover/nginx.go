package discover

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"dbtriage/collectors/logs"
)

// defaultConfs are where an Nginx looks for its configuration, by who built it.
var defaultConfs = []string{"/etc/nginx/nginx.conf", "/usr/local/nginx/conf/nginx.conf", "/usr/local/openresty/nginx/conf/nginx.conf", "/usr/local/etc/nginx/nginx.conf"}

func (f *finder) findNginx() {
	for i := range f.processes {
		p := &f.processes[i]
		// "nginx: master process /usr/sbin/nginx -c /etc/nginx/nginx.conf"; without a master the
		// program keeps its arguments.
		isMaster := strings.HasPrefix(p.args[0], "nginx:") && len(p.args) > 1 && p.args[1] == "master"
		isSingle := !strings.HasPrefix(p.args[0], "nginx:") && filepath.Base(p.args[0]) == p.name
		if (p.name == "nginx" || p.name == "openresty") && (isMaster || isSingle) {
			f.nginxServer(p)
		}
	}
}

// An nginxConf gathers what a configuration says, with what it includes.
type nginxConf struct {
	finder  *finder
	process *process
	prefix  string // of relative paths
	dir     string // of the configuration, for relative includes
	file    string // being read
	text    strings.Builder
	files   int
	found   []Found

	workers, connections float64
	autoWorkers          bool
	blocks               [][]string // around an include
	listen               map[string]string
	statusPages          []statusPage
	serverID             int
	logged, errorLogged  bool
}

// A statusPage is a location with stub_status.
type statusPage struct {
	server, uri, how string
}

func (f *finder) nginxServer(p *process) {
	conf, how := "", p.how("")
	prefix := ""
	for i, a := range p.args[:len(p.args)-1] {
		switch a {
		case "-c":
			conf, how = p.args[i+1], p.how("-c "+p.args[i+1])
		case "-p":
			prefix = p.args[i+1]
		}
	}
	if conf == "" {
		for _, c := range defaultConfs {
			if _, err := os.Stat(f.path(p.in(c))); err == nil {
				conf = c
				break
			}
		}
		if prefix != "" {
			conf = filepath.Join(prefix, "conf/nginx.conf")
		}
	}
	if conf == "" {
		f.add(Found{Kind: Nginx, Role: "web", PID: p.pid, Where: "nginx.conf", How: how, State: Absent, Why: "its configuration was not found", Provide: "give it by --nginx-conf"})
		return
	}
	if prefix == "" { // of which builds differ: the directory above conf/, else that of the configuration
		prefix = strings.TrimSuffix(filepath.Dir(conf), "/conf")
	}
	c := &nginxConf{finder: f, process: p, prefix: prefix, dir: filepath.Dir(under(conf, prefix)), connections: 512, workers: 1, listen: map[string]string{}}
	server := Found{Kind: Nginx, Role: "web", PID: p.pid, Where: p.in(under(conf, prefix)), How: how}
	server.State, server.Why, server.Provide = f.access(server.Where)
	c.read(server.Where)
	server.Conf = c.text.String()
	if n := f.workers(p.pid); n > 0 {
		c.workers, c.autoWorkers = n, false
	}
	if !c.autoWorkers {
		server.MaxConnections = c.workers * c.connections
	}
	f.add(server)
	for _, x := range c.found {
		if x.Kind == StubStatus {
			f.add(x)
			continue
		}
		f.addFile(x)
	}
	for _, page := range c.statusPages {
		url := c.listen[page.server]
		if url == "" {
			url = "http://127.0.0.1:80"
		}
		separator := ""
		if strings.HasPrefix(url, "unix:") {
			separator = ":"
		}
		f.add(Found{Kind: StubStatus, Role: "web", PID: p.pid, Where: url + separator + page.uri, How: page.how, State: Readable, MaxConnections: server.MaxConnections})
	}
	// A build has its own default; these are those of the packages.
	if !c.logged {
		f.addIfThere(Found{Kind: AccessLog, Role: "web", PID: p.pid, Where: p.in("/var/log/nginx/access.log"), How: p.how("by default"), Format: "combined"})
	}
	if !c.errorLogged {
		f.addIfThere(Found{Kind: ErrorLog, Role: "web", PID: p.pid, Where: p.in("/var/log/nginx/error.log"), How: p.how("by default")})
	}
}

// workers counts the worker processes of a master.
func (f *finder) workers(master int) (n float64) {
	for _, p := range f.processes {
		if p.parent == master && len(p.args) > 1 && p.args[0] == "nginx:" && p.args[1] == "worker" {
			n++
		}
	}
	return n
}

// read walks through a file of the configuration.
func (c *nginxConf) read(path string) {
	if c.files++; c.files > maxFiles {
		return
	}
	text, ok := c.finder.text(path)
	if !ok {
		return
	}
	c.text.WriteString(text + "\n")
	outer, outerFile := c.blocks, c.file
	c.file = path
	_ = logs.WalkNginxConf(text, func(blocks [][]string, words []string) { // what came before an error counts
		c.blocks = append(outer[:len(outer):len(outer)], blocks...)
		c.directive(words)
		c.blocks = outer
	})
	c.file = outerFile
}

// directive looks at one directive; words ends with "{" when it opens a block.
func (c *nginxConf) directive(words []string) {
	at := func(i int) string {
		if i < len(words) {
			return words[i]
		}
		return ""
	}
	how := words[0] + " in " + c.file
	switch words[0] {
	case "server":
		if at(1) == "{" {
			c.serverID++
		}
	case "include":
		if len(c.blocks) > maxIncludes*3 {
			return
		}
		for _, file := range c.finder.glob(c.process.in(under(at(1), c.dir))) {
			c.read(file)
		}
	case "worker_processes":
		n, err := strconv.ParseFloat(at(1), 64)
		c.autoWorkers = err != nil
		c.workers = n
	case "worker_connections":
		if n, err := strconv.ParseFloat(at(1), 64); err == nil {
			c.connections = n
		}
	case "access_log":
		format := "combined"
		if f := at(2); f != "" && !strings.Contains(f, "=") {
			format = f
		}
		c.logged = true
		c.log(AccessLog, at(1), how, format)
	case "error_log":
		c.errorLogged = true
		c.log(ErrorLog, at(1), how, "")
	case "listen":
		id := c.server()
		if _, have := c.listen[id]; !have && id != "" {
			c.listen[id] = listenURL(words[1:])
		}
	case "stub_status":
		if uri, ok := c.location(); ok && at(1) != "off" {
			c.statusPages = append(c.statusPages, statusPage{c.server(), uri, how})
		}
	}
}

// log adds a log unless it is none of a file: off, of syslog, of a terminal, or one for each value of
// a variable.
func (c *nginxConf) log(kind, path, how, format string) {
	switch {
	case path == "" || path == "off" || path == "stderr" || strings.HasPrefix(path, "syslog:") || strings.HasPrefix(path, "memory:") || strings.HasPrefix(path, "/dev/"):
	case strings.Contains(path, "$"):
	default:
		c.found = append(c.found, Found{Kind: kind, Role: "web", PID: c.process.pid, Where: c.process.in(under(path, c.prefix)), How: how, Format: format})
	}
}

// server is the server block around a directive; empty outside of any.
func (c *nginxConf) server() string {
	for _, b := range c.blocks {
		if b[0] == "server" {
			return strconv.Itoa(c.serverID)
		}
	}
	return ""
}

// location is the path of the location around a directive; ok is false for a pattern, of which no
// path is known.
func (c *nginxConf) location() (uri string, ok bool) {
	for i := len(c.blocks) - 1; i >= 0; i-- {
		b := c.blocks[i]
		if b[0] != "location" {
			continue
		}
		switch {
		case len(b) == 2:
			uri = b[1]
		case len(b) == 3 && (b[1] == "=" || b[1] == "^~"):
			uri = b[2]
		}
		return uri, strings.HasPrefix(uri, "/")
	}
	return "/", c.server() != ""
}

// listenURL is how a server is reached that listens so: "8080", "127.0.0.1:8080", "[::]:80 ssl",
// "unix:/run/nginx.sock".
func listenURL(words []string) string {
	if len(words) == 0 {
		return ""
	}
	if strings.HasPrefix(words[0], "unix:") {
		return words[0]
	}
	scheme := "http"
	for _, w := range words[1:] {
		if w == "ssl" {
			scheme = "https"
		}
	}
	host, port := words[0], "80"
	if h, p, err := net.SplitHostPort(words[0]); err == nil {
		host, port = h, p
	} else if _, err := strconv.Atoi(words[0]); err == nil {
		host, port = "", words[0]
	}
	return fmt.Sprintf("%s://%s", scheme, net.JoinHostPort(reachable(strings.Trim(host, "[]")), port))
}

// wellKnownLogs are where packages have their servers log, for those whose process is not seen.
var wellKnownLogs = []struct{ kind, role, pattern string }{
	{SlowLog, "db", "/var/log/mysql/*slow*.log"},
	{SlowLog, "db", "/var/lib/mysql/*-slow.log"},
	{ErrorLog, "db", "/var/log/mysql/error.log"},
	{ErrorLog, "db", "/var/log/mysqld.log"},
	{ErrorLog, "db", "/var/log/mariadb/mariadb.log"},
	{AccessLog, "web", "/var/log/nginx/*access*.log"},
	{ErrorLog, "web", "/var/log/nginx/*error*.log"},
}

// findByPath tells of logs of servers that were not found.
func (f *finder) findByPath() {
	for _, w := range wellKnownLogs {
		if w.role == "db" && f.seen(MySQL) || w.role == "web" && f.seen(Nginx) {
			continue
		}
		for _, path := range f.glob(w.pattern) {
			f.addFile(Found{Kind: w.kind, Role: w.role, Where: path, How: "usual path"})
		}
	}
}

// seen reports whether the process of a server was.
func (f *finder) seen(kind string) bool {
	for _, x := range f.found {
		if x.Kind == kind && x.PID != 0 {
			return true
		}
	}
	return false
}

// addIfThere keeps a file that may be there.
func (f *finder) addIfThere(x Found) {
	if x.State, x.Why, x.Provide = f.access(x.Where); x.State != Absent {
		f.add(x)
	}
}
