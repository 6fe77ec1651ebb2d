package host

import (
	"path"
	"slices"
	"strings"
)

// A program is one whose processes are always told, idle or not.
type program struct {
	kind  string // database, web, cache or app
	names []string
}

// programs are the parts of a web system, by the names of their processes.
var programs = []program{
	{"database", []string{"mysqld", "mariadbd"}},
	{"web", []string{"nginx", "httpd", "apache2", "haproxy", "openresty"}},
	{"cache", []string{"redis-server", "valkey-server", "memcached"}},
	{"app", []string{"php-fpm", "gunicorn", "uwsgi", "puma", "unicorn", "uvicorn", "hypercorn", "java", "node", "beam.smp", "dotnet"}},
}

// kindOf returns the part of a web system that a program is; "" when it is none.
func kindOf(name string) string {
	for _, p := range programs {
		if slices.Contains(p.names, name) {
			return p.kind
		}
	}
	return ""
}

// interpreters run application servers under their own name.
var interpreters = []string{"python", "ruby", "perl", "pypy"}

// servers are application servers that run in an interpreter, as they stand in its command line.
var servers = []string{"gunicorn", "uwsgi", "puma", "unicorn", "uvicorn", "hypercorn", "celery", "sidekiq"}

// programName returns what a process is called in the series: its program, whichever worker of it.
// The kernel cuts names at 15 bytes, and programs rename themselves: "php-fpm8.2", "gunicorn: worke",
// "puma: cluster w".
func programName(comm, command string) string {
	name := comm
	if strings.HasPrefix(name, "php-fpm") {
		return "php-fpm"
	}
	if before, _, renamed := strings.Cut(name, ":"); renamed && before != "" {
		name = before
	}
	if !interpreted(name) {
		return name
	}
	words := strings.Fields(command)
	for _, w := range words[:min(len(words), 6)] {
		if base := path.Base(strings.TrimSuffix(w, ":")); slices.Contains(servers, base) {
			return base
		}
	}
	return name
}

func interpreted(name string) bool {
	return slices.ContainsFunc(interpreters, func(i string) bool { return strings.HasPrefix(name, i) })
}
