package recorded

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// A Recorder writes ticks into files of a folder, or into one file.
//
// A file takes the ticks of one day of UTC at most, and an eighth of MaxBytes. Every start begins a new
// one: what was written is never written to again. A tick is handed to the system at once, so that
// it outlives the program; it is made to outlive the machine (fdatasync) at the end of each chunk,
// a minute, and of the file. When a tick cannot be written the file is cut back to the tick before,
// and the next tick tries again.
type Recorder struct {
	opt  RecorderOptions
	lock *os.File

	file   *os.File
	name   string
	day    string
	size   int64
	chunks *ChunkWriter
	chunk  int64 // when it began; 0 when the next tick begins one
	last   int64
	frame  []byte
	opened bool // the file holds what it is to begin with
	anew   bool // the next chunk must not refer to those before

	// Lost counts the ticks that could not be written, and Err says why the last of them was not.
	Lost int64
	Err  error
}

// RecorderOptions say where a recording goes and how much of it is kept.
type RecorderOptions struct {
	Dir  string // a folder for files by day; it is made if need be
	File string // or one file, which must not exist

	MaxBytes int64         // of all files of the folder; 0 is no bound
	MaxAge   time.Duration // of a file since it was written last; 0 is no bound
	// Opening returns what every file begins with, so that it can be read without those before it.
	Opening func(at int64) *Tick
}

// chunkTime is how long a chunk is, in µs.
const chunkTime = 60e6

const (
	filePrefix = "dbtriage-"
	// FileSuffix ends the names of recordings.
	FileSuffix = ".rec"
)

// ErrLocked says that another program writes there.
var ErrLocked = errors.New("another dbtriage is recording there")

// NewRecorder takes hold of the place to write to. Nothing is written before the first tick.
func NewRecorder(opt RecorderOptions) (*Recorder, error) {
	r := &Recorder{opt: opt, chunks: NewChunkWriter(), anew: true}
	if opt.File != "" {
		f, err := os.OpenFile(opt.File, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err != nil {
			return nil, err
		}
		if err := r.use(f, opt.File); err != nil {
			return nil, err
		}
		return r, nil
	}
	if err := os.MkdirAll(opt.Dir, 0o700); err != nil {
		return nil, err
	}
	lock, err := os.Open(opt.Dir) // the folder itself: a lock file would lie among the recordings
	if err != nil {
		return nil, err
	}
	if err := lockFile(lock); err != nil {
		lock.Close()
		return nil, fmt.Errorf("%s: %w", opt.Dir, err)
	}
	r.lock = lock
	return r, nil
}

// Name is the file that is written; empty before the first tick.
func (r *Recorder) Name() string { return r.name }

// Size is how long it is, in bytes.
func (r *Recorder) Size() int64 { return r.size }

// Append writes a tick. An error says that it is lost; recording goes on with the next one.
func (r *Recorder) Append(t *Tick) error {
	err := r.append(t)
	if err != nil {
		r.Lost++
		r.chunk, r.anew = 0, true
	}
	r.Err = err
	return err
}

func (r *Recorder) append(t *Tick) error {
	if r.opt.File == "" {
		day := time.UnixMicro(t.At).UTC().Format("20060102")
		full := r.opt.MaxBytes > 0 && r.size > r.opt.MaxBytes/8
		if r.file == nil || day != r.day || full || t.At < r.last {
			if err := r.turn(t.At, day); err != nil {
				return err
			}
		}
	}
	if r.size == 0 {
		if err := r.write([]byte(fileHead)); err != nil {
			return err
		}
	}
	kind := byte(kindNext)
	begin := func() {
		if r.anew {
			r.chunks.BeginFile()
		} else {
			r.chunks.Begin()
		}
		r.chunk, r.anew, kind = t.At, false, kindBegin
	}
	if !r.opened && r.opt.Opening != nil {
		begin()
		if err := r.put(kindBegin, r.opt.Opening(t.At)); err != nil {
			return err
		}
		kind = kindNext
	}
	r.opened = true
	if r.chunk == 0 || t.At-r.chunk >= chunkTime || t.At < r.chunk {
		if r.chunk != 0 {
			r.file.Sync() // what it could not do shows with the next write
		}
		begin()
	}
	r.last = t.At
	return r.put(kind, t)
}

func (r *Recorder) put(kind byte, t *Tick) error {
	payload, err := r.chunks.Append(t)
	if err != nil {
		return err
	}
	r.frame = appendFrame(r.frame[:0], kind, t.At, payload)
	return r.write(r.frame)
}

// write appends bytes whole or not at all.
func (r *Recorder) write(b []byte) error {
	n, err := r.file.WriteAt(b, r.size)
	if err == nil {
		r.size += int64(n)
		return nil
	}
	// Part of it may be there, whatever n says: an error hides how much was written before it.
	return errors.Join(err, r.file.Truncate(r.size))
}

// turn begins a new file.
func (r *Recorder) turn(at int64, day string) error {
	stamp := time.UnixMicro(at).UTC().Format("20060102T150405Z")
	for n := 0; ; n++ {
		name := filepath.Join(r.opt.Dir, filePrefix+stamp+FileSuffix)
		if n > 0 {
			name = filepath.Join(r.opt.Dir, fmt.Sprintf("%s%s_%03d%s", filePrefix, stamp, n, FileSuffix))
		}
		f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if errors.Is(err, fs.ErrExist) && n < 1000 {
			continue
		}
		if err != nil {
			return err
		}
		r.closeFile()
		r.file, r.name, r.day, r.size, r.chunk, r.last = f, name, day, 0, 0, at
		r.opened, r.anew = false, true
		r.prune(at)
		return nil
	}
}

func (r *Recorder) use(f *os.File, name string) error {
	if err := lockFile(f); err != nil {
		f.Close()
		return fmt.Errorf("%s: %w", name, err)
	}
	r.file, r.name = f, name
	return nil
}

// prune deletes the oldest files that are beyond the bounds.
func (r *Recorder) prune(at int64) {
	files := Files(r.opt.Dir)
	var total int64
	for _, f := range files {
		total += f.Size
	}
	for _, f := range files {
		old := r.opt.MaxAge > 0 && f.Written.Before(time.UnixMicro(at).Add(-r.opt.MaxAge))
		// The file begun just now may grow by an eighth.
		large := r.opt.MaxBytes > 0 && total+r.opt.MaxBytes/8 > r.opt.MaxBytes
		if f.Path == r.name || !old && !large {
			continue
		}
		if os.Remove(f.Path) == nil {
			total -= f.Size
		}
	}
}

func (r *Recorder) closeFile() error {
	if r.file == nil {
		return nil
	}
	return errors.Join(r.file.Sync(), r.file.Close())
}

// Close ends the recording.
func (r *Recorder) Close() error {
	err := r.closeFile()
	r.file = nil
	if r.lock != nil {
		r.lock.Close() // which gives the lock back
	}
	return err
}

// A File is one file of a recording.
type File struct {
	Path    string
	Size    int64
	Written time.Time
}

// Files lists the recordings in a folder, oldest first.
func Files(dir string) []File {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var all []File
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), FileSuffix) || !e.Type().IsRegular() {
			continue
		}
		if info, err := e.Info(); err == nil {
			all = append(all, File{filepath.Join(dir, e.Name()), info.Size(), info.ModTime()})
		}
	}
	slices.SortFunc(all, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	return all
}
