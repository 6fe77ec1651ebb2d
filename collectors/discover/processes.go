package discover

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// A process of the host. Args[0] is the program, or a title that it gave itself.
type process struct {
	pid, parent int
	name        string
	args        []string
	root        string // put before its paths: that of a container; empty for our own
	cwd         string
	foreignNet  bool // its addresses are those of another network namespace
}

// maxProcesses bounds what is looked at.
const maxProcesses = 100_000

// interesting are the names of processes that are looked at closely.
var interesting = map[string]bool{"mysqld": true, "mariadbd": true, "redis-server": true, "valkey-server": true, "memcached": true, "nginx": true, "openresty": true}

func (f *finder) readProcesses() []process {
	dirs, err := os.ReadDir(f.roots.Proc)
	if err != nil {
		return nil
	}
	var out []process
	for _, d := range dirs[:min(len(dirs), maxProcesses)] {
		pid, err := strconv.Atoi(d.Name())
		if err != nil || f.ctx.Err() != nil {
			continue
		}
		if p, ok := f.readProcess(pid); ok {
			out = append(out, p)
		}
	}
	return out
}

// readProcess reads a process; ok is false when it is gone or none of those looked for.
func (f *finder) readProcess(pid int) (p process, ok bool) {
	dir := filepath.Join(f.roots.Proc, strconv.Itoa(pid))
	comm, err := os.ReadFile(filepath.Join(dir, "comm"))
	p = process{pid: pid, name: strings.TrimSpace(string(comm))}
	if err != nil || !interesting[p.name] {
		return p, false
	}
	line, err := os.ReadFile(filepath.Join(dir, "cmdline"))
	if err != nil || len(line) == 0 { // a thread of the kernel, or a zombie
		return p, false
	}
	line = bytes.TrimRight(line, "\x00 ")
	if bytes.IndexByte(line, 0) < 0 { // a title is one text
		line = bytes.ReplaceAll(line, []byte(" "), []byte{0})
	}
	for _, a := range bytes.Split(line, []byte{0}) {
		p.args = append(p.args, string(a))
	}
	p.cwd, _ = os.Readlink(filepath.Join(dir, "cwd"))
	stat, _ := os.ReadFile(filepath.Join(dir, "stat"))
	if at := bytes.LastIndexByte(stat, ')'); at >= 0 {
		if fields := strings.Fields(string(stat[at+1:])); len(fields) > 1 {
			p.parent, _ = strconv.Atoi(fields[1])
		}
	}
	if f.foreign(pid, "mnt") {
		p.root = filepath.Join(dir, "root")
	}
	p.foreignNet = f.foreign(pid, "net")
	return p, true
}

// foreign reports whether a process lives in another namespace than we do. One that may not be
// looked at is taken to live in ours.
func (f *finder) foreign(pid int, kind string) bool {
	theirs, err1 := os.Readlink(filepath.Join(f.roots.Proc, strconv.Itoa(pid), "ns", kind))
	ours, err2 := os.Readlink(filepath.Join(f.roots.Proc, "self", "ns", kind))
	return err1 == nil && err2 == nil && theirs != ours
}

// in is a path as we reach it: that of a process in a container begins at its root.
func (p *process) in(path string) string {
	if p.root == "" {
		return path
	}
	return filepath.Join(p.root, path)
}

// option returns the value of the last --name=value or "--name value" among the arguments; dashes and
// underscores in names are the same.
func (p *process) option(names ...string) (value string, ok bool) {
	for i, a := range p.args {
		name, v, given := strings.Cut(a, "=")
		if !strings.HasPrefix(name, "--") {
			continue
		}
		name = strings.ReplaceAll(name[2:], "-", "_")
		for _, want := range names {
			switch {
			case name != want:
			case given:
				value, ok = v, true
			case i+1 < len(p.args) && !strings.HasPrefix(p.args[i+1], "-"):
				value, ok = p.args[i+1], true
			}
		}
	}
	return value, ok
}

// how says by which process something was found, with the argument that counts.
func (p *process) how(argument string) string {
	s := fmt.Sprintf("process %d", p.pid)
	if argument != "" {
		s += " " + argument
	}
	if p.root != "" {
		s += " (in a container)"
	}
	return s
}
