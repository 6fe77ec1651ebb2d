package discover

import (
	"net"
	"os"
	"path/filepath"
	"strings"

	"dbtriage/collectors/optionfile"
)

// defaultFiles are where a server looks for options when it is not told.
var defaultFiles = []string{"/etc/my.cnf", "/etc/mysql/my.cnf", "/usr/etc/my.cnf"}

func (f *finder) findMySQL() {
	for i := range f.processes {
		if p := &f.processes[i]; p.name == "mysqld" || p.name == "mariadbd" {
			f.mysqlServer(p)
		}
	}
}

// A setting is a value and where it was found.
type setting struct{ value, how string }

// mysqlServer adds a server and its files.
func (f *finder) mysqlServer(p *process) {
	settings := map[string]setting{}
	server := Found{Kind: MySQL, Role: "db", PID: p.pid, How: p.how("")}
	for _, file := range f.optionFiles(p, &server) {
		f.addFile(Found{Kind: OptionFile, Role: "db", PID: p.pid, Where: file, How: server.How})
		server.OptionFiles = append(server.OptionFiles, f.readOptions(file, p, settings, 0)...)
	}
	for i, a := range p.args[1:] {
		if i+2 < len(p.args) && !strings.Contains(a, "=") && !strings.HasPrefix(p.args[i+2], "-") {
			a += "=" + p.args[i+2] // "--port 3307"
		}
		if name, value, ok := optionfile.Option(strings.TrimPrefix(a, "--")); ok && strings.HasPrefix(a, "--") {
			settings[name] = setting{value, p.how(a)}
		}
	}
	f.mysqlAddress(p, &server, settings)
	if all, known := f.ofProcess(p); known && len(all) == 0 {
		server.State, server.Why = Absent, "it listens nowhere: it is starting, or an installer runs it"
		f.add(server)
	} else {
		f.addServer(server)
	}
	f.mysqlLogs(p, settings)
}

// optionFiles are the files that a server was started with; it says in server how it was found.
func (f *finder) optionFiles(p *process, server *Found) []string {
	if _, none := p.flag("--no-defaults"); none {
		server.How = p.how("--no-defaults")
		return nil
	}
	if file, ok := p.option("defaults_file"); ok {
		server.How = p.how("--defaults-file=" + file)
		return []string{p.in(file)}
	}
	var out []string
	for _, file := range defaultFiles {
		if _, err := os.Stat(f.path(p.in(file))); err == nil {
			out = append(out, p.in(file))
		}
	}
	if file, ok := p.option("defaults_extra_file"); ok {
		server.How = p.how("--defaults-extra-file=" + file)
		out = append(out, p.in(file))
	}
	return out
}

// flag returns an argument as it stands.
func (p *process) flag(name string) (string, bool) {
	for _, a := range p.args {
		if a == name {
			return a, true
		}
	}
	return "", false
}

const (
	maxIncludes = 10  // files within files
	maxFiles    = 200 // of one server
)

// readOptions reads an option file and what it includes; it returns the files that were read.
func (f *finder) readOptions(file string, p *process, settings map[string]setting, depth int) (read []string) {
	text, ok := f.text(file)
	if !ok || depth > maxIncludes {
		return nil
	}
	read = []string{file}
	ours := false
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if include, path, ok := optionfile.Include(line); ok {
			files := []string{p.in(path)}
			if include == "includedir" {
				files = f.glob(p.in(path) + "/*.cnf")
			}
			for _, more := range files[:min(len(files), maxFiles)] {
				if len(read) < maxFiles {
					read = append(read, f.readOptions(more, p, settings, depth+1)...)
				}
			}
			continue
		}
		if name, ok := optionfile.Group(line); ok {
			ours = optionfile.ServerGroup(name)
			continue
		}
		if name, value, ok := optionfile.Option(line); ok && ours && line != "" && line[0] != '#' && line[0] != ';' {
			settings[name] = setting{value, "setting " + name + " in " + file}
		}
	}
	return read
}

// mysqlAddress finds where a server is reached: a socket before a port, since logins by socket need
// no password as often as not.
func (f *finder) mysqlAddress(p *process, server *Found, settings map[string]setting) {
	all, known := f.ofProcess(p)
	for _, l := range all {
		if l.port == 0 && !strings.Contains(filepath.Base(l.addr), "mysqlx") {
			server.Where = l.addr
			return
		}
	}
	if s := settings["socket"]; s.value != "" && !known {
		server.Where = p.in(under(s.value, settings["datadir"].value))
		if _, err := os.Stat(f.path(server.Where)); err == nil {
			return
		}
	}
	for _, l := range all {
		if l.port != 0 && l.port != 33060 { // the X protocol's
			server.Where = l.addr
			return
		}
	}
	host, port := settings["bind_address"].value, settings["port"].value
	if host == "" || host == "*" || host == "0.0.0.0" || host == "::" {
		host = "127.0.0.1"
	}
	if port == "" {
		port = "3306"
	}
	if !known && server.Where == "" {
		for _, w := range wellKnown[0].sockets {
			if _, err := os.Stat(f.path(p.in(w))); err == nil {
				server.Where = p.in(w)
				return
			}
		}
	}
	server.Where = net.JoinHostPort(host, port)
}

// mysqlLogs adds the slow log and the error log.
func (f *finder) mysqlLogs(p *process, settings map[string]setting) {
	datadir := settings["datadir"].value
	if datadir == "" {
		datadir = "/var/lib/mysql"
	}
	host, _ := os.Hostname()
	first := func(names ...string) setting {
		for _, n := range names {
			if s := settings[n]; s.value != "" {
				return s
			}
		}
		return setting{}
	}
	on, slow := first("slow_query_log", "log_slow_query"), first("slow_query_log_file", "log_slow_query_file")
	if slow.value == "" {
		slow = setting{host + "-slow.log", p.how("by default")}
	}
	path := p.in(under(slow.value, datadir))
	switch {
	case strings.EqualFold(first("log_output").value, "TABLE"):
		f.add(Found{Kind: SlowLog, Role: "db", PID: p.pid, Where: path, How: settings["log_output"].how, State: Off, Why: "the log goes into the table mysql.slow_log",
			Provide: "SET GLOBAL log_output = 'FILE'"})
	case on.value == "ON":
		f.addFile(Found{Kind: SlowLog, Role: "db", PID: p.pid, Where: path, How: slow.how})
	default: // it may have been switched on since
		x := Found{Kind: SlowLog, Role: "db", PID: p.pid, Where: path, How: slow.how}
		x.State, x.Why, x.Provide = f.access(path)
		if x.State == Absent {
			x.State, x.Why = Off, "slow_query_log is not set"
			x.Provide = "SET GLOBAL slow_query_log = ON; SET GLOBAL long_query_time = 0.1"
		}
		f.add(x)
	}
	if s := first("log_error"); s.value != "" {
		name := s.value
		if name == "ON" { // given without a value
			name = host + ".err"
		}
		if filepath.Ext(name) == "" {
			name += ".err"
		}
		f.addFile(Found{Kind: ErrorLog, Role: "db", PID: p.pid, Where: p.in(under(name, datadir)), How: s.how})
	}
}

// under resolves a path that is relative to a directory.
func under(path, dir string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(dir, path)
}
