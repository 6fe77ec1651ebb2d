package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"

	"dbtriage/collectors/logs"
)

// A copier writes one round of a sample that is repeated.
type copier func(w io.Writer, r io.Reader, round int) (written int64, err error)

func plainCopy(w io.Writer, r io.Reader, _ int) (int64, error) { return io.Copy(w, r) }

// repeat writes the sample, decompressed, again and again until the file has size bytes; only whole
// lines are kept. It holds little memory: what a child of this process is charged for at its start
// is the most that the parent ever held.
func repeat(dir, name, sample string, size int64, round copier) (string, int64, error) {
	file := filepath.Join(dir, name)
	once := file + ".once"
	defer os.Remove(once)
	length, err := unpack(once, sample)
	if err != nil {
		return "", 0, err
	}
	out, err := os.Create(file)
	if err != nil {
		return "", 0, err
	}
	defer out.Close()
	var n int64
	for i := 0; n < size; i++ {
		in, err := os.Open(once)
		if err != nil {
			return "", 0, err
		}
		k, err := round(out, io.LimitReader(in, min(length, size-n)), i)
		in.Close()
		if n += k; err != nil {
			return "", 0, err
		}
	}
	err = cutLastLine(out, &n)
	return file, n, err
}

// unpack writes a sample to a file and returns the length of its whole lines.
func unpack(file, sample string) (int64, error) {
	in, err := logs.Open(sample, logs.Options{}, nil)
	if err != nil {
		return 0, err
	}
	defer in.Close()
	out, err := os.Create(file)
	if err != nil {
		return 0, err
	}
	defer out.Close()
	n, err := io.Copy(out, in)
	if err != nil {
		return 0, err
	}
	err = cutLastLine(out, &n)
	return n, err
}

// cutLastLine takes a line without its end off a file of n bytes.
func cutLastLine(f *os.File, n *int64) error {
	tail := make([]byte, min(*n, 1<<20))
	if _, err := f.ReadAt(tail, *n-int64(len(tail))); err != nil {
		return err
	}
	if i := bytes.LastIndexByte(tail, '\n'); i >= 0 {
		*n -= int64(len(tail) - i - 1)
	}
	return f.Truncate(*n)
}

// pack compresses a file with the tool of that name and returns the new one.
func pack(file, how string) (string, error) {
	packed := file + "." + how
	out, err := os.Create(packed)
	if err != nil {
		return "", err
	}
	defer out.Close()
	cmd := exec.Command(map[string]string{"gz": "gzip", "zst": "zstd"}[how], "-c", file)
	cmd.Stdout = out
	return packed, cmd.Run()
}
