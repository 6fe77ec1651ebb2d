package session

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"dbtriage/collectors/logs"
)

// maxFiles bounds what a directory may bring.
const maxFiles = 10_000

// Inputs expands the arguments of a command: "-" is standard input, a directory brings its files, a
// pattern what it matches; "web=", "app=" or "db=" before any of them names its role.
func Inputs(args []string, stdin io.Reader) ([]Input, error) {
	var all []Input
	var wrong []error
	for _, arg := range args {
		role, path := SplitRole(arg)
		got, err := expand(role, path, stdin)
		if err != nil {
			wrong = append(wrong, &ArgError{path, err})
			continue
		}
		for _, in := range got {
			if !slices.ContainsFunc(all, func(have Input) bool { return have.Path == in.Path }) {
				all = append(all, in)
			}
		}
	}
	return all, errors.Join(wrong...)
}

// An ArgError says why an argument names no input.
type ArgError struct {
	Arg string
	Err error
}

func (e *ArgError) Error() string { return e.Err.Error() }
func (e *ArgError) Unwrap() error { return e.Err }

// Problems returns what is wrong with the inputs that Unreadable made.
func Problems(inputs []Input) (all []Problem) {
	for _, in := range inputs {
		_, err := in.Open()
		all = append(all, problemOf(in, err))
	}
	return all
}

// Unreadable makes inputs of what Inputs returned an error for: reading them gives that error again,
// beside what can be read of the others.
func Unreadable(err error) (all []Input) {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return nil
	}
	for _, err := range joined.Unwrap() {
		var arg *ArgError
		if errors.As(err, &arg) {
			all = append(all, Input{Path: arg.Arg, Open: func() (io.Reader, error) { return nil, arg.Err }})
		}
	}
	return all
}

// errNoFile says that a directory brings nothing.
var errNoFile = errors.New("the folder holds no file")

// SplitRole takes the role that stands before an argument off.
func SplitRole(arg string) (role, path string) {
	if before, after, ok := strings.Cut(arg, "="); ok && slices.Contains(Roles, before) {
		return before, after
	}
	return "", arg
}

// noRole reports whether a word that is no role stands before an existing file.
func noRole(path string) bool {
	name, file, ok := strings.Cut(path, "=")
	if !ok || strings.ContainsAny(name, "/*?[") {
		return false
	}
	_, err := os.Stat(file)
	return err == nil || unnamedRole[name] != ""
}

// unnamedRole says how sources get a role that no log has.
var unnamedRole = map[string]string{
	"cache": "; a cache keeps no log of its requests: live and record ask it (--redis, --memcached)",
	"host":  "; recordings of a host are known by their content: name the file alone",
}

func expand(role, path string, stdin io.Reader) ([]Input, error) {
	if path == "-" {
		return []Input{{Path: "-", Role: role, Once: true, Open: func() (io.Reader, error) { return stdin, nil }}}, nil
	}
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return directory(role, path)
	case err == nil:
		return []Input{{Path: filepath.Clean(path), Role: role}}, nil
	case errors.Is(err, fs.ErrNotExist) && noRole(path):
		name, _, _ := strings.Cut(path, "=")
		return nil, fmt.Errorf("%s: no file is named so, and %q is no role of a log: use %s=FILE%s", path, name, strings.Join(Roles, "=FILE, "), unnamedRole[name])
	case !errors.Is(err, fs.ErrNotExist) || !strings.ContainsAny(path, "*?["):
		var of *fs.PathError
		if errors.As(err, &of) { // not that it was "stat" which failed
			err = fmt.Errorf("%s: %w", path, of.Err)
		}
		return nil, err
	}
	matches, err := filepath.Glob(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(matches) == 0 {
		return nil, fmt.Errorf("%s: no file matches", path)
	}
	var all []Input
	for _, m := range matches {
		got, err := expand(role, m, stdin)
		if err != nil && !errors.Is(err, errNoFile) {
			return nil, err
		}
		for i := range got {
			got[i].Found = true
		}
		all = append(all, got...)
	}
	return all, nil
}

// directory lists the regular files below dir in the order of their names.
func directory(role, dir string) ([]Input, error) {
	var all []Input
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			if path == dir {
				return err
			}
			all = append(all, Input{Path: path, Found: true, Open: func() (io.Reader, error) { return nil, err }})
			return nil
		}
		if d.IsDir() && path != dir && strings.HasPrefix(d.Name(), ".") {
			return fs.SkipDir
		}
		why := error(nil)
		if d.Type()&fs.ModeSymlink != 0 {
			why = notFollowed(path)
		} else if !d.Type().IsRegular() {
			return nil
		}
		in := Input{Path: path, Role: role, Found: true}
		if why != nil {
			in.Open = func() (io.Reader, error) { return nil, why }
		}
		all = append(all, in)
		if len(all) > maxFiles {
			return fmt.Errorf("%s: more than %d files; name the logs or a directory of logs", dir, maxFiles)
		}
		return nil
	})
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("%s: %w", dir, errNoFile)
	}
	return all, err
}

// notFollowed says why what a link leads to is not read; nil when it is a file.
func notFollowed(path string) error {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return err
	case info.IsDir():
		return fmt.Errorf("%s: a link to a folder is not followed: name the folder too", path)
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s: is no file", path)
	}
	return nil
}

// NginxConf returns the text of the nginx.conf among the inputs, if there is one, with that of what it includes, and
// the inputs without it: it is no log, and is told as none where there is nothing else.
func NginxConf(inputs []Input) (text string, others []Input) {
	for i, in := range inputs {
		if filepath.Base(in.Path) != "nginx.conf" || in.Open != nil {
			continue
		}
		if info, err := os.Stat(in.Path); err != nil || info.Size() >= 1<<20 {
			continue
		}
		// A copy often comes without what it includes: that is no error.
		text, _, err := logs.ReadNginxConf(in.Path)
		switch {
		case err == nil && len(inputs) > 1:
			return text, slices.Delete(slices.Clone(inputs), i, i+1)
		case text != "":
			return text, inputs
		}
	}
	return "", inputs
}
