package session

import (
	"cmp"
	"slices"

	"github.com/klauspost/compress/zstd"

	"dbtriage/analyzers"
	"dbtriage/collectors"
)

// A logHistory is one log: what is known of it as a whole, and its digest in slices of time.
type logHistory struct {
	source collectors.Source
	open   []openSlice // in time order
	shut   []shutSlice // in time order
	size   int         // bytes of the shut ones
}

// An openSlice may still grow.
type openSlice struct {
	start  int64 // seconds since the epoch
	grown  int64 // when it last did, in µs
	digest *analyzers.Digest
}

// A shutSlice is a digest that was encoded and compressed. Of one span there may be several: what was
// logged late follows.
type shutSlice struct {
	start, width int64 // seconds
	data         []byte
}

// shutAfter is how long a slice must not have grown to be shut, in µs.
const shutAfter = 15e6

// minuteSlice and tenMinuteSlice are the widths of older slices.
const (
	minuteSlice    = 60
	tenMinuteSlice = 600
)

func newLogHistory(path string) *logHistory {
	return &logHistory{source: collectors.Source{Path: path, From: collectors.NoTime, To: collectors.NoTime}}
}

// add takes in what was read of a slice; the digest is taken over.
func (l *logHistory) add(p logPart, at int64) {
	i, found := slices.BinarySearchFunc(l.open, p.Slice, func(s openSlice, start int64) int { return cmp.Compare(s.start, start) })
	if !found {
		l.open = slices.Insert(l.open, i, openSlice{start: p.Slice, digest: analyzers.NewDigest()})
	}
	l.open[i].digest.Append(p.Digest, "")
	l.open[i].grown = at
}

// digest returns the digest of a window, not yet closed.
func (l *logHistory) digest(w analyzers.Window) (*analyzers.Digest, error) {
	d := analyzers.NewDigest()
	within := func(start, width int64) bool { return start*1e6 < w.To && (start+width)*1e6 > w.From }
	i := 0
	for _, s := range l.shut {
		for ; i < len(l.open) && l.open[i].start < s.start; i++ {
			if within(l.open[i].start, sliceSeconds) {
				d.Append(l.open[i].digest.Clone(), "")
			}
		}
		if !within(s.start, s.width) {
			continue
		}
		part, err := s.decode()
		if err != nil {
			return nil, err
		}
		d.Append(part, "")
	}
	for ; i < len(l.open); i++ {
		if within(l.open[i].start, sliceSeconds) {
			d.Append(l.open[i].digest.Clone(), "")
		}
	}
	return d, nil
}

// age shuts slices that grow no more, and joins those that are older than an age.
func (l *logHistory) age(now, age int64) error {
	kept := l.open[:0]
	for _, s := range l.open {
		if now-s.grown < shutAfter && len(l.open) <= maxOpen {
			kept = append(kept, s)
			continue
		}
		l.insert(shut(s.start, sliceSeconds, s.digest))
	}
	clear(l.open[len(kept):])
	l.open = kept
	if err := l.join(now, age, minuteSlice); err != nil {
		return err
	}
	if err := l.join(now, max(age, rolledAge/detailAge*age), tenMinuteSlice); err != nil {
		return err
	}
	if n := len(l.shut) - mostSlices; n > 0 {
		l.drop(0, n)
	}
	return nil
}

// mostSlices bounds the shut slices of a log: a fortnight of tens of minutes.
const mostSlices = 2_000

// from is where the oldest slice begins, in µs.
func (l *logHistory) from() int64 {
	from := collectors.NoTime
	last := from
	if len(l.shut) > 0 {
		widen(&from, &last, l.shut[0].start*1e6)
	}
	if len(l.open) > 0 {
		widen(&from, &last, l.open[0].start*1e6)
	}
	return from
}

// maxOpen is how many slices may be open: those of an older log read at once are shut at once.
const maxOpen = 30

func (l *logHistory) insert(s shutSlice) {
	i, _ := slices.BinarySearchFunc(l.shut, s.start+1, func(have shutSlice, start int64) int { return cmp.Compare(have.start, start) })
	l.shut = slices.Insert(l.shut, i, s)
	l.size += len(s.data)
}

func (l *logHistory) drop(i, j int) {
	for _, s := range l.shut[i:j] {
		l.size -= len(s.data)
	}
	l.shut = slices.Delete(l.shut, i, j)
}

// join makes one slice of those in each span of width that has ended an age ago.
func (l *logHistory) join(now, age, width int64) error {
	for i := 0; i < len(l.shut); i++ {
		first := l.shut[i]
		span := floor(first.start, width)
		if (span+width)*1e6 > now-age {
			return nil
		}
		j := i + 1
		for j < len(l.shut) && floor(l.shut[j].start, width) == span {
			j++
		}
		if j == i+1 && first.width >= width {
			continue
		}
		d := analyzers.NewDigest()
		for _, s := range l.shut[i:j] {
			part, err := s.decode()
			if err != nil {
				return err
			}
			d.Append(part, "")
		}
		l.drop(i, j)
		l.insert(shut(span, max(width, first.width), d))
	}
	return nil
}

func floor(v, width int64) int64 {
	n := v % width
	if n < 0 {
		n += width
	}
	return v - n
}

// The packers compress what is kept in memory. They are safe to be used by many sessions at once.
var (
	packer, _   = zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true), zstd.WithWindowSize(256<<10), zstd.WithEncoderCRC(false))
	unpacker, _ = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true))
)

func shut(start, width int64, d *analyzers.Digest) shutSlice {
	return shutSlice{start, width, slices.Clip(packer.EncodeAll(d.Encode(nil), nil))}
}

func (s *shutSlice) decode() (*analyzers.Digest, error) {
	text, err := unpacker.DecodeAll(s.data, nil)
	if err != nil {
		return nil, err
	}
	return analyzers.DecodeDigest(text)
}
