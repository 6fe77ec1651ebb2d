package logs

import (
	"crypto/sha256"
	"fmt"
	"io"
	"os"
)

// A Position is how far one file has been read: enough to know the file again, under another name
// too, and to go on in it.
type Position struct {
	Device uint64 `json:"device"`
	Inode  uint64 `json:"inode"`
	Carry
	// Head and Tail are of the first bytes of the file and of the last ones before some offset that
	// was reached: a file that lacks them was truncated or is another one.
	Head Mark `json:"head"`
	Tail Mark `json:"tail"`
	// Done says that nothing is expected of the file any more: it is gone, or was silent for long under
	// another name. It is remembered so that what it held is not taken for new.
	Done bool `json:"done,omitempty"`
}

// A Mark is the digest of a run of bytes. It holds no text of the log. The zero value marks nothing.
type Mark struct {
	At  int64  `json:"at"`
	Len int64  `json:"len"`
	Sum string `json:"sum,omitempty"`
}

// MarkSize is the number of bytes that a Mark is the digest of.
const MarkSize = 1 << 10

func markOf(file io.ReaderAt, at, n int64) (Mark, bool) {
	if n == 0 {
		return Mark{}, true
	}
	buf := make([]byte, n)
	if got, _ := file.ReadAt(buf, at); int64(got) < n {
		return Mark{}, false
	}
	sum := sha256.Sum256(buf)
	return Mark{At: at, Len: n, Sum: fmt.Sprintf("%x", sum[:12])}, true
}

func (m Mark) in(file io.ReaderAt) bool {
	got, ok := markOf(file, m.At, m.Len)
	return ok && got.Sum == m.Sum
}

// markHead marks the beginning of a file of a size, unless that is done.
func (p *Position) markHead(file io.ReaderAt, size int64) {
	if p.Head.Len < MarkSize && size > p.Head.Len {
		if m, ok := markOf(file, 0, min(size, MarkSize)); ok {
			p.Head = m
		}
	}
}

// markTail marks what lies before the offset. When that is gone already the mark stays where it was.
func (p *Position) markTail(file io.ReaderAt) {
	n := min(p.Offset, MarkSize)
	if m, ok := markOf(file, p.Offset-n, n); ok {
		p.Tail = m
	}
}

// in reports whether file is the one of the position, or a copy of it.
func (p *Position) in(file *os.File) bool {
	info, err := file.Stat()
	return err == nil && info.Size() >= p.Offset && p.Head.in(file) && p.Tail.in(file)
}

// An overlap says what a file holds of what was read up to a position.
type overlap int

const (
	noneOf overlap = iota
	partOf         // the beginning of it, and nothing else
	allOf          // all of it, and perhaps more
)

// overlap compares a file with what was read up to the position. Of an empty file nothing but its number
// tells.
func (p *Position) overlap(file io.ReaderAt, info os.FileInfo) overlap {
	switch {
	case p.Head.Len == 0 && p.is(info):
		return allOf
	case p.Head.Len == 0 || !p.Head.in(file):
		return noneOf
	case info.Size() < p.Offset:
		return partOf
	case p.Tail.in(file):
		return allOf
	}
	return noneOf
}

// endOf returns the position behind all that a file holds by now.
func endOf(file *os.File, info os.FileInfo) Position {
	var p Position
	p.Device, p.Inode = fileNumber(info)
	p.Carry = Carry{Offset: info.Size(), Lines: -1, SchemaUnknown: true}
	last := make([]byte, 1)
	if n, _ := file.ReadAt(last, max(info.Size()-1, 0)); n > 0 && last[0] != '\n' {
		p.Torn = true
	}
	p.markHead(file, info.Size())
	p.markTail(file)
	p.Done = true
	return p
}

// is reports whether info is of the file of the position by its number; numbers are used again.
func (p *Position) is(info os.FileInfo) bool {
	device, inode := fileNumber(info)
	return inode != 0 && p.Device == device && p.Inode == inode
}
