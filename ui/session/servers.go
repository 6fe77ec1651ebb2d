package session

import (
	"maps"
	"net"
	"path"
	"slices"
	"strings"

	"dbtriage/analyzers"
	"dbtriage/collectors"
	"dbtriage/collectors/errorlog"
)

// know notes the address of a server that was asked; empty is none.
func (h *history) know(address string) {
	if i, have := slices.BinarySearch(h.servers, address); !have && address != "" {
		h.servers = slices.Insert(h.servers, i, address)
	}
}

// A serverBook gathers what a history knows of each server that was asked.
type serverBook struct {
	all    []analyzers.Server
	owners map[string]int // of logs that are of one of several servers alone, by path: its place in all
}

// serversUntil returns the servers with what they were set to until an instant, and the tables they hold.
func (h *history) serversUntil(at int64) *serverBook {
	b := &serverBook{owners: map[string]int{}}
	for _, address := range h.servers {
		source := collectors.ServerSource + address
		v := analyzers.Server{Address: address, Tables: h.tables[source]}
		for _, set := range h.settings {
			switch {
			case set.source != source || at != collectors.NoTime && set.at >= at:
			case v.Settings == nil:
				v.Settings = set.values
			default:
				v.Settings = maps.Clone(v.Settings)
				maps.Copy(v.Settings, set.values)
			}
		}
		b.all = append(b.all, v)
	}
	if len(b.all) < 2 {
		return b
	}
	for name := range h.logs {
		if i := b.ownerOf(name); i >= 0 {
			b.owners[name] = i
		}
	}
	if len(b.owners) > 0 {
		for i := range b.all {
			b.all[i].Digest = analyzers.NewDigest()
		}
	}
	return b
}

// ownerOf returns the place of the server that alone a log is of: it keeps it as a book, or is the one of
// this machine that is set to write it. It is -1 for all else.
func (b *serverBook) ownerOf(log string) int {
	owner := -1
	for i := range b.all {
		v := &b.all[i]
		if keeperOf(log) == v.Address {
			return i
		}
		if !isLocal(v.Address) || !writes(v.Settings, "slow_query_log_file", log) {
			continue
		}
		if owner >= 0 { // both say so
			return -1
		}
		owner = i
	}
	return owner
}

// writes reports whether a server that is set so writes a log; setting names its file.
func writes(settings map[string]string, setting, log string) bool {
	file := settings[setting]
	if file != "" && !path.IsAbs(file) {
		file = path.Join(settings["datadir"], file)
	}
	return file == log
}

// nameErrorLogs has readings of an error log be of the one of several servers that alone is set to write it,
// as far as is known by then.
func (h *history) nameErrorLogs(readings []collectors.Reading) {
	if len(h.servers) < 2 {
		return
	}
	for i := range readings {
		r := &readings[i]
		if r.Role != errorlog.SeriesRole || r.Host != "" {
			continue
		}
		var owners []string
		for _, address := range h.servers {
			if isLocal(address) && writes(h.settingsOf(collectors.ServerSource+address), "log_error", r.Source) {
				owners = append(owners, address)
			}
		}
		if len(owners) == 1 {
			r.Host = owners[0]
		}
	}
}

// isLocal reports whether an address is of this machine.
func isLocal(address string) bool {
	host, _, err := net.SplitHostPort(address)
	return strings.HasPrefix(address, "/") || err == nil && (host == "localhost" || net.ParseIP(host).IsLoopback())
}

// log adds the digest of a log, which stays the caller's, to those of the servers that it may be of.
func (b *serverBook) log(path string, d *analyzers.Digest) {
	if len(b.owners) == 0 {
		return
	}
	owner, known := b.owners[path]
	if known {
		b.all[owner].Logs = append(b.all[owner].Logs, path)
	}
	for i := range b.all {
		if !known || i == owner {
			b.all[i].Digest.Merge(d.Clone())
		}
	}
}

// told returns the servers when all logs were added.
func (b *serverBook) told() []analyzers.Server {
	for i := range b.all {
		if b.all[i].Digest != nil {
			b.all[i].Digest.Close()
		}
	}
	return b.all
}

// ofOneInput forgets the digests of servers where there are other inputs, which would lack there.
func ofOneInput(s *analyzers.Snapshot, inputs int) {
	if inputs > 1 {
		for i := range s.Servers {
			s.Servers[i].Digest = nil
		}
	}
}
