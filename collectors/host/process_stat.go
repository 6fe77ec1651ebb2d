package host

import "bytes"

// A stat is what is read of /proc/PID/stat, or of one thread's.
type stat struct {
	name    []byte // as the kernel cuts it, of the buffer that was read
	state   byte
	parent  uint64
	flags   uint64
	ticks   uint64 // user and system
	threads uint64
	start   uint64 // ticks since boot
	pages   uint64 // resident
}

// kernelThread is PF_KTHREAD of include/linux/sched.h.
const kernelThread = 0x200000

// parseStat reads "812 (name) S 1 …". The name may hold anything, brackets too: it ends at the last one.
func parseStat(text []byte) (st stat, ok bool) {
	open, end := bytes.IndexByte(text, '('), bytes.LastIndexByte(text, ')')
	if open < 0 || end < open {
		return st, false
	}
	st.name = text[open+1 : end]
	state, rest := field(text[end+1:])
	if len(state) != 1 || state[0] < 'A' || state[0] > 'z' {
		return st, false
	}
	st.state = state[0]
	// The columns of proc(5) from the fourth on.
	const (
		parent, flags    = 4, 9
		user, system     = 14, 15
		threads, started = 20, 22
		resident         = 24
	)
	for column := parent; column <= resident; column++ {
		var w []byte
		w, rest = field(rest)
		if len(w) == 0 {
			return st, false
		}
		var to *uint64
		switch column {
		case parent:
			to = &st.parent
		case flags:
			to = &st.flags
		case user, system:
			n, isNumber := number(w)
			if !isNumber {
				return st, false
			}
			st.ticks += n
			continue
		case threads:
			to = &st.threads
		case started:
			to = &st.start
		case resident:
			to = &st.pages
		default:
			continue
		}
		if *to, ok = number(w); !ok {
			return st, false
		}
	}
	return st, true
}
