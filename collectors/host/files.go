package host

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// maxFile bounds one file of /proc: /proc/stat of a host with a thousand cores has a few hundred
// kilobytes.
const maxFile = 4 << 20

// read returns a file whole, in a buffer that the next read fills again.
func (s *Sampler) read(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if s.buf == nil {
		s.buf = make([]byte, 32<<10)
	}
	n := 0
	for {
		if n == len(s.buf) {
			if n >= maxFile {
				return nil, fmt.Errorf("%s: longer than %d bytes", path, maxFile)
			}
			s.buf = append(s.buf, make([]byte, len(s.buf))...)
		}
		k, err := f.Read(s.buf[n:])
		n += k
		if err == io.EOF {
			return s.buf[:n], nil
		}
		if err != nil {
			return nil, err
		}
	}
}

func (s *Sampler) inProc(name string) string { return filepath.Join(s.proc, name) }
func (s *Sampler) inSys(name string) string  { return filepath.Join(s.sys, name) }

// word returns the first word of a file; ok is false when it cannot be read or has none.
func (s *Sampler) word(path string) (text string, ok bool) {
	b, err := s.read(path)
	if err != nil {
		return "", false
	}
	w, _ := field(b)
	return string(w), len(w) > 0
}

// count returns the number that a file holds.
func (s *Sampler) count(path string) (n uint64, ok bool) {
	b, err := s.read(path)
	if err != nil {
		return 0, false
	}
	w, _ := field(b)
	return number(w)
}

// at returns where a path of the machine is below the roots.
func (s *Sampler) at(path string) string {
	if rest, ok := strings.CutPrefix(path, "/sys/"); ok {
		return filepath.Join(s.sys, rest)
	}
	if rest, ok := strings.CutPrefix(path, "/proc/"); ok {
		return filepath.Join(s.proc, rest)
	}
	return filepath.Join(s.root, path)
}

func absent(err error) bool { return errors.Is(err, fs.ErrNotExist) }

// field cuts the first word off a line; both are parts of it.
func field(line []byte) (word, rest []byte) {
	i := 0
	for i < len(line) && blank(line[i]) {
		i++
	}
	j := i
	for j < len(line) && !blank(line[j]) {
		j++
	}
	return line[i:j], line[j:]
}

func blank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// number reads a decimal number that fits 64 bits; anything else is none.
func number(word []byte) (n uint64, ok bool) {
	if len(word) == 0 || len(word) > 20 {
		return 0, false
	}
	for _, c := range word {
		d := uint64(c - '0')
		if c < '0' || c > '9' || n > (1<<64-1-d)/10 {
			return 0, false
		}
		n = n*10 + d
	}
	return n, true
}

// numbers reads the words of a line into into and returns how many were numbers before one was not.
func numbers(line []byte, into []uint64) int {
	for i := range into {
		var w []byte
		if w, line = field(line); len(w) == 0 {
			return i
		}
		n, ok := number(w)
		if !ok {
			return i
		}
		into[i] = n
	}
	return len(into)
}

// pairs calls do with each "name value" or "name: value" line that has a number.
func pairs(text []byte, do func(name []byte, value uint64)) {
	for line := range bytes.Lines(text) {
		name, rest := field(line)
		w, _ := field(rest)
		if n, ok := number(w); ok && len(name) > 0 {
			do(bytes.TrimSuffix(name, []byte(":")), n)
		}
	}
}
