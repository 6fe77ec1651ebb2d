package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"syscall"
	"time"
)

// The bounds of the load: users wait no longer, and no more of them are about.
const (
	patience = 30 * time.Second
	maxUsers = 160
)

// agents are what clients call themselves.
var agents = []string{
	"Mozilla/5.0 (X11; Linux x86_64) Firefox/131.0",
	"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Mobile/15E148",
	"okhttp/4.12.0",
}

// runLoad is the process of the users: each route is asked for at its rate, whether earlier requests
// have come back or not.
func runLoad(ctx context.Context, p Plan) error {
	f, err := findFault(p.Fault)
	if err != nil {
		return err
	}
	w := p.World(f)
	users := make(chan struct{}, maxUsers)
	clients := newClients()
	var all sync.WaitGroup
	run := func(route Route, from time.Time, salt uint64) {
		all.Add(1)
		go func() {
			defer all.Done()
			drive(ctx, p, route, from, clients, users, rand.New(rand.NewPCG(p.Seed, salt)))
		}()
	}
	for i, route := range healthy(w) {
		run(route, p.Start, uint64(i))
	}
	for i, route := range f.routes(w) {
		from := p.Onset
		if route.Always {
			from = p.Start
		}
		run(route, from, uint64(1000+i))
	}
	all.Wait()
	return nil
}

// drive asks for one route at random intervals of its rate.
func drive(ctx context.Context, p Plan, route Route, from time.Time, clients []*http.Client, users chan struct{}, r *rand.Rand) {
	var pending sync.WaitGroup
	defer pending.Wait()
	next := from
	for {
		next = next.Add(time.Duration(r.ExpFloat64() / route.Rate * float64(time.Second)))
		if next.After(p.End) {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Until(next)):
		}
		path, client, agent := route.Make(r), clients[r.IntN(len(clients))], agents[r.IntN(len(agents))]
		select {
		case users <- struct{}{}:
		default:
			continue // everybody is waiting already
		}
		pending.Add(1)
		go func() {
			defer pending.Done()
			defer func() { <-users }()
			ask(ctx, p, route, path, client, agent)
		}()
	}
}

func ask(ctx context.Context, p Plan, route Route, path string, client *http.Client, agent string) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	url := fmt.Sprintf("http://127.0.0.1:%d%s", p.WebPort, path)
	req, err := http.NewRequestWithContext(ctx, route.Method, url, nil)
	if err != nil {
		return
	}
	req.Header.Set("User-Agent", agent)
	if route.Slow > 0 {
		client = slowClient()
		defer client.CloseIdleConnections()
	}
	resp, err := client.Do(req)
	if err != nil {
		return
	}
	defer resp.Body.Close()
	if route.Slow > 0 {
		sip(resp.Body, route.Slow)
		return
	}
	_, _ = io.Copy(io.Discard, resp.Body)
}

// newClients returns clients of several addresses.
func newClients() []*http.Client {
	var all []*http.Client
	for i := range 12 {
		d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 1, byte(10+i))}}
		all = append(all, &http.Client{Transport: &http.Transport{DialContext: d.DialContext, MaxIdleConnsPerHost: 16, DisableCompression: true}})
	}
	return all
}

// slowClient returns a client whose side of the connection holds little.
func slowClient() *http.Client {
	d := net.Dialer{Control: func(_, _ string, c syscall.RawConn) error {
		// Before it connects: the window is agreed on then.
		return c.Control(func(fd uintptr) { _ = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 8<<10) })
	}}
	return &http.Client{Transport: &http.Transport{DialContext: d.DialContext, DisableCompression: true, ReadBufferSize: 4 << 10}}
}

// sip reads a body at so many bytes a second.
func sip(body io.Reader, rate int) {
	const step = 100 * time.Millisecond
	for {
		n, err := io.CopyN(io.Discard, body, int64(rate)/10)
		if err != nil || n == 0 {
			return
		}
		time.Sleep(step)
	}
}
