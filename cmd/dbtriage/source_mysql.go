package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/spf13/pflag"
	"golang.org/x/term"

	"dbtriage/collectors"
	"dbtriage/collectors/mysql"
	"dbtriage/ui/session"
)

// mysqlFlags name database servers.
type mysqlFlags struct {
	servers      []string
	defaultsFile string
	askPassword  bool

	known []mysql.Config // what configs has found out, asking once
}

func (f *mysqlFlags) add(fl *pflag.FlagSet) {
	fl.StringArrayVar(&f.servers, "mysql", nil, "read this `SERVER`: user@host:port, or the path of its socket; may be given again")
	fl.StringVar(&f.defaultsFile, "defaults-file", "", "log in with this option `FILE` instead of ~/.my.cnf; names the server too")
	fl.BoolVar(&f.askPassword, "ask-password", false, "ask for the password of --mysql")
}

// given names one of the flags that were given, "" when none was.
func (f *mysqlFlags) given() string {
	switch {
	case len(f.servers) > 0:
		return "--mysql"
	case f.defaultsFile != "":
		return "--defaults-file"
	case f.askPassword:
		return "--ask-password"
	}
	return ""
}

// feeds prepares to read the servers; it does not connect. With statements their own books of these
// are read.
func (f *mysqlFlags) feeds(statements bool) ([]session.Feed, error) {
	configs, err := f.configs()
	if err != nil {
		return nil, err
	}
	var feeds []session.Feed
	for _, c := range configs {
		c.Statements = statements
		s := mysql.New(c)
		feeds = append(feeds, session.Feed{Name: s.Name(), Kind: "mysql", Found: "named", Read: s.Read, Close: s.Close})
	}
	return feeds, nil
}

// configs says how to log in to the servers that are named; nil when none is.
func (f *mysqlFlags) configs() ([]mysql.Config, error) {
	if f.known != nil {
		return f.known, nil
	}
	servers := f.servers
	if len(servers) == 0 && f.defaultsFile != "" {
		servers = []string{""} // the file says which
	}
	if len(servers) == 0 {
		return nil, nil
	}
	home, _ := os.UserHomeDir()
	base, err := mysql.LoadConfig(mysql.Options{DefaultsFile: f.defaultsFile, Home: home})
	if err != nil {
		return nil, fmt.Errorf("option files: %w", err)
	}
	if f.askPassword {
		if base.Password, err = ask("password: "); err != nil {
			return nil, err
		}
	}
	var configs []mysql.Config
	for _, name := range servers {
		c := base
		if err := c.Target(name); err != nil {
			return nil, hinted{fmt.Errorf("--mysql: %w", err), "for example --mysql dbtriage@127.0.0.1:3306, with the password in ~/.my.cnf"}
		}
		configs = append(configs, c)
	}
	f.known = configs
	return configs, nil
}

// explain asks the server of an address for plans, the first that is named without one; nil when none is.
func (f *mysqlFlags) explain() func(ctx context.Context, address, schema, statement string) (columns []string, rows [][]string, err error) {
	if len(f.known) == 0 {
		return nil
	}
	return func(ctx context.Context, address, schema, statement string) ([]string, [][]string, error) {
		at := slices.IndexFunc(f.known, func(c mysql.Config) bool { return mysql.New(c).Name() == collectors.ServerSource+address })
		c := f.known[max(at, 0)]
		plan, err := mysql.Explain(ctx, c, schema, statement)
		if err != nil {
			return nil, nil, err
		}
		return plan.Columns, plan.Rows, nil
	}
}

// ask reads a secret from the terminal.
func ask(prompt string) (string, error) {
	tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err != nil {
		return "", hinted{errors.New("there is no terminal to ask for the password"), "put it into ~/.my.cnf ([client] password=…) or MYSQL_PWD"}
	}
	defer tty.Close()
	fmt.Fprint(tty, prompt)
	secret, err := term.ReadPassword(int(tty.Fd()))
	fmt.Fprintln(tty)
	return string(secret), err
}
