package logs

import (
	"fmt"
	"os"
	"path/filepath"
)

const (
	maxConfFiles = 200
	maxConfSize  = 4 << 20 // of all files of a configuration, in bytes
)

// ReadNginxConf reads an nginx.conf and the files that it includes, globs among them, which are relative to
// its folder as Nginx has it. The text is that of all, one after the other, so that ParseNginxConf finds
// every log_format. missing says what could not be read of the included.
func ReadNginxConf(path string) (text string, missing []string, err error) {
	main, err := os.ReadFile(path)
	if err != nil {
		return "", nil, err
	}
	if _, err := ParseNginxConf(string(main)); err != nil {
		return string(main), nil, fmt.Errorf("%s: %w", path, err)
	}
	seen := map[string]bool{filepath.Clean(path): true}
	all := []string{string(main)}
	size := len(main)
	for next := 0; next < len(all); next++ {
		_ = WalkNginxConf(all[next], func(_ [][]string, words []string) { // it was parsed before
			if words[0] != "include" || len(words) != 2 {
				return
			}
			pattern := words[1]
			if !filepath.IsAbs(pattern) {
				pattern = filepath.Join(filepath.Dir(path), pattern)
			}
			files, err := filepath.Glob(pattern)
			if err != nil || len(files) == 0 && !hasGlob(pattern) {
				missing = append(missing, pattern+": there is no such file")
			}
			for _, file := range files {
				if file = filepath.Clean(file); seen[file] {
					continue
				}
				seen[file] = true
				included, err := os.ReadFile(file)
				if err == nil && (len(all) >= maxConfFiles || size+len(included) > maxConfSize) {
					err = fmt.Errorf("%s: more than %d files or %d bytes", file, maxConfFiles, maxConfSize)
				}
				if err == nil {
					if _, err = ParseNginxConf(string(included)); err != nil {
						err = fmt.Errorf("%s: %w", file, err)
					}
				}
				if err != nil {
					missing = append(missing, err.Error())
					continue
				}
				size += len(included)
				all = append(all, string(included))
			}
		})
	}
	for _, t := range all[1:] {
		main = append(append(main, '\n'), t...)
	}
	return string(main), missing, nil
}

func hasGlob(pattern string) bool {
	for _, b := range pattern {
		if b == '*' || b == '?' || b == '[' {
			return true
		}
	}
	return false
}
