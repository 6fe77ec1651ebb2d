package session

import (
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A copy of a log is told, packed or not; a log that merely has as many lines is none.
func TestCopies(t *testing.T) {
	dir := t.TempDir()
	line := `1.2.3.4 - - [05/Mar/2024:10:00:00 +0000] "GET /a HTTP/1.1" 200 10 "-" "-" rt=0.010` + "\n"
	write := func(name, text string) Input {
		path := filepath.Join(dir, name)
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if strings.HasSuffix(name, ".gz") {
			z := gzip.NewWriter(f)
			defer z.Close()
			_, err = z.Write([]byte(text))
		} else {
			_, err = f.WriteString(text)
		}
		if err != nil {
			t.Fatal(err)
		}
		return Input{Path: path}
	}
	inputs := []Input{
		write("access.log", line+line), write("copy.log", line+line), write("other.log", line+strings.Replace(line, "0.010", "0.020", 1)), write("packed.log.gz", line+line),
	}
	s, problems := Read(t.Context(), inputs, Options{Workers: 1})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	for i, copied := range []bool{false, true, false, true} {
		if got := strings.Contains(strings.Join(s.Sources[i].Warnings, "\n"), "a copy of "+inputs[0].Path); got != copied {
			t.Errorf("%s: %q", filepath.Base(s.Sources[i].Path), s.Sources[i].Warnings)
		}
	}
}
