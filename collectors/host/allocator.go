package host

import (
	"bufio"
	"bytes"
	"os"
)

// allocators are malloc libraries by a part of their file's name, what replaces the C library's first.
var allocators = []struct{ part, name string }{
	{"jemalloc", "jemalloc"},
	{"tcmalloc", "tcmalloc"},
	{"mimalloc", "mimalloc"},
	{"/libc.so", "libc"},
	{"/libc-2.", "libc"},
	{"/ld-musl", "libc"},
}

// allocator reads which malloc library a process has mapped. One that is linked into the program
// cannot be seen, nor one that was deleted from its place and has another name.
func (p *pass) allocator(q *process) error {
	f, err := os.Open(p.ofProcess(q, "maps"))
	if err != nil {
		return err
	}
	defer f.Close()
	best := len(allocators)
	in := bufio.NewScanner(f)
	for in.Scan() {
		for i := range allocators[:best] {
			if bytes.Contains(in.Bytes(), []byte(allocators[i].part)) {
				best = i
				break
			}
		}
	}
	if err := in.Err(); err != nil {
		return err
	}
	q.Allocator = ""
	if best < len(allocators) {
		q.Allocator = allocators[best].name
	}
	return nil
}
