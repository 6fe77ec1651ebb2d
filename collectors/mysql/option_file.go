package mysql

import (
	"bufio"
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"dbtriage/collectors/optionfile"
)

// Options say where a Config comes from.
type Options struct {
	DefaultsFile string              // read instead of the usual files
	Home         string              // for ~/.my.cnf
	Root         string              // before /etc; empty for the real one
	Env          func(string) string // os.Getenv
}

// clientGroups are the groups of option files that are read, as the clients of MySQL and MariaDB do.
var clientGroups = []string{"client", "client-server", "client-mariadb", "mysql", "mariadb-client"}

// LoadConfig reads what option files and the environment say, in the client's order: later ones win.
// A file that may not be read, or that everybody may write, is an error only when it was named.
func LoadConfig(o Options) (Config, error) {
	var c Config
	files := []string{o.Root + "/etc/my.cnf", o.Root + "/etc/mysql/my.cnf"}
	if o.Home != "" {
		files = append(files, filepath.Join(o.Home, ".my.cnf"))
	}
	if o.DefaultsFile != "" {
		files = []string{o.DefaultsFile}
	}
	for _, file := range files {
		if err := c.readOptionFile(file, 0); err != nil && o.DefaultsFile != "" {
			return c, err
		}
	}
	env := o.Env
	if env == nil {
		env = os.Getenv
	}
	for _, e := range []struct{ variable, option string }{
		{"MYSQL_HOST", "host"}, {"MYSQL_TCP_PORT", "port"}, {"MYSQL_UNIX_PORT", "socket"}, {"MYSQL_PWD", "password"},
	} {
		if v := env(e.variable); v != "" && !(e.option == "password" && c.PasswordSet) {
			if err := c.option(e.option, v); err != nil {
				return c, fmt.Errorf("%s: %w", e.variable, err)
			}
		}
	}
	return c, nil
}

// maxIncludes bounds how deep option files may include each other.
const maxIncludes = 8

func (c *Config) readOptionFile(file string, depth int) error {
	info, err := os.Stat(file)
	if err != nil {
		return err
	}
	if info.Mode().Perm()&0o002 != 0 {
		return fmt.Errorf("%s: every user may write it, so it is not read: chmod o-w it", file)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	ours, servers := false, false
	lines := bufio.NewScanner(bytes.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		kind, path, includes := optionfile.Include(line)
		group, begins := optionfile.Group(line)
		switch {
		case line == "" || line[0] == '#' || line[0] == ';':
		case includes:
			if depth < maxIncludes {
				c.include(kind, path, filepath.Dir(file), depth+1)
			}
		case begins:
			ours, servers = slices.Contains(clientGroups, strings.ToLower(group)), optionfile.ServerGroup(group)
		case servers:
			c.serverOption(line)
		case ours:
			name, value, _ := strings.Cut(line, "=")
			if err := c.option(strings.TrimSpace(name), optionText(value)); err != nil {
				return fmt.Errorf("%s:%d: %w", file, n, err)
			}
		}
	}
	return lines.Err()
}

// include follows "!include FILE" and "!includedir DIR"; what is not there is passed over, as the
// client does.
func (c *Config) include(kind, path, base string, depth int) {
	if !filepath.IsAbs(path) {
		path = filepath.Join(base, path)
	}
	if kind == "include" {
		_ = c.readOptionFile(path, depth)
		return
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return
	}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".cnf") && e.Type()&fs.ModeDir == 0 {
			_ = c.readOptionFile(filepath.Join(path, e.Name()), depth)
		}
	}
}

// optionText takes off quotes, a comment behind the value, and the escapes of option files.
func optionText(v string) string {
	v = strings.TrimSpace(v)
	if n := len(v); n >= 2 && (v[0] == '"' || v[0] == '\'') {
		if end := strings.IndexByte(v[1:], v[0]); end >= 0 {
			v = v[1 : 1+end]
		}
	} else if i := strings.Index(v, " #"); i >= 0 {
		v = strings.TrimSpace(v[:i])
	}
	return optionEscapes.Replace(v)
}

var optionEscapes = strings.NewReplacer(`\\`, `\`, `\s`, " ", `\t`, "\t", `\n`, "\n", `\r`, "\r", `\b`, "\b", `\"`, `"`, `\'`, "'")

// serverOption takes what a server's group says of its door for administrators.
func (c *Config) serverOption(line string) {
	name, value, _ := optionfile.Option(line)
	switch name {
	case "extra_port", "admin_port":
		if n, err := strconv.Atoi(value); err == nil && n > 0 && n <= 65535 {
			c.ExtraPort = n
		}
	case "admin_address":
		c.AdminAddress = value
	}
}

// option takes one option; those that say nothing of where the server is are passed over.
func (c *Config) option(name, value string) error {
	switch strings.ReplaceAll(strings.ToLower(name), "_", "-") {
	case "user":
		c.User = value
	case "password":
		c.Password, c.PasswordSet = value, true
	case "host":
		c.Host = value
	case "socket":
		c.Socket = value
	case "port":
		n, err := strconv.Atoi(value)
		if err != nil || n < 0 || n > 65535 {
			return fmt.Errorf("port: %q is none", value)
		}
		c.Port = n
	case "ssl":
		c.TLS = value != "0" && !strings.EqualFold(value, "off") && !strings.EqualFold(value, "false")
	case "ssl-mode":
		mode := strings.ToUpper(value)
		c.TLS = mode != "DISABLED" && mode != "PREFERRED"
		c.VerifyCertificates = mode == "VERIFY_IDENTITY"
	case "ssl-ca":
		c.TLS, c.CA = true, value
	case "ssl-cert":
		c.TLS, c.Cert = true, value
	case "ssl-key":
		c.Key = value
	case "ssl-verify-server-cert":
		c.TLS, c.VerifyCertificates = true, value != "0" && !strings.EqualFold(value, "off")
	}
	return nil
}
