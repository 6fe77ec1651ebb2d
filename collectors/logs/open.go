package logs

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// sniffSize is how much of an input is looked at to tell its format.
const sniffSize = 256 << 10

// An Input is one opened log: decompressed, unwrapped, its format known.
type Input struct {
	*Detected
	Path string
	// Size is the number of bytes that reading it will take from the disk; 0 when unknown.
	Size int64
	io.Reader
	// Narrowed says that Narrow made this a part of the file, whose times reach from First to Last.
	Narrowed    bool
	First, Last int64
	close       []func() error

	plain   bool        // neither compressed nor wrapped
	file    io.ReaderAt // of a plain file
	onRead  func(n int)
	sniffed int64 // bytes that onRead has counted
}

// Close releases the input.
func (in *Input) Close() error {
	var first error
	for i := len(in.close) - 1; i >= 0; i-- {
		if err := in.close[i](); err != nil && first == nil {
			first = err
		}
	}
	return first
}

// An UnknownFormatError says that an input is no log that can be read, and shows how it begins.
type UnknownFormatError struct {
	Path  string
	Head  []byte // the first bytes, decompressed
	Tried []string
	Empty bool
	What  string // it is all the same, where that is known
	Do    string // about that
	// Packed says that there may be a log in it.
	Packed bool
	// Damaged is why it cannot be unpacked beyond Head, which may be too little to know it by; nil when it can.
	Damaged error
}

func (e *UnknownFormatError) Error() string {
	if e.Empty {
		return fmt.Sprintf("%s: the file is empty", e.Path)
	}
	if e.Damaged != nil {
		return fmt.Sprintf("%s: %v", e.Path, e.Damaged)
	}
	if e.What != "" {
		return e.Path + ": " + e.What
	}
	return fmt.Sprintf("%s: the format is not known", e.Path)
}

// Open opens a file and finds out what it is. When compressed data is damaged further on, reading
// the input fails there; what was read until then is good. With an UnknownFormatError for a file that
// is not empty the input is returned too, for those who know other formats: it has no Detected.
func Open(path string, opt Options, onRead func(n int)) (*Input, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && info.IsDir() {
		err = fmt.Errorf("%s: is a directory", path)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	in, err := NewInput(path, f, opt, onRead)
	if in == nil {
		f.Close()
		return nil, err
	}
	if info.Mode().IsRegular() {
		in.Size = info.Size()
		if in.plain && in.Detected != nil && in.Size >= in.sniffed { // files of /proc have no size
			in.file = f
			in.section(0, in.Size)
		}
	}
	in.close = append([]func() error{f.Close}, in.close...)
	return in, err
}

// NewInput is Open for what is already open: standard input, or a log in memory.
func NewInput(name string, raw io.Reader, opt Options, onRead func(n int)) (*Input, error) {
	in := &Input{Path: name, plain: true, onRead: onRead}
	widen(raw)
	if onRead != nil {
		raw = &countingReader{raw, onRead}
	}
	err := in.sniff(raw, opt)
	var unknown *UnknownFormatError
	if err != nil && (!errors.As(err, &unknown) || unknown.Empty) {
		in.Close()
		return nil, err
	}
	return in, err
}

// sniff peels off compression and the wrapping of container logs, then tells the format.
func (in *Input) sniff(raw io.Reader, opt Options) error {
	head, r, err := peek(raw)
	if err != nil && len(head) == 0 { // else reading on meets it again
		return fmt.Errorf("%s: %w", in.Path, err)
	}
	in.sniffed = int64(len(head))
	if unpack := unpacker(head); unpack != nil {
		in.plain = false
		z, damaged := unpack(r)
		if damaged != nil {
			return fmt.Errorf("%s: %w", in.Path, damaged)
		}
		in.close = append(in.close, z.Close)
		head, r, err = peek(z)
		if err != nil && len(head) == 0 {
			return fmt.Errorf("%s: %w", in.Path, err)
		}
	}
	if isBzip2(head) {
		in.plain = false
		head, r, err = peek(packedReader{io.NopCloser(bzip2.NewReader(r))})
		if err != nil && len(head) == 0 {
			return fmt.Errorf("%s: %w", in.Path, err)
		}
	}
	if dockerWrapped(head) {
		in.plain = false
		head, r, err = peek(newDockerReader(r))
		if err != nil && len(head) == 0 {
			return fmt.Errorf("%s: %w", in.Path, err)
		}
	}
	if len(head) == 0 {
		return &UnknownFormatError{Path: in.Path, Empty: true}
	}
	in.Reader = r
	d, tried := Detect(head, opt)
	if d == nil && len(head) == sniffSize && bytes.IndexByte(head, '\n') < 0 {
		var next []byte
		var more int
		if next, more, in.Reader = pastFirstLine(r); in.plain {
			in.sniffed += int64(more)
		}
		d, _ = Detect(next, opt)
	}
	if d == nil {
		what, do := foreignTo(in.Path, head)
		if in.plain { // of a plain file reading on meets it again
			err = nil
		}
		return &UnknownFormatError{Path: in.Path, Head: head, Tried: tried, What: what, Do: do, Packed: strings.HasPrefix(do, "unpack it"), Damaged: err}
	}
	in.Detected = d
	return nil
}

// isBzip2 looks for the heads of the stream and of its first block, or of an empty stream's end.
func isBzip2(head []byte) bool {
	return len(head) >= 10 && string(head[:3]) == "BZh" && head[3] >= '1' && head[3] <= '9' &&
		(string(head[4:10]) == "1AY&SY" || string(head[4:10]) == "\x17rE8P\x90")
}

// peek reads the head of r and returns it with a reader of the whole.
func peek(r io.Reader) (head []byte, whole io.Reader, err error) {
	head = make([]byte, sniffSize)
	n, err := io.ReadFull(r, head)
	head = head[:n]
	whole = io.MultiReader(bytes.NewReader(head), r)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		err = nil // a truncated stream says so again when it is read on
	}
	return head, whole, err
}

// maxFirstLine bounds a first line that is passed over to tell the format: what is left of a log that was
// truncated while its writer kept its place may begin with as many zeros.
const maxFirstLine = 16 << 20

// pastFirstLine returns what follows a first line of more than sniffSize, how much beyond that was read, and a
// reader of the whole.
func pastFirstLine(r io.Reader) (next []byte, more int, whole io.Reader) {
	var read []byte
	for end := -1; end < 0 && len(read) < maxFirstLine; {
		from := len(read)
		read = append(read, make([]byte, sniffSize)...)
		n, err := io.ReadFull(r, read[from:])
		read = read[:from+n]
		if end = bytes.IndexByte(read[from:], '\n'); end >= 0 {
			next = read[from+end+1:]
		}
		if err != nil {
			break
		}
	}
	if missing := sniffSize - len(next); next != nil && missing > 0 {
		at := len(read) - len(next)
		tail := make([]byte, missing)
		n, _ := io.ReadFull(r, tail)
		read = append(read, tail[:n]...)
		next = read[at:]
	}
	return next, max(len(read)-sniffSize, 0), io.MultiReader(bytes.NewReader(read), r)
}

// section makes the input the bytes of its file from start to end.
func (in *Input) section(start, end int64) {
	of := io.NewSectionReader(in.file, start, end-start)
	if in.onRead == nil {
		in.Reader = of
		return
	}
	in.onRead(int(in.Size - (end - start) - in.sniffed))
	in.sniffed = in.Size - (end - start)
	in.Reader = &countingSection{of, in.onRead}
}

// A countingSection tells of all that is read of a section of a file.
type countingSection struct {
	*io.SectionReader
	onRead func(n int)
}

func (c *countingSection) Read(p []byte) (int, error) {
	n, err := c.SectionReader.Read(p)
	c.onRead(n)
	return n, err
}

func (c *countingSection) ReadAt(p []byte, off int64) (int, error) {
	n, err := c.SectionReader.ReadAt(p, off)
	c.onRead(n)
	return n, err
}

type countingReader struct {
	io.Reader
	onRead func(n int)
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.onRead(n)
	return n, err
}

// dockerWrapped reports whether head is of Docker's json-file driver: each line an object that
// begins with the log line.
func dockerWrapped(head []byte) bool {
	return bytes.HasPrefix(head, dockerOpen) && bytes.Contains(head[:min(len(head), 64<<10)], []byte(`","stream":"`))
}

var dockerOpen = []byte(`{"log":"`)

// A dockerReader takes the lines out of Docker's wrapping.
type dockerReader struct {
	in   *bufio.Reader
	line []byte // wrapped
	text []byte // unwrapped
	left []byte // what is still to be handed on
}

func newDockerReader(r io.Reader) *dockerReader {
	return &dockerReader{in: bufio.NewReaderSize(r, 1<<20)}
}

func (d *dockerReader) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		if len(d.left) == 0 {
			if err := d.fill(); err != nil {
				if n > 0 {
					return n, nil
				}
				return 0, err
			}
		}
		k := copy(p[n:], d.left)
		d.left = d.left[k:]
		n += k
	}
	return n, nil
}

// fill unwraps the next line. A line that is not wrapped is passed on as it is.
func (d *dockerReader) fill() error {
	d.line = d.line[:0]
	for {
		part, err := d.in.ReadSlice('\n')
		d.line = append(d.line, part...)
		if err == nil || len(d.line) > maxRecord {
			break
		}
		if err != bufio.ErrBufferFull {
			if len(d.line) == 0 {
				return err
			}
			break
		}
	}
	if !bytes.HasPrefix(d.line, dockerOpen) {
		d.left = d.line
		return nil
	}
	text := d.line[len(dockerOpen):]
	var ok bool
	d.text, ok = appendUnescaped(d.text[:0], text[:jsonStringEnd(text)])
	if d.left = d.text; !ok {
		d.left = d.line // not the driver's work: let the format say what it is
	}
	return nil
}

// jsonStringEnd returns where the JSON string that text is inside of ends.
func jsonStringEnd(text []byte) int {
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '"':
			return i
		case '\\':
			i++
		}
	}
	return len(text)
}
