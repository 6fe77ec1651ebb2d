package recorded

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
)

// Ticks are written in chunks of a minute or so. A chunk is one zstd stream that is flushed after
// every tick: what has been written can be read although the stream goes on, and texts that come
// again cost next to nothing.

// maxTick bounds a tick in bytes before it is compressed.
const maxTick = 16 << 20

// window is how far back the compression looks; it bounds the memory of both sides.
const window = 256 << 10

// A ChunkWriter turns ticks into bytes.
type ChunkWriter struct {
	memory memory
	tick   tickWriter
	stream *zstd.Encoder
	out    bytes.Buffer
}

// NewChunkWriter returns a writer that begins its first chunk with the first tick.
func NewChunkWriter() *ChunkWriter {
	w := &ChunkWriter{}
	w.stream, _ = zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(window),
		zstd.WithLowerEncoderMem(true), zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderCRC(false)) // no option is wrong
	w.Begin()
	return w
}

// Begin begins a chunk: what follows can be read without what was before, but for settings and tables
// that did not change since. See BeginFile.
func (w *ChunkWriter) Begin() {
	w.memory.forget()
	w.tick.text = map[string]uint64{}
	w.out.Reset()
	w.stream.Reset(&w.out)
}

// BeginFile begins a chunk that needs nothing from before.
func (w *ChunkWriter) BeginFile() {
	w.memory.documents = nil
	w.Begin()
}

// Append returns the bytes of a tick, which follow those of the tick before in its chunk. They are
// valid until the next call. After an error, of a tick that is too large, a chunk must be begun.
func (w *ChunkWriter) Append(t *Tick) ([]byte, error) {
	w.out.Reset()
	w.tick.buf = w.tick.buf[:0]
	w.memory.write(&w.tick, t)
	if len(w.tick.buf) > maxTick {
		return nil, fmt.Errorf("a tick of %d bytes is larger than any may be", len(w.tick.buf))
	}
	var size [binary.MaxVarintLen64]byte
	if _, err := w.stream.Write(size[:binary.PutUvarint(size[:], uint64(len(w.tick.buf)))]); err != nil {
		return nil, err
	}
	if _, err := w.stream.Write(w.tick.buf); err != nil {
		return nil, err
	}
	err := w.stream.Flush()
	if cap(w.tick.buf) > 1<<20 {
		w.tick.buf = nil
	}
	return w.out.Bytes(), err
}

// A ChunkReader reads the ticks of chunks.
type ChunkReader struct {
	// Reuse has every tick use the samples of the one before: they are valid until the next one.
	Reuse bool
	// NoLists passes over processes, sessions and waits.
	NoLists bool

	memory memory
	tick   tickReader
	stream *zstd.Decoder
	buf    bytes.Buffer
}

// NewChunkReader returns a reader; Begin gives it something to read.
func NewChunkReader() *ChunkReader {
	r := &ChunkReader{}
	r.stream, _ = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(4*window))
	return r
}

// Begin begins to read the chunk that in holds.
func (r *ChunkReader) Begin(in io.Reader) error {
	r.memory.reuse, r.memory.noLists = r.Reuse, r.NoLists
	r.memory.forget()
	r.tick = tickReader{}
	return r.stream.Reset(in)
}

// Close releases what reading took.
func (r *ChunkReader) Close() { r.stream.Close() }

// Next returns the next tick. io.EOF is the end of the chunk, also where its last tick is torn; any
// other error says that the bytes are damaged, and nothing more of the chunk can be read.
func (r *ChunkReader) Next() (t *Tick, err error) {
	size, err := binary.ReadUvarint(byteReader{r.stream})
	switch {
	case err == io.EOF, errors.Is(err, io.ErrUnexpectedEOF):
		return nil, io.EOF
	case err != nil:
		return nil, fmt.Errorf("%w: %v", errTick, err)
	case size > maxTick:
		return nil, errTick
	}
	r.buf.Reset()
	if _, err := io.CopyN(&r.buf, r.stream, int64(size)); err != nil {
		if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, io.EOF
		}
		return nil, fmt.Errorf("%w: %v", errTick, err)
	}
	r.tick.buf, r.tick.wrong, r.tick.samples, r.tick.listed = r.buf.Bytes(), false, 0, 0
	t, err = r.memory.read(&r.tick)
	if r.buf.Cap() > 1<<20 {
		r.buf = bytes.Buffer{}
	}
	return t, err
}

// A byteReader reads single bytes, without taking more than one from the stream.
type byteReader struct{ io.Reader }

func (b byteReader) ReadByte() (byte, error) {
	var one [1]byte
	_, err := io.ReadFull(b.Reader, one[:])
	return one[0], err
}
