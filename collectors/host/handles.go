package host

import "fmt"

// readHandles reads what of the limits of the whole machine is used.
func readHandles(p *pass) {
	path := p.inProc("sys/fs/file-nr")
	var c [3]uint64 // used, 0, allowed
	text, err := p.read(path)
	if err == nil && numbers(text, c[:]) != 3 {
		err = fmt.Errorf("%s: no three numbers", path)
	}
	if err != nil {
		p.miss("open files of the host", err, "")
	} else {
		p.put("limit.files_used", "", float64(c[0]))
		p.put("limit.files_max", "", float64(c[2]))
	}
	// Without connection tracking there is nothing to run out of.
	if n, ok := p.count(p.inProc("sys/net/netfilter/nf_conntrack_count")); ok {
		p.put("limit.conntrack_used", "", float64(n))
	}
	if n, ok := p.count(p.inProc("sys/net/netfilter/nf_conntrack_max")); ok {
		p.put("limit.conntrack_max", "", float64(n))
	}
	if n, ok := p.count(p.inProc("sys/net/core/somaxconn")); ok {
		p.put("limit.somaxconn", "", float64(n))
	}
}
