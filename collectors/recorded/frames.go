package recorded

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
)

// A recording of our own is a file of frames, one for each tick, in time order:
//
//	file   "dbtriage recording 1\n" frame…
//	frame  sync(4) kind(1) length(4) at(8) crc(4) crc(4) payload(length)
//
// Numbers are little-endian. The sums are CRC-32C: the first of what is before it, so that a length is
// not believed when it is damaged, the second of the payload. The payload is what a ChunkWriter made of the tick; kind 1 begins a chunk and kind 2 goes on with it. Frames are only
// appended, each by one write. So a file that was cut anywhere holds every tick before the cut;
// damage costs what is left of its chunk; and as frames are in time order and known by their sync,
// an instant is found by halving the file: no index has to be kept in step with it.

const (
	fileHead  = "dbtriage recording 1\n"
	frameSync = 0xf2a90dd8
	frameHead = 25
	headSum   = 17 // where the sums are
	bodySum   = 21
	// maxFrame bounds a payload: what does not compress is a little longer.
	maxFrame = maxTick + 1<<16

	kindBegin = 1
	kindNext  = 2
)

// IsRecording reports whether a file begins as our recordings do.
func IsRecording(head []byte) bool { return bytes.HasPrefix(head, []byte(fileHead)) }

// appendFrame appends a frame.
func appendFrame(b []byte, kind byte, at int64, payload []byte) []byte {
	start := len(b)
	b = binary.LittleEndian.AppendUint32(b, frameSync)
	b = append(b, kind)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(payload)))
	b = binary.LittleEndian.AppendUint64(b, uint64(at))
	b = binary.LittleEndian.AppendUint32(b, crc32.Checksum(b[start:], castagnoli))
	b = binary.LittleEndian.AppendUint32(b, crc32.Checksum(payload, castagnoli))
	return append(b, payload...)
}

// A fileFrame is one frame as it was read.
type fileFrame struct {
	kind    byte
	size    int
	at      int64
	sum     uint32
	payload []byte
}

// parseFrame reads what is before the payload; ok is false when it is no frame.
func parseFrame(head []byte) (f fileFrame, ok bool) {
	if len(head) < frameHead || binary.LittleEndian.Uint32(head) != frameSync ||
		crc32.Checksum(head[:headSum], castagnoli) != binary.LittleEndian.Uint32(head[headSum:]) {
		return f, false
	}
	size := binary.LittleEndian.Uint32(head[5:])
	f = fileFrame{kind: head[4], size: int(size), at: int64(binary.LittleEndian.Uint64(head[9:])), sum: binary.LittleEndian.Uint32(head[bodySum:])}
	return f, size <= maxFrame
}

// A FileReader reads the ticks of one recording file.
type FileReader struct {
	// Skipped counts the places that were damaged, Lost the bytes passed over at them. Torn says that
	// the file ends inside a frame.
	Skipped, Lost int64
	Torn          bool

	in      *bufio.Reader
	chunk   *ChunkReader
	frames  chunkFrames
	inChunk bool
	pending *fileFrame // the beginning of the next chunk
	buf     bytes.Buffer
}

// NewFileReader reads a recording from its beginning.
func NewFileReader(in io.Reader) (*FileReader, error) {
	r := &FileReader{in: bufio.NewReaderSize(in, 64<<10), chunk: NewChunkReader()}
	head := make([]byte, len(fileHead))
	n, err := io.ReadFull(r.in, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF || string(head[:n]) != fileHead[:n] {
		r.chunk.Close()
		return nil, errors.New("not a recording of dbtriage")
	}
	r.Torn = n < len(fileHead) // the recorder ended before it wrote anything
	r.frames.file = r
	return r, nil
}

// Close releases what reading took; the file is the caller's.
func (r *FileReader) Close() { r.chunk.Close() }

// Next returns the next tick, passing over what is damaged. The error is io.EOF at the end.
func (r *FileReader) Next() (*Tick, error) {
	for {
		if !r.inChunk {
			if err := r.begin(); err != nil {
				return nil, err
			}
		}
		t, err := r.chunk.Next()
		if err == nil {
			return t, nil
		}
		if err != io.EOF {
			r.Skipped++
		}
		r.inChunk = false
	}
}

// begin goes on to the next frame that begins a chunk.
func (r *FileReader) begin() error {
	for {
		f := r.pending
		r.pending = nil
		if f == nil {
			var err error
			if f, err = r.frame(); err != nil {
				return err
			}
		}
		if f.kind != kindBegin {
			continue
		}
		r.frames.payload, r.frames.over = f.payload, false
		r.inChunk = true
		return r.chunk.Begin(&r.frames)
	}
}

// frame returns the next good frame. Its payload is valid until the next call.
func (r *FileReader) frame() (*fileFrame, error) {
	damaged := false
	pass := func(n int64) {
		if !damaged {
			damaged = true
			r.Skipped++
		}
		r.Lost += n
	}
	for {
		head, err := r.in.Peek(frameHead)
		if err != nil && err != io.EOF {
			return nil, err
		}
		f, ok := parseFrame(head)
		switch {
		case len(head) == 0:
			return nil, io.EOF
		case !ok && len(head) < frameHead:
			r.Torn = true
			r.Lost += int64(len(head))
			r.in.Discard(len(head))
			return nil, io.EOF
		case !ok:
			r.in.Discard(1)
			pass(1)
			continue
		}
		r.in.Discard(frameHead)
		r.buf.Reset()
		n, err := io.CopyN(&r.buf, r.in, int64(f.size))
		if err == io.EOF {
			r.Torn = true
			r.Lost += frameHead + n
			return nil, io.EOF
		}
		if err != nil {
			return nil, err
		}
		if crc32.Checksum(r.buf.Bytes(), castagnoli) != f.sum {
			pass(frameHead + n)
			continue
		}
		f.payload = r.buf.Bytes()
		return &f, nil
	}
}

// chunkFrames is the payloads of the frames of one chunk as one stream.
type chunkFrames struct {
	file    *FileReader
	payload []byte
	over    bool
}

func (c *chunkFrames) Read(p []byte) (int, error) {
	for len(c.payload) == 0 {
		if c.over {
			return 0, io.EOF
		}
		lost := c.file.Skipped
		f, err := c.file.frame()
		if err != nil {
			c.over = true
			return 0, io.EOF
		}
		if f.kind == kindBegin || c.file.Skipped != lost { // or one of its frames is missing
			c.over = true
			if f.kind == kindBegin {
				c.file.pending = f
			}
			return 0, io.EOF
		}
		c.payload = f.payload
	}
	n := copy(p, c.payload)
	c.payload = c.payload[n:]
	return n, nil
}
