// Package redis reads the state of a Redis or Valkey server by INFO and PING, and changes nothing.
package redis

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"
	"syscall"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"

	"dbtriage/collectors"
)

// Options say where a server is and how to log in.
type Options struct {
	// Addr is "host:port", or the path of a socket.
	Addr     string
	User     string // of an access list; empty is the default user
	Password string // see Password
	TLS      *tls.Config
	// Instance names the server among several of one host, in samples and settings; empty for the only one.
	Instance string
}

// Password is where redis-cli looks for it too: the environment, never the command line.
func Password() string { return os.Getenv("REDISCLI_AUTH") }

// A Redis is one server. It is asked by one goroutine at a time.
type Redis struct {
	opt      Options
	client   *goredis.Client
	counters collectors.Counters
	told     map[string]string // settings told last
}

// New makes a Redis; it connects with the first Read.
func New(opt Options) *Redis {
	logging.Disable() // its messages would go to the terminal; errors come back from Read
	network := "tcp"
	if strings.HasPrefix(opt.Addr, "/") {
		network = "unix"
	}
	return &Redis{opt: opt, client: goredis.NewClient(&goredis.Options{
		Network: network, Addr: opt.Addr, Username: opt.User, Password: opt.Password, TLSConfig: opt.TLS,
		DisableIdentity: true, Protocol: 2, // nothing but INFO and PING needs to be allowed
		PoolSize: 1, MaxRetries: -1, DialerRetries: 1, ContextTimeoutEnabled: true,
	})}
}

// Close ends the connection.
func (r *Redis) Close() { _ = r.client.Close() }

// Read asks the server once. Rates are of the time since the Read before; the first has none. The
// error is a *collectors.SourceError.
func (r *Redis) Read(ctx context.Context, now time.Time) (collectors.Reading, error) {
	out := collectors.Reading{At: now.UnixMicro(), Source: "redis " + r.opt.Addr, Role: "cache"}
	begun := time.Now()
	text, err := r.client.Info(ctx).Result()
	if err != nil {
		return out, r.explain(err)
	}
	values := parseInfo(text)
	if values["redis_version"] == "" && values["valkey_version"] == "" {
		return out, &collectors.SourceError{Err: fmt.Errorf("%s: the answer to INFO is not of Redis", r.opt.Addr)}
	}
	r.add(&out, values)
	// A connection is open by now, so that this is the way there and back and the wait for a turn.
	asked := time.Now()
	if err := r.client.Ping(ctx).Err(); err == nil {
		out.Samples = append(out.Samples, collectors.Sample{At: out.At, Name: "redis.latency", Instance: r.opt.Instance, Value: time.Since(asked).Seconds()})
	} else if !goredis.HasErrorPrefix(err, "LOADING") {
		out.Missing = append(out.Missing, collectors.Missing{What: "latency of Redis", Why: err.Error(), Provide: grant})
	}
	out.CostUS = time.Since(begun).Microseconds()
	return out, nil
}

const grant = "let the user run both commands: ACL SETUSER NAME +info +ping"

// explain says what an error means and what would help.
func (r *Redis) explain(err error) error {
	e := &collectors.SourceError{Err: fmt.Errorf("%s: %w", r.opt.Addr, err)}
	var op *net.OpError
	switch {
	case goredis.HasErrorPrefix(err, "NOAUTH"), goredis.HasErrorPrefix(err, "WRONGPASS"), goredis.HasErrorPrefix(err, "ERR AUTH"), goredis.HasErrorPrefix(err, "ERR invalid password"):
		e.Denied, e.Provide = true, "put the password into the environment variable REDISCLI_AUTH"
	case goredis.HasErrorPrefix(err, "NOPERM"):
		e.Denied, e.Provide = true, grant
	case goredis.HasErrorPrefix(err, "DENIED"):
		e.Denied, e.Provide = true, "protected mode: ask from the server itself, or set a password there"
	case goredis.HasErrorPrefix(err, "ERR max number of clients"):
		e.Provide = "the server has no connection left: see maxclients"
	case errors.Is(err, fs.ErrPermission):
		e.Denied, e.Provide = true, "setfacl -m u:$USER:rw "+r.opt.Addr
	case errors.Is(err, syscall.ECONNREFUSED):
		e.Provide = "nothing listens there: is the server up?"
	case errors.As(err, &op), errors.Is(err, context.DeadlineExceeded):
	default:
		e.Provide = "does Redis listen there?"
	}
	return e
}
