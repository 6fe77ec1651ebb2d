package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What the nginx.conf of live and record includes is read, and what of it is missing is told.
func TestLiveFollowsIncludes(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"nginx.conf": "http { include formats.conf; include gone.conf; }", "formats.conf": "log_format stars '$status*$msec';"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	f := sourceFlags{noHost: true, accessLogs: []string{filepath.Join(dir, "access.log")}}
	f.nginxConf.path = filepath.Join(dir, "nginx.conf")
	opt, err := f.options()
	if err != nil || !strings.Contains(opt.Options.Logs.NginxConf, "log_format stars") {
		t.Errorf("%q, %v", opt.Options.Logs.NginxConf, err)
	}
	var told strings.Builder
	f.nginxConf.tellMissing(&told)
	if want := "dbtriage: note: --nginx-conf: not read: " + dir + "/gone.conf: there is no such file\n"; told.String() != want {
		t.Errorf("%q", told.String())
	}
}
