package logs

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// A rotated log that was compressed before it was read to its end is read on in its compressed form:
// it is unpacked, and what was read already is passed over. Positions are in the text.

// packed reports whether a file holds compressed data that can be read.
func packed(file io.ReaderAt) bool {
	head := make([]byte, 4)
	n, _ := file.ReadAt(head, 0)
	return unpacker(head[:n]) != nil
}

// unpacker returns what reads data with such a beginning; nil when it is not compressed.
func unpacker(head []byte) func(io.Reader) (io.ReadCloser, error) {
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		return func(r io.Reader) (io.ReadCloser, error) {
			z, err := gzip.NewReader(r)
			if err == io.EOF { // within the name in its head
				return nil, errCutShort
			}
			if err != nil {
				return nil, damage(err)
			}
			return packedReader{z}, nil
		}
	case bytes.HasPrefix(head, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		return func(r io.Reader) (io.ReadCloser, error) {
			z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxMemory(256<<20))
			if err != nil {
				return nil, err
			}
			return packedReader{z.IOReadCloser()}, nil
		}
	}
	return nil
}

// A packedReader unpacks, and says in words what is wrong with what is packed.
type packedReader struct{ io.ReadCloser }

func (p packedReader) Read(b []byte) (int, error) {
	n, err := p.ReadCloser.Read(b)
	return n, damage(err)
}

var (
	// errCutShort is of a copy that is not finished, or a disk that was full.
	errCutShort = errors.New("the compressed data is cut short")
	errTrailing = errors.New("something else follows the compressed data")
)

// damage is what an error of unpacking means.
func damage(err error) error {
	switch err {
	case io.ErrUnexpectedEOF:
		return errCutShort
	case gzip.ErrHeader: // the first one was known by its head
		return errTrailing
	}
	return err
}

// openPacked opens a compressed file for reading from the beginning of its text; nil without an error
// when it is not compressed.
func openPacked(name string) (*unpacked, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	head := make([]byte, 4)
	n, _ := file.ReadAt(head, 0)
	unpack := unpacker(head[:n])
	if unpack == nil {
		file.Close()
		return nil, nil
	}
	z, err := unpack(file)
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	u := &unpacked{file: file, z: z}
	u.head, u.in, err = peek(z)
	if err != nil && len(u.head) == 0 {
		u.close()
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return u, nil
}

// An unpacked is the text of a compressed file. It remembers the last bytes that were read.
type unpacked struct {
	file *os.File
	z    io.Closer
	head []byte
	in   io.Reader
	at   int64
	last []byte // up to MarkSize
}

func (u *unpacked) Read(p []byte) (int, error) {
	n, err := u.in.Read(p)
	u.at += int64(n)
	if n >= MarkSize {
		u.last = append(u.last[:0], p[n-MarkSize:n]...)
	} else {
		u.last = append(u.last, p[:n]...)
		u.last = u.last[max(len(u.last)-MarkSize, 0):]
	}
	return n, err
}

func (u *unpacked) close() {
	if u != nil {
		u.z.Close()
		u.file.Close()
	}
}

// mark is of the bytes before the place that was read to.
func (u *unpacked) mark() Mark {
	m, _ := markOf(bytes.NewReader(u.last), 0, int64(len(u.last)))
	m.At = u.at - int64(len(u.last))
	return m
}

// skip reads up to a position, if the text is what was read to it; short says that the text ends
// before.
func (u *unpacked) skip(p *Position) (same, short bool, err error) {
	for _, to := range []int64{p.Tail.At + p.Tail.Len, p.Offset} {
		_, err := io.CopyN(io.Discard, u, to-u.at)
		if err == io.EOF {
			return false, true, nil
		}
		if err != nil {
			return false, false, err
		}
		if to == p.Tail.At+p.Tail.Len && p.Tail.Len > 0 {
			m, ok := markOf(bytes.NewReader(u.last), int64(len(u.last))-p.Tail.Len, p.Tail.Len)
			if !ok || m.Sum != p.Tail.Sum {
				return false, false, nil
			}
		}
	}
	return true, false, nil
}

// findPacked queues the compressed file that holds what was read up to a position, if there is one.
func (f *Follower) findPacked(p *Position) bool {
	if p.Head.Len == 0 {
		return false
	}
	names := rotatedNames(f.Path)
	slices.Reverse(names)
	for _, name := range names {
		if !compressedName(name) || f.queued(name) {
			continue
		}
		u, err := openPacked(name)
		if u == nil || err != nil {
			continue
		}
		found := p.Head.in(bytes.NewReader(u.head))
		u.close()
		if info, err := os.Stat(name); found && err == nil {
			f.queue(name, info)
			return true
		}
	}
	return false
}

func (f *Follower) queued(name string) bool { return slices.Contains(f.packed, name) }

// queue has a compressed file read, in a later run if not in this one. While the file that it is made
// of is there it is not whole.
func (f *Follower) queue(name string, info os.FileInfo) {
	if _, err := os.Stat(strings.TrimSuffix(name, filepath.Ext(name))); compressedName(name) && err == nil || f.queued(name) {
		return
	}
	var p Position
	p.Device, p.Inode = fileNumber(info)
	p.Done = true
	if !slices.ContainsFunc(f.known, func(k Position) bool { return k.Head.Len == 0 && k.is(info) }) {
		f.remember(p)
	}
	f.packed = append(f.packed, name)
}

// unpack reads the compressed files that are queued.
func (f *Follower) unpack(ctx context.Context, consume Consumer) error {
	for len(f.packed) > 0 {
		err := f.readPacked(ctx, f.packed[0], consume)
		if ctx.Err() != nil {
			return err
		}
		if err != nil {
			f.Warnings = append(f.Warnings, fmt.Sprintf("what was appended before it was compressed may be missing: %v", err))
		}
		f.packed = f.packed[1:]
	}
	return nil
}

// readPacked reads what a compressed file holds beyond what is known of it. A file that is damaged is
// read as far as it goes.
func (f *Follower) readPacked(ctx context.Context, name string, consume Consumer) error {
	u, err := openPacked(name)
	if err != nil || u == nil {
		return err
	}
	defer func() { u.close() }()
	info, err := u.file.Stat()
	if err != nil {
		return err
	}
	raw := endOf(u.file, info)
	// The longest run of text that is known already is passed over; an open file is read by itself.
	var known []Position
	open := map[Position]bool{}
	for _, g := range f.files {
		known = append(known, g.position)
		open[g.position] = true
	}
	known = append(known, f.known...)
	known = slices.DeleteFunc(known, func(p Position) bool {
		return p.Head.Len == 0 || !p.Head.in(bytes.NewReader(u.head))
	})
	slices.SortStableFunc(known, func(a, b Position) int { return cmp.Compare(b.Offset, a.Offset) })
	start := Position{}
	for i := range known {
		same, short, err := u.skip(&known[i])
		if short || err != nil || same && open[known[i]] {
			f.settle(info, raw)
			return err
		}
		if same {
			start = known[i]
			break
		}
		u.close()
		if u, err = openPacked(name); err != nil {
			return err
		}
	}
	format, _ := Detect(u.head[:cutLines(u.head, 0)], f.opt)
	if format == nil {
		format = f.Format
	}
	if format == nil {
		f.settle(info, raw)
		return &UnknownFormatError{Path: name, Head: u.head}
	}
	if f.Format == nil {
		f.Format = format
	}
	next, _, accept, err := consume(ctx, u, format, start.Carry, false)
	if accept == nil || ctx.Err() != nil {
		return err
	}
	accept()
	f.Begun++
	read := Position{Carry: next, Tail: u.mark(), Done: true}
	read.markHead(bytes.NewReader(u.head), int64(len(u.head)))
	f.known = slices.DeleteFunc(f.known, func(p Position) bool { return start.Head.Len > 0 && p == start })
	f.settle(info, raw, read)
	return err
}

// settle puts what is known of a compressed file in the place of what was to be read of it.
func (f *Follower) settle(info os.FileInfo, known ...Position) {
	f.known = slices.DeleteFunc(f.known, func(p Position) bool { return p.Head.Len == 0 && p.is(info) })
	for _, p := range known {
		f.remember(p)
	}
}
