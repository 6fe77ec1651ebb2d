package main

import (
	"fmt"
	"net"
	"path/filepath"
	"strings"

	"dbtriage/collectors/errorlog"
	"dbtriage/collectors/memcached"
	"dbtriage/collectors/nginx"
	"dbtriage/collectors/redis"
	"dbtriage/ui/session"
)

// instance names a server among several of its kind; the only one needs no name.
func instance(all []string, addr string) string {
	if len(all) == 1 {
		return ""
	}
	return addr
}

// address checks "host:port" or the path of a socket, and adds the usual port.
func address(flag, text, port string) (string, error) {
	if strings.HasPrefix(text, "/") {
		return text, nil
	}
	if strings.Contains(text, "@") || strings.Contains(text, "://") {
		return "", hinted{fmt.Errorf("%s takes an address alone", flag), "use HOST:PORT or the path of a socket; the password belongs into REDISCLI_AUTH"}
	}
	if _, _, err := net.SplitHostPort(text); err != nil {
		text = net.JoinHostPort(strings.Trim(text, "[]"), port)
	}
	return text, nil
}

func redisFeeds(f *sourceFlags) (feeds []session.Feed, err error) {
	for _, text := range f.redis {
		addr, err := address("--redis", text, "6379")
		if err != nil {
			return nil, err
		}
		r := redis.New(redis.Options{Addr: addr, User: f.redisUser, Password: redis.Password(), Instance: instance(f.redis, addr)})
		feeds = append(feeds, session.Feed{Name: "redis " + addr, Kind: "redis", Found: "named", Read: r.Read, Close: r.Close})
	}
	return feeds, nil
}

func memcachedFeeds(f *sourceFlags) (feeds []session.Feed, err error) {
	for _, text := range f.memcached {
		addr, err := address("--memcached", text, "11211")
		if err != nil {
			return nil, err
		}
		m := memcached.New(addr, instance(f.memcached, addr))
		feeds = append(feeds, session.Feed{Name: "memcached " + addr, Kind: "memcached", Found: "named", Read: m.Read, Close: m.Close})
	}
	return feeds, nil
}

func nginxFeeds(f *sourceFlags) (feeds []session.Feed, err error) {
	if f.nginxStatus == "" {
		return nil, nil
	}
	if f.nginxStatus, err = nginx.StatusURL(f.nginxStatus); err != nil {
		return nil, hinted{fmt.Errorf("--nginx-status: %w", err), "for example --nginx-status http://127.0.0.1/status"}
	}
	s := nginx.New(f.nginxStatus)
	s.MaxConnections = f.nginxConnections
	return []session.Feed{{Name: "nginx " + f.nginxStatus, Kind: "nginx", Found: "named", Read: s.Read, Close: s.Close}}, nil
}

func errorLogFeeds(f *sourceFlags) (feeds []session.Feed, err error) {
	for _, logs := range []struct {
		dialect *errorlog.Dialect
		paths   []string
	}{{&errorlog.Nginx, f.webErrors}, {&errorlog.MySQL, f.dbErrors}} {
		for _, path := range logs.paths {
			tail := errorlog.NewTail(filepath.Clean(path), logs.dialect)
			feeds = append(feeds, session.Feed{Name: filepath.Clean(path), Kind: "log", Found: "named", Read: tail.Read, Close: tail.Close})
		}
	}
	return feeds, nil
}
