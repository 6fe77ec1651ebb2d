package host

import (
	"io/fs"
	"time"

	"dbtriage/collectors"
)

// A Kept turns saved copies of /proc files, each with the time it was taken, into the samples that a Sampler
// would have made then: recordings and live collection share one arithmetic.
type Kept struct {
	s     *Sampler
	first int64
}

// keptFiles are the files of which texts are read.
var keptFiles = map[string]func(*pass){
	"stat": readCPU, "loadavg": readLoad, "meminfo": readMemory, "vmstat": readPaging, "diskstats": readDisks, "net/dev": readNetwork,
}

// NewKept returns a Kept that has read nothing yet.
func NewKept() *Kept {
	k := &Kept{s: New(Options{}), first: collectors.NoTime}
	k.s.kept = map[string][]byte{}
	return k
}

// Read reads one text of a file, named as below /proc, as it was at an instant in µs since the epoch.
// Instants of a file must grow. What is missing is told as a Reading tells it; a file that is not
// known gives nothing.
func (k *Kept) Read(file string, text []byte, at int64) ([]collectors.Sample, []collectors.Missing) {
	read := keptFiles[file]
	if read == nil {
		return nil, nil
	}
	if k.first == collectors.NoTime {
		k.first = at
	}
	clear(k.s.kept)
	k.s.kept[k.s.inProc(file)] = text
	p := &pass{Sampler: k.s, since: time.Duration(at-k.first) * time.Microsecond}
	p.out.At = at
	read(p)
	return p.out.Samples, p.missed
}

// keptText returns the text that stands for a file.
func (s *Sampler) keptText(path string) ([]byte, error) {
	text, have := s.kept[path]
	if !have {
		return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
	}
	return text, nil
}
