package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"

	"dbtriage/ui/show"
)

// written has text written, and says whether all of it got out.
func written(w io.Writer, write func(io.Writer)) error {
	b := bufio.NewWriter(w)
	write(b)
	return b.Flush()
}

// writeFile has a file written by write. It appears only once it is whole, with the mode that the umask
// leaves, or that of the file it takes the place of. A link is written through; a device or a pipe is
// written to and not replaced. Errors do not name a file: the caller knows which.
func writeFile(path string, write func(io.Writer) error) error {
	path, err := linked(path)
	if err != nil {
		return withoutPath(err)
	}
	mode := fs.FileMode(0o666)
	info, err := os.Stat(path)
	if err == nil {
		if mode = info.Mode(); !mode.IsRegular() {
			return withoutPath(writeInto(path, write))
		}
	}
	tmp, err := newBeside(path)
	if err != nil {
		return withoutPath(err)
	}
	defer os.Remove(tmp.Name())
	if info != nil {
		err = tmp.Chmod(mode.Perm())
	}
	err = errors.Join(err, write(tmp), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	return withoutPath(err)
}

func writeInto(path string, write func(io.Writer) error) error {
	out, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return errors.Join(write(out), out.Close())
}

// newBeside creates a file in the folder of path. os.CreateTemp would not let the umask have its say.
func newBeside(path string) (*os.File, error) {
	for try := 0; ; try++ {
		name := filepath.Join(filepath.Dir(path), fmt.Sprintf(".%s.%d", filepath.Base(path), rand.Uint32()))
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if !errors.Is(err, fs.ErrExist) || try == 100 {
			return f, err
		}
	}
}

// linked follows the links that path is, to a file that need not exist.
func linked(path string) (string, error) {
	for range 40 { // as many as Linux follows
		to, err := os.Readlink(path)
		if err != nil {
			return path, nil // no link
		}
		if !filepath.IsAbs(to) {
			to = filepath.Join(filepath.Dir(path), to)
		}
		path = to
	}
	return "", errors.New("too many levels of symbolic links")
}

// withoutPath leaves out the name of the file, which may be a temporary one, of the errors of package os.
func withoutPath(err error) error {
	var failed *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &failed):
		return failed.Err
	case errors.As(err, &link):
		return link.Err
	}
	return err
}

// fileError says what is wrong with a file that a flag or an argument names, and what to do about it.
func fileError(flag, path string, err error) error {
	named := fmt.Errorf("%s %s: %w", flag, show.Line(path), withoutPath(err))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return hinted{named, "check the name"}
	case errors.Is(err, fs.ErrPermission):
		return hinted{named, "run it as root (sudo dbtriage …), or as a member of the file's group"}
	}
	return named
}
