package main

import (
	"context"
	"time"

	"dbtriage/collectors"
	"dbtriage/collectors/discover"
	"dbtriage/ui/session"
)

// named reports whether any source was; then nothing is looked for.
func (f *sourceFlags) named() bool {
	return len(f.slowLogs)+len(f.accessLogs)+len(f.redis)+len(f.memcached)+len(f.webErrors)+len(f.dbErrors) > 0 || f.nginxStatus != "" || len(f.mysql.servers) > 0 || f.mysql.defaultsFile != ""
}

// discoverPatience bounds the look around at the start.
const discoverPatience = 2 * time.Second

// useFound has the flags name what is found on this host and may be read, and returns how each was
// found. What may not be read is told as a source that is denied, with what would help.
func (f *sourceFlags) useFound(opt *session.LiveOptions, found []discover.Found) (how map[string]string) {
	how = map[string]string{}
	for _, x := range found {
		if x.State != discover.Readable {
			if x.State == discover.Denied {
				opt.Absent = append(opt.Absent, session.SourceState{
					Name: x.Where, Kind: kindOf(x.Kind), State: "denied", Found: x.How, Why: x.Why, Provide: x.Provide, LastAt: collectors.NoTime,
				})
			}
			continue
		}
		how[x.Where] = x.How
		switch x.Kind {
		case discover.MySQL: // the login is that of ~/.my.cnf
			f.mysql.servers = append(f.mysql.servers, x.Where)
		case discover.SlowLog:
			f.slowLogs = append(f.slowLogs, x.Where)
		case discover.AccessLog:
			f.accessLogs = append(f.accessLogs, x.Where)
		case discover.ErrorLog:
			if x.Role == "db" {
				f.dbErrors = append(f.dbErrors, x.Where)
			} else {
				f.webErrors = append(f.webErrors, x.Where)
			}
		case discover.Redis:
			f.redis = append(f.redis, x.Where)
		case discover.Memcached:
			f.memcached = append(f.memcached, x.Where)
		case discover.StubStatus:
			if f.nginxStatus == "" {
				f.nginxStatus, f.nginxConnections = x.Where, x.MaxConnections
			}
		case discover.Nginx:
			opt.Options.Logs.NginxConf += x.Conf
		}
	}
	return how
}

// kindOf is the kind of a source as sessions name it.
func kindOf(kind string) string {
	switch kind {
	case discover.SlowLog, discover.AccessLog, discover.ErrorLog, discover.OptionFile:
		return "log"
	case discover.StubStatus:
		return "nginx"
	}
	return kind
}

// lookAround finds what is on this host.
func lookAround() []discover.Found {
	ctx, cancel := context.WithTimeout(context.Background(), discoverPatience)
	defer cancel()
	return discover.Find(ctx, discover.Roots{})
}
