// Package nginx reads the state of an Nginx by its stub_status page.
package nginx

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"

	"dbtriage/collectors"
)

// A StubStatus is the status page of one server. It is asked by one goroutine at a time.
type StubStatus struct {
	// URL of the page. "unix:/path.sock:/uri" asks over a socket.
	URL string
	// MaxConnections is worker_processes × worker_connections; 0 when not known.
	MaxConnections float64

	client   *http.Client
	counters collectors.Counters
}

// New makes a StubStatus of a page; it connects with the first Read.
func New(page string) *StubStatus {
	s := &StubStatus{URL: page}
	var d net.Dialer
	transport := &http.Transport{
		DialContext: d.DialContext, MaxIdleConns: 1, MaxConnsPerHost: 1, IdleConnTimeout: time.Minute, DisableCompression: true,
	} // no proxy: the server is asked itself
	if path, _, ok := socketURL(page); ok {
		transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) { return d.DialContext(ctx, "unix", path) }
	}
	s.client = &http.Client{
		Transport: transport, Timeout: patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return s
}

// patience bounds a Read whose context has no deadline.
const patience = 5 * time.Second

// Close ends the connection.
func (s *StubStatus) Close() { s.client.CloseIdleConnections() }

// StatusURL completes the address of a page as a person may give it: without a scheme it is http.
func StatusURL(text string) (string, error) {
	if _, _, ok := socketURL(text); ok {
		return text, nil
	}
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	u, err := url.Parse(text)
	if err != nil {
		return "", err
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return "", fmt.Errorf("%q is no http address", text)
	}
	return text, nil
}

// socketURL cuts "unix:/path.sock:/uri".
func socketURL(url string) (path, uri string, ok bool) {
	rest, ok := strings.CutPrefix(url, "unix:")
	path, uri, found := strings.Cut(rest, ":")
	return path, uri, ok && found
}

// maxPage bounds the page, which has four lines.
const maxPage = 4 << 10

// Read asks for the page once. Rates are of the time since the Read before; the first has none. The
// error is a *collectors.SourceError.
func (s *StubStatus) Read(ctx context.Context, now time.Time) (collectors.Reading, error) {
	out := collectors.Reading{At: now.UnixMicro(), Source: "nginx " + s.URL, Role: "web"}
	begun := time.Now()
	text, err := s.page(ctx)
	if err != nil {
		return out, err
	}
	took := time.Since(begun)
	p, ok := parsePage(text)
	if !ok {
		return out, &collectors.SourceError{
			Err: fmt.Errorf("%s: the page is not that of stub_status", s.URL), Provide: "name the location that has the directive stub_status",
		}
	}
	put := func(name string, v float64) {
		out.Samples = append(out.Samples, collectors.Sample{At: out.At, Name: name, Value: v})
	}
	put("nginx.latency", took.Seconds())
	put("nginx.active", p.active)
	put("nginx.reading", p.reading)
	put("nginx.writing", p.writing)
	put("nginx.waiting", p.waiting)
	if s.MaxConnections > 0 {
		put("nginx.connections_max", s.MaxConnections)
		put("nginx.connections_used", p.active/s.MaxConnections)
	}
	g := s.counters.Advance(out.At, -1, map[string]float64{"accepts": p.accepts, "requests": p.requests, "dropped": p.accepts - p.handled})
	for _, c := range []struct{ metric, name string }{{"nginx.connections", "accepts"}, {"nginx.requests", "requests"}, {"nginx.dropped", "dropped"}} {
		if v, ok := g.Rate(c.name); ok {
			put(c.metric, v)
		}
	}
	out.CostUS = took.Microseconds()
	return out, nil
}

func (s *StubStatus) page(ctx context.Context) (string, error) {
	page := s.URL
	if _, uri, ok := socketURL(page); ok {
		page = "http://localhost" + uri
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, page, nil)
	if err != nil {
		return "", &collectors.SourceError{Err: fmt.Errorf("stub_status: %w", err), Provide: "give it as http://127.0.0.1/status"}
	}
	req.Header.Set("User-Agent", "dbtriage")
	res, err := s.client.Do(req)
	if err != nil {
		e := &collectors.SourceError{Err: fmt.Errorf("stub_status: %w", err)}
		if errors.Is(err, syscall.ECONNREFUSED) {
			e.Provide = "nothing listens there: is Nginx up?"
		}
		return "", e
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxPage))
	if err != nil {
		return "", &collectors.SourceError{Err: fmt.Errorf("%s: %w", s.URL, err)}
	}
	if res.StatusCode != http.StatusOK {
		e := &collectors.SourceError{Err: fmt.Errorf("%s: %s", s.URL, res.Status), Provide: "give the location that has the directive stub_status"}
		if res.StatusCode == http.StatusForbidden || res.StatusCode == http.StatusUnauthorized {
			e.Denied, e.Provide = true, "let this host in: location /status { stub_status; allow 127.0.0.1; deny all; }"
		}
		return "", e
	}
	return string(body), nil
}

// A page is what stub_status says.
type page struct{ active, accepts, handled, requests, reading, writing, waiting float64 }

// parsePage reads
//
//	Active connections: 291
//	server accepts handled requests
//	 16630948 16630948 31070465
//	Reading: 6 Writing: 179 Waiting: 106
//
// Tengine adds a column of times to the counters.
func parsePage(text string) (p page, ok bool) {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	if len(lines) != 4 {
		return p, false
	}
	active, isPage := strings.CutPrefix(lines[0], "Active connections:")
	counts, states := strings.Fields(lines[2]), strings.Fields(lines[3])
	if !isPage || len(counts) < 3 || len(states) != 6 || states[0] != "Reading:" || states[2] != "Writing:" || states[4] != "Waiting:" {
		return p, false
	}
	for _, f := range []struct {
		to   *float64
		text string
	}{
		{&p.active, strings.TrimSpace(active)}, {&p.accepts, counts[0]}, {&p.handled, counts[1]}, {&p.requests, counts[2]},
		{&p.reading, states[1]}, {&p.writing, states[3]}, {&p.waiting, states[5]},
	} {
		n, err := strconv.ParseUint(f.text, 10, 63)
		if err != nil {
			return p, false
		}
		*f.to = float64(n)
	}
	return p, p.handled <= p.accepts
}
