package logs

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// rotatedNames lists the files that rotation may have made of a log, oldest first: those beside it
// whose names begin with its own.
func rotatedNames(path string) []string {
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return nil
	}
	type rotated struct {
		name string
		at   time.Time
	}
	var all []rotated
	base := filepath.Base(path)
	for _, e := range entries {
		rest, ok := strings.CutPrefix(e.Name(), base)
		if !ok || rest == "" || rest[0] != '.' && rest[0] != '-' {
			continue
		}
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() {
			all = append(all, rotated{filepath.Join(filepath.Dir(path), e.Name()), info.ModTime()})
		}
	}
	slices.SortStableFunc(all, func(a, b rotated) int { return a.at.Compare(b.at) })
	names := make([]string, len(all))
	for i, r := range all {
		names[i] = r.name
	}
	return names
}

// compressedName reports whether a rotated log was compressed, after which it is no continuation.
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

// find opens the file that a position is of: the log itself, or one that rotation renamed or copied
// it to. None of the files that are open already is taken.
func (p *Position) find(path string, open []*growing) *os.File {
	names := append([]string{path}, rotatedNames(path)...)
	for _, sameNumber := range []bool{true, false} {
		for _, name := range names {
			info, err := os.Stat(name)
			if err != nil || p.is(info) != sameNumber || isOpen(open, info) {
				continue
			}
			if !sameNumber && p.Head.Len == 0 {
				continue // nothing tells a copy
			}
			file, err := os.Open(name)
			if err != nil {
				continue
			}
			if p.in(file) {
				return file
			}
			file.Close()
		}
	}
	return nil
}

func isOpen(open []*growing, info os.FileInfo) bool {
	return slices.ContainsFunc(open, func(g *growing) bool {
		have, err := g.file.Stat()
		return err == nil && os.SameFile(have, info)
	})
}
