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
	"dbtriage/collectors/memcached"
	"dbtriage/collectors/nginx"
	"dbtriage/collectors/redis"
	"dbtriage/ui/session"
)

// sourceFlags say what to watch.
type sourceFlags struct {
	slowLogs, accessLogs []string
	redis, memcached     []string
	nginxStatus          []string
	noHost               bool
	logFormat, nginxConf string
	interval             time.Duration
	back                 time.Duration
	mysql                mysqlFlags
}

func (f *sourceFlags) add(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringArrayVar(&f.slowLogs, "slow-log", nil, "follow this slow log `FILE`; may be given again")
	fl.StringArrayVar(&f.accessLogs, "access-log", nil, "follow this access log `FILE`; may be given again")
	fl.StringArrayVar(&f.redis, "redis", nil, "read this Redis or Valkey `SERVER`, host:port or a socket; the password comes from REDISCLI_AUTH")
	fl.StringArrayVar(&f.memcached, "memcached", nil, "read this memcached `SERVER`, host:port or a socket")
	fl.StringArrayVar(&f.nginxStatus, "nginx-status", nil, "read this stub_status page `URL`")
	fl.BoolVar(&f.noHost, "no-host", false, "leave this host out")
	fl.StringVar(&f.logFormat, "log-format", "", "Nginx log_format `STRING` of the access logs")
	fl.StringVar(&f.nginxConf, "nginx-conf", "", "take log_format from this nginx.conf `FILE`")
	fl.DurationVar(&f.interval, "interval", time.Second, "read every source each `INTERVAL`")
	f.mysql.add(fl)
	fl.DurationVar(&f.back, "back", 5*time.Minute, "at the start, read logs from this `DURATION` ago")
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
	{"mysql", func(f *sourceFlags) ([]session.Feed, error) { return f.mysql.feeds() }},
	{"redis", redisFeeds},
	{"memcached", memcachedFeeds},
	{"nginx", nginxFeeds},
}

// hostFeeds is the machine that the program runs on.
func hostFeeds(f *sourceFlags) ([]session.Feed, error) {
	if f.noHost {
		return nil, nil
	}
	return []session.Feed{{Name: host.Source, Found: "where dbtriage runs", Read: host.New(host.Options{}).Read}}, nil
}

func redisFeeds(f *sourceFlags) (all []session.Feed, err error) {
	for _, addr := range f.redis {
		if strings.Contains(addr, "@") {
			return nil, hinted{fmt.Errorf("--redis %s: no user and password there: others can read the command line", addr), "put the password into the environment as REDISCLI_AUTH"}
		}
		r := redis.New(redis.Options{Addr: addr, Password: redis.Password(), Instance: instance(addr, f.redis)})
		all = append(all, session.Feed{Name: "redis " + addr, Found: "named", Read: r.Read, Close: r.Close})
	}
	return all, nil
}

func memcachedFeeds(f *sourceFlags) (all []session.Feed, err error) {
	for _, addr := range f.memcached {
		m := memcached.New(addr, instance(addr, f.memcached))
		all = append(all, session.Feed{Name: "memcached " + addr, Found: "named", Read: m.Read, Close: m.Close})
	}
	return all, nil
}

func nginxFeeds(f *sourceFlags) (all []session.Feed, err error) {
	for _, url := range f.nginxStatus {
		n := nginx.New(url)
		all = append(all, session.Feed{Name: "nginx " + url, Found: "named", Read: n.Read, Close: n.Close})
	}
	return all, nil
}

// instance tells a server from others of its kind; the only one needs no name.
func instance(addr string, all []string) string {
	if len(all) == 1 {
		return ""
	}
	return addr
}

// options turn flags into what a live session is told.
func (f *sourceFlags) options() (session.LiveOptions, error) {
	opt := session.LiveOptions{Interval: f.interval, Back: f.back, Version: versionText()}
	opt.Host, _ = os.Hostname()
	if f.interval < 100*time.Millisecond {
		return opt, hinted{fmt.Errorf("--interval %v is too short", f.interval), "use 100ms or more; 1s is usual"}
	}
	opt.Options.Workers = min(runtime.GOMAXPROCS(0), 2) // what is appended in a second is little
	opt.Options.Logs = logs.Options{LogFormat: f.logFormat}
	if f.nginxConf != "" {
		text, err := os.ReadFile(f.nginxConf)
		if err != nil {
			return opt, fmt.Errorf("--nginx-conf: %w", err)
		}
		opt.Options.Logs.NginxConf = string(text)
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
		for _, feed := range feeds {
			feed.Kind = k.kind
			opt.Feeds = append(opt.Feeds, feed)
		}
	}
	if len(opt.Feeds)+len(opt.Logs) == 0 {
		return opt, hinted{errors.New("there is nothing to watch"), "name a log with --slow-log or --access-log, or leave out --no-host"}
	}
	return opt, nil
}
