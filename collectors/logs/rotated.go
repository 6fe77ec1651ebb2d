package logs

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// rotatedNames lists the files that rotation may have made of a log, oldest first: those beside it
// whose names begin with its own. Where the log's name is a link, they may lie beside what it leads to.
func rotatedNames(path string) []string {
	type rotated struct {
		name string
		at   time.Time
	}
	var all []rotated
	for _, log := range namesOf(path) {
		entries, err := os.ReadDir(filepath.Dir(log))
		if err != nil {
			continue
		}
		base := filepath.Base(log)
		for _, e := range entries {
			rest, ok := strings.CutPrefix(e.Name(), base)
			if !ok || rest == "" || rest[0] != '.' && rest[0] != '-' {
				continue
			}
			if info, err := e.Info(); err == nil && info.Mode().IsRegular() {
				all = append(all, rotated{filepath.Join(filepath.Dir(log), e.Name()), info.ModTime()})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b rotated) int { return a.at.Compare(b.at) })
	names := make([]string, len(all))
	for i, r := range all {
		names[i] = r.name
	}
	return names
}

// namesOf returns the name of a log and, where that is a link, the name that it leads to.
func namesOf(path string) []string {
	if info, err := os.Lstat(path); err == nil && info.Mode()&os.ModeSymlink != 0 {
		if target, err := filepath.EvalSymlinks(path); err == nil && target != filepath.Clean(path) {
			return []string{path, target}
		}
	}
	return []string{path}
}

// compressedName reports whether a name is of a compressed file.
func compressedName(name string) bool {
	return slices.Contains([]string{".gz", ".zst", ".xz", ".bz2", ".lz4"}, filepath.Ext(name))
}

// Rotated reports whether name is what rotation makes of the log at path: a number or a date behind
// its name, perhaps compressed.
func Rotated(path, name string) bool {
	rest, ok := strings.CutPrefix(name, path)
	if !ok || rest == "" || rest[0] != '.' && rest[0] != '-' {
		return false
	}
	if compressedName(rest) {
		rest = strings.TrimSuffix(rest, filepath.Ext(rest))
	}
	return strings.Trim(rest, "0123456789-.T_") == "" && strings.ContainsAny(rest, "0123456789")
}

// rotatedFrom reports whether name is what rotation makes of the log at path, or of what that leads to.
func rotatedFrom(path, name string) bool {
	return slices.ContainsFunc(namesOf(path), func(log string) bool { return Rotated(log, name) })
}

// find opens the file that a position is of: the log itself, or one that rotation renamed or copied
// it to. None of the files that are open already is taken. With part no such file is there, but one
// that holds the beginning of what was read.
func (p *Position) find(path string, open []*growing) (found *os.File, part bool) {
	names := append([]string{path}, rotatedNames(path)...)
	for _, sameNumber := range []bool{true, false} {
		for _, name := range names {
			info, err := os.Stat(name)
			if err != nil || p.is(info) != sameNumber || isOpen(open, info) || !info.Mode().IsRegular() {
				continue
			}
			file, err := os.Open(name)
			if err != nil {
				continue
			}
			switch p.overlap(file, info) {
			case allOf:
				return file, false
			case partOf:
				part = part || name != path
			}
			file.Close()
		}
	}
	return nil, part
}

func isOpen(open []*growing, info os.FileInfo) bool {
	return slices.ContainsFunc(open, func(g *growing) bool {
		have, err := g.file.Stat()
		return err == nil && os.SameFile(have, info)
	})
}
