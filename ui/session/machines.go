package session

import (
	"encoding/json"
	"net"
	"os"
	"slices"
	"strings"

	"dbtriage/collectors"
	"dbtriage/collectors/recorded"
)

// Recordings of several machines may hold servers of one address: 127.0.0.1:3306 and a socket are of another
// server on each. Read together, such servers are named by their machines.

// machinesOf returns the names of the machines that the recordings of ours among files were made on, in order.
func machinesOf(files []string) []string {
	var out []string
	for _, path := range files {
		if name := machineOf(path); name != "" {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// machineOf returns the name of the machine that a recording was made on; empty where the file is none.
func machineOf(path string) string {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return ""
	}
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	r, err := recorded.NewFileReader(f)
	if err != nil {
		return ""
	}
	defer r.Close()
	first, err := r.Next()
	if err != nil {
		return ""
	}
	var o opening
	for _, x := range first.Opaque {
		if x.Kind == ofSession {
			_ = json.Unmarshal(x.Data, &o) // reading it meets what is wrong
		}
	}
	return o.Host
}

// severalMachines reports whether recordings among inputs were made on more than one machine.
func severalMachines(inputs []Input) bool {
	var files []string
	for _, in := range inputs {
		if in.Open == nil {
			files = append(files, in.Path)
		}
	}
	return len(files) > 1 && len(machinesOf(files)) > 1
}

// onMachine is an address that was asked on a machine as it is known elsewhere: with the machine's name where
// it is of that machine itself.
func onMachine(address, machine string) string {
	_, port, err := net.SplitHostPort(address)
	switch {
	case !isLocal(address) || machine == "":
		return address
	case err == nil:
		return net.JoinHostPort(machine, port)
	}
	return machine + ":" + address
}

// onMachine names the servers of a tick that were asked on the machine that it was recorded on by that machine.
func (t *tick) onMachine(machine string) {
	named := func(source string) string {
		if address := collectors.ServerOf(source); address != "" {
			return collectors.ServerSource + onMachine(address, machine)
		}
		return source
	}
	book := func(path string) string {
		if keeperOf(path) == "" {
			return path
		}
		of, source, _ := strings.Cut(path, ofSource)
		return of + ofSource + named(source)
	}
	for i := range t.Readings {
		r := &t.Readings[i]
		if source := named(r.Source); source != r.Source {
			r.Source, r.Host = source, machine
		}
	}
	for i := range t.Parts {
		t.Parts[i].Path = book(t.Parts[i].Path)
	}
	for i := range t.Sources {
		s := &t.Sources[i]
		s.Name = book(named(s.Name))
		if s.Log == nil {
			continue
		}
		if path := book(named(s.Log.Path)); path != s.Log.Path {
			s.Log.Path, s.Log.Host = path, machine
		}
	}
}
