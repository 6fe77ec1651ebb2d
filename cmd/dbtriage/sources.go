package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"dbtriage/collectors/host"
	"dbtriage/collectors/logs"
	"dbtriage/ui/session"
)

// sourceFlags say what to watch.
type sourceFlags struct {
	slowLogs, accessLogs []string
	logFormat            string
	nginxConf            nginxConfFlag
	redis, memcached     []string
	redisUser            string
	nginxStatus          string
	noHost               bool
	nginxConnections     float64 // worker_processes × worker_connections, where found
	webErrors, dbErrors  []string
	interval             time.Duration
	back                 time.Duration
	mysql                mysqlFlags
}

func (f *sourceFlags) add(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringArrayVar(&f.slowLogs, "slow-log", nil, "follow this slow log `FILE`; may be given again")
	fl.StringArrayVar(&f.accessLogs, "access-log", nil, "follow this access log `FILE`; may be given again")
	fl.StringVar(&f.logFormat, "log-format", "", "Nginx log_format `STRING` of the access logs")
	f.nginxConf.add(fl)
	fl.BoolVar(&f.noHost, "no-host", false, "do not watch this host itself")
	fl.StringArrayVar(&f.redis, "redis", nil, "ask this Redis or Valkey: `HOST:PORT` or a socket; may be given again")
	fl.StringVar(&f.redisUser, "redis-user", "", "`USER` for --redis; the password comes from REDISCLI_AUTH")
	fl.StringArrayVar(&f.memcached, "memcached", nil, "ask this memcached: `HOST:PORT` or a socket; may be given again")
	fl.StringVar(&f.nginxStatus, "nginx-status", "", "read Nginx's stub_status at this `URL`")
	fl.StringArrayVar(&f.webErrors, "nginx-error-log", nil, "count the messages of this error log `FILE` of Nginx; may be given again")
	fl.StringArrayVar(&f.dbErrors, "mysql-error-log", nil, "count the messages of this error log `FILE` of a server; may be given again")
	f.interval, f.back = time.Second, 5*time.Minute
	addInterval(cmd, &f.interval, "interval", shortestInterval, "read every source each `INTERVAL`")
	f.mysql.add(fl)
	addInterval(cmd, &f.back, "back", 0, "at the start, read logs from this `DURATION` ago")
}

// A feedKind is one kind of source that is asked for readings.
type feedKind struct {
	kind string
	// open returns the feeds that the flags ask for; it does not connect.
	open func(f *sourceFlags) ([]session.Feed, error)
}

// feedKinds is the table of what is read live beside logs.
var feedKinds = []feedKind{
	{"host", hostFeeds},
	{"mysql", func(f *sourceFlags) ([]session.Feed, error) { return f.mysql.feeds(len(f.slowLogs) == 0) }},
	{"redis", redisFeeds},
	{"memcached", memcachedFeeds},
	{"nginx", nginxFeeds},
	{"log", errorLogFeeds},
}

// hostFeeds is the machine that the program runs on.
func hostFeeds(f *sourceFlags) ([]session.Feed, error) {
	if f.noHost {
		return nil, nil
	}
	return []session.Feed{{Name: host.Source, Kind: "host", Found: "where dbtriage runs", Read: host.New(host.Options{}).Read}}, nil
}

// idle refuses flags of sources that are not among those named; where none is, they are for what is found.
func (f *sourceFlags) idle() error {
	if !f.named() {
		return nil
	}
	for _, of := range []struct {
		flag, source string
		idle         bool
	}{
		{"--log-format", "--access-log", f.logFormat != "" && len(f.accessLogs) == 0},
		{"--nginx-conf", "--access-log", f.nginxConf.path != "" && len(f.accessLogs) == 0},
		{"--redis-user", "--redis", f.redisUser != "" && len(f.redis) == 0},
		{"--ask-password", "--mysql", f.mysql.given() == "--ask-password"},
	} {
		if of.idle {
			return hinted{fmt.Errorf("%s changes nothing without %s", of.flag, of.source), "add " + of.source + "; without any source named all that is found is read"}
		}
	}
	return nil
}

// options turn flags into what a live session is told.
func (f *sourceFlags) options() (session.LiveOptions, error) {
	opt := session.LiveOptions{Interval: f.interval, Back: f.back, Version: versionText()}
	opt.Host, _ = os.Hostname()
	opt.Options.Workers = min(runtime.GOMAXPROCS(0), 2) // what is appended in a second is little
	opt.Options.Logs = logs.Options{LogFormat: f.logFormat}
	var err error
	if opt.Options.Logs.NginxConf, err = f.nginxConf.read(); err != nil {
		return opt, err
	}
	if err := f.idle(); err != nil {
		return opt, err
	}
	how := map[string]string{}
	if !f.named() {
		how = f.useFound(&opt, lookAround())
	}
	for role, paths := range map[string][]string{"db": f.slowLogs, "web": f.accessLogs} {
		for _, path := range paths {
			opt.Logs = append(opt.Logs, session.Input{Path: filepath.Clean(path), Role: role})
		}
	}
	for _, k := range feedKinds {
		feeds, err := k.open(f)
		if err != nil {
			return opt, err
		}
		opt.Feeds = append(opt.Feeds, feeds...)
	}
	for i := range opt.Feeds {
		if _, where, ok := strings.Cut(opt.Feeds[i].Name, " "); ok && how[where] != "" {
			opt.Feeds[i].Found = how[where]
		} else if how[opt.Feeds[i].Name] != "" {
			opt.Feeds[i].Found = how[opt.Feeds[i].Name]
		}
	}
	if len(opt.Feeds)+len(opt.Logs) == 0 {
		return opt, hinted{errors.New("there is nothing to watch"), "no server and no log that may be read was found: see dbtriage discover, or name a log with --slow-log or --access-log"}
	}
	return opt, nil
}
