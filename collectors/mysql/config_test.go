package mysql

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func file(t testing.TB, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func noEnv(string) string { return "" }

// Files are read in the client's order, and later ones win.
func TestOptionFiles(t *testing.T) {
	root, home := t.TempDir(), t.TempDir()
	file(t, root, "etc/my.cnf", "user = outside of any group\n[mysqld]\nport=9\nuser=mysql\nextra-port = 3399 # for us\n[client]\nport = 3307 # the second one\nuser=system\n!includedir\tconf.d\n")
	file(t, root, "etc/conf.d/a.cnf", "[client-server]\nsocket=/run/a b.sock\n")
	file(t, root, "etc/conf.d/b.txt", "[client]\nuser=never\n")
	file(t, home, ".my.cnf", "[CLIENT]\nuser=\"me\"\npassword='p#q\\\\w'\nssl-mode=REQUIRED\nno-such-option=1\n")
	c, err := LoadConfig(Options{Root: root, Home: home, Env: noEnv})
	if err != nil {
		t.Fatal(err)
	}
	if c.User != "me" || c.Password != `p#q\w` || c.Port != 3307 || c.Socket != "/run/a b.sock" || !c.TLS || c.VerifyCertificates {
		t.Errorf("%+v", c)
	}
	if c.ExtraPort != 3399 {
		t.Errorf("extra port %d", c.ExtraPort)
	}
	for want, c := range map[string]Config{
		"127.0.0.1:3399": {Host: "127.0.0.1", ExtraPort: 3399}, "10.0.0.9:33062": {Host: "localhost", AdminAddress: "10.0.0.9"},
		"": {Host: "db.example", ExtraPort: 3399}, // the files are not of that server
	} {
		if got := c.extra(); got != want {
			t.Errorf("%+v: %q, want %q", c, got, want)
		}
	}
}

// A file that was named is read alone; the environment fills what no file says of the password.
func TestDefaultsFile(t *testing.T) {
	root := t.TempDir()
	file(t, root, "etc/my.cnf", "[client]\nuser=system\n")
	named := file(t, root, "named.cnf", "[client]\nhost=db.example\n")
	env := func(name string) string {
		return map[string]string{"MYSQL_PWD": "secret", "MYSQL_TCP_PORT": "3310"}[name]
	}
	c, err := LoadConfig(Options{Root: root, DefaultsFile: named, Env: env})
	if err != nil || c.User != "" || c.Host != "db.example" || c.Password != "secret" || c.Port != 3310 {
		t.Errorf("%+v %v", c, err)
	}
	if _, err = LoadConfig(Options{DefaultsFile: filepath.Join(root, "none.cnf"), Env: noEnv}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
	bad := file(t, root, "bad.cnf", "[client]\n\nport=many\n")
	if _, err = LoadConfig(Options{DefaultsFile: bad, Env: noEnv}); err == nil || !strings.Contains(err.Error(), "bad.cnf:3:") {
		t.Errorf("a port that is none: %v", err)
	}
	if err := os.Chmod(named, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err = LoadConfig(Options{DefaultsFile: named, Env: noEnv}); err == nil || !strings.Contains(err.Error(), "chmod o-w") {
		t.Errorf("a file that everybody may write: %v", err)
	}
}

func TestTarget(t *testing.T) {
	for _, c := range []struct {
		text string
		want Config
		fail bool
	}{
		{"/run/x.sock", Config{Socket: "/run/x.sock"}, false},
		{"db", Config{Host: "db"}, false},
		{"db:3307", Config{Host: "db", Port: 3307}, false},
		{"me@db:3307", Config{User: "me", Host: "db", Port: 3307}, false},
		{"me@/run/x.sock", Config{User: "me", Socket: "/run/x.sock"}, false},
		{"[::1]:3306", Config{Host: "::1", Port: 3306}, false},
		{"::1", Config{Host: "::1"}, false},
		{"me@", Config{User: "me"}, false},
		{"me:secret@db", Config{}, true},
		{"me:secret@tcp(db:3306)/", Config{}, true},
		{"db:port", Config{}, true},
		{"db:70000", Config{}, true},
	} {
		var got Config
		err := got.Target(c.text)
		if (err != nil) != c.fail || !c.fail && got != c.want {
			t.Errorf("%q: %+v %v", c.text, got, err)
		}
		if err != nil && strings.Contains(err.Error(), "secret") && !strings.Contains(c.text, "(") {
			t.Errorf("the password is repeated: %v", err)
		}
	}
}

func FuzzOptionFile(f *testing.F) {
	f.Add("[client]\nuser=x\npassword='a\n!include b\n")
	f.Fuzz(func(t *testing.T, text string) {
		named := file(t, t.TempDir(), "f.cnf", text)
		_, _ = LoadConfig(Options{DefaultsFile: named, Env: noEnv})
	})
}
