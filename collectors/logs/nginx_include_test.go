package logs

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Formats of included files are found; what cannot be read is told, and a file that includes itself is read
// once.
func TestReadNginxConf(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"nginx.conf":    "http { include conf.d/*.conf; include mime.types; include nothing/*.conf; log_format a '$status'; }",
		"conf.d/b.conf": "log_format b '$time_iso8601 $status'; include formats/c;",
		"conf.d/d.conf": "log_format d '$msec",
		"formats/c":     "include conf.d/b.conf; log_format c '$msec $status';",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	text, missing, err := ReadNginxConf(filepath.Join(dir, "nginx.conf"))
	if err != nil {
		t.Fatal(err)
	}
	conf, err := ParseNginxConf(text)
	var names []string
	for _, f := range conf.Formats {
		names = append(names, f.Name)
	}
	if got := strings.Join(names, " "); err != nil || got != "a b c" {
		t.Errorf("formats %s, %v", got, err)
	}
	if len(missing) != 2 || !strings.Contains(strings.Join(missing, " "), "mime.types: there is no such file") || !strings.Contains(strings.Join(missing, " "), "d.conf") {
		t.Errorf("missing: %q", missing)
	}
	if _, _, err := ReadNginxConf(filepath.Join(dir, "none.conf")); err == nil {
		t.Error("a file that is not there is read")
	}
}
