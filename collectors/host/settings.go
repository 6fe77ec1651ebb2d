package host

import (
	"bytes"
	"maps"
	"os"
	"strconv"
	"strings"
)

// kernelSettings are the settings of one number.
var kernelSettings = []struct{ name, file string }{
	{"host.swappiness", "sys/vm/swappiness"},
	{"host.overcommit_memory", "sys/vm/overcommit_memory"},
	{"host.dirty_ratio", "sys/vm/dirty_ratio"},
	{"host.dirty_background_ratio", "sys/vm/dirty_background_ratio"},
	{"host.huge_pages", "sys/vm/nr_hugepages"},
	{"host.max_map_count", "sys/vm/max_map_count"},
	{"host.zone_reclaim_mode", "sys/vm/zone_reclaim_mode"},
	{"host.somaxconn", "sys/net/core/somaxconn"},
	{"host.tcp_max_syn_backlog", "sys/net/ipv4/tcp_max_syn_backlog"},
	{"host.tcp_tw_reuse", "sys/net/ipv4/tcp_tw_reuse"},
	{"host.tcp_fin_timeout", "sys/net/ipv4/tcp_fin_timeout"},
	{"host.file_max", "sys/fs/file-max"},
	{"host.aio_max_nr", "sys/fs/aio-max-nr"},
}

// readSettings reads what is set of the kernel. The reading has it when it is the first or something
// changed.
func readSettings(p *pass) {
	set := map[string]string{}
	for _, k := range kernelSettings {
		if n, ok := p.count(p.inProc(k.file)); ok {
			set[k.name] = strconv.FormatUint(n, 10)
		}
	}
	if _, ok := set["host.swappiness"]; !ok {
		_, err := p.read(p.inProc("sys/vm/swappiness"))
		if err != nil {
			p.miss("settings of the kernel", err, "sysctl -a")
		}
	}
	if low, high, ok := p.portRange(); ok {
		set["host.port_range"] = strconv.FormatUint(high-low+1, 10)
	}
	for name, file := range map[string]string{
		"host.transparent_hugepage":        "kernel/mm/transparent_hugepage/enabled",
		"host.transparent_hugepage_defrag": "kernel/mm/transparent_hugepage/defrag",
	} {
		if text, err := p.read(p.inSys(file)); err == nil {
			if word, ok := chosen(text); ok {
				set[name] = word
			}
		}
	}
	if text, err := p.read(p.inProc("sys/kernel/osrelease")); err == nil {
		w, _ := field(text)
		set["host.kernel"] = string(w[:min(len(w), 128)])
	}
	if n := p.memoryNodes(); n > 0 {
		set["host.numa_nodes"] = strconv.Itoa(n)
	}
	if len(set) > 0 && !maps.Equal(set, p.settings) {
		p.settings = set
		p.out.Settings = maps.Clone(set)
	}
}

// chosen returns the word in brackets of "always [madvise] never".
func chosen(text []byte) (word string, ok bool) {
	_, rest, ok := bytes.Cut(text, []byte("["))
	w, _, closed := bytes.Cut(rest, []byte("]"))
	if !ok || !closed || len(w) == 0 || len(w) > 32 {
		return "", false
	}
	return string(w), true
}

// memoryNodes counts the NUMA nodes; 0 when the kernel does not tell.
func (s *Sampler) memoryNodes() int {
	dir, err := os.Open(s.inSys("devices/system/node"))
	if err != nil {
		return 0
	}
	defer dir.Close()
	names, _ := dir.Readdirnames(-1)
	n := 0
	for _, name := range names {
		if rest, ok := strings.CutPrefix(name, "node"); ok {
			if _, err := strconv.ParseUint(rest, 10, 16); err == nil {
				n++
			}
		}
	}
	return n
}
