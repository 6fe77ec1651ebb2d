package analyzers

import "dbtriage/collectors"

// A span is what one request's times add up to; each is collectors.Unknown where the log had none.
type span struct {
	upstream, connect, header, client int64
	retried, redirected               bool
}

func spanOf(requestTime int64, tries []collectors.Try) (s span) {
	s.upstream, s.connect, s.header, s.client = collectors.Unknown, collectors.Unknown, collectors.Unknown, collectors.Unknown
	for i := range tries {
		try := &tries[i]
		if try.Response >= 0 {
			s.upstream = max(s.upstream, 0) + try.Response
		}
		s.connect = max(s.connect, try.Connect)
		s.header = max(s.header, try.Header)
		if i > 0 {
			s.redirected = s.redirected || try.Redirected
			s.retried = s.retried || !try.Redirected
		}
	}
	if requestTime >= 0 && s.upstream >= 0 {
		// Both are counted in milliseconds on their own, so the difference may fall below zero, which no client
		// takes. Sums of it are taken in addToSeries, where rounding cancels out.
		s.client = max(requestTime-s.upstream, 0)
	}
	return s
}

func (p *Part) request(req *collectors.Request) {
	if p.g.filtered && !p.g.Filter.request(req) {
		p.leftOut.see(req.End)
		return
	}
	route := p.readRoute(req)
	if p.g.filtered && p.g.Filter.Route != "" && !matches(p.g.Filter.Route, p.key[route:]) {
		p.leftOut.see(req.End)
		return
	}
	p.totals().add(req)
	e := p.endpointOf(route)
	e.add(req)
	if req.RequestTime > e.Worst.TimeUS || e.Worst.Source == "" && req.RequestTime >= 0 { // the first of equals
		e.Worst = Slowest{p.g.Source, req.Offset, req.RequestTime}
	}
	// In a slice hardly an outcome comes again, and neither does it for a route that is asked for once.
	if req.Outcome != nil && p.g.Slice == 0 && e.Requests > 8 {
		s := p.count(e, req.Outcome)
		if req.End != collectors.NoTime {
			p.addToSeries(req, s)
		}
		return
	}
	s := spanOf(req.RequestTime, req.Tries)
	e.addTimes(req.RequestTime, &s, req.Cache, 1)
	for i := range req.Tries {
		if len(req.Tries[i].Addr) == 0 {
			continue
		}
		peer := p.peerOf(req.Tries[i].Addr)
		peer.add(&req.Tries[i], 1)
		e.peers.add(peer.number, 1)
	}
	if req.End != collectors.NoTime {
		p.addToSeries(req, &s)
	}
}

func (p *Part) addToSeries(req *collectors.Request, s *span) {
	cell := p.Series.At(req.End)
	fail := int64(0)
	if req.Status >= 500 && req.Status <= 599 {
		fail = 1
	}
	if p.g.Role == "app" {
		cell.AppRequests++
		cell.AppUS += max(req.RequestTime, 0)
		cell.AppErrors5xx += fail
		return
	}
	cell.Requests++
	cell.Errors5xx += fail
	if s.retried {
		cell.Retried++
	}
	if req.RequestTime >= 0 {
		cell.RequestUS += req.RequestTime
		cell.MaxRequestUS = max(cell.MaxRequestUS, req.RequestTime)
	}
	if s.upstream >= 0 {
		cell.Proxied++
		cell.UpstreamUS += s.upstream
		if req.RequestTime >= 0 {
			cell.ClientUS += req.RequestTime - s.upstream
		}
	}
	if req.RequestTime > 0 {
		end := midSecond(req.End)
		p.Series.busyWeb(end-req.RequestTime, end)
	}
}

// readRoute sets the key to method and route of a request, and returns where in it the route begins.
func (p *Part) readRoute(req *collectors.Request) (route int) {
	p.key = append(append(p.key[:0], req.Method...), ' ')
	route = len(p.key)
	p.key = AppendRoute(p.key, req.Path)
	return route
}

// endpointOf returns the endpoint of the key.
func (p *Part) endpointOf(route int) *Endpoint {
	if e := p.endpoints[string(p.key)]; e != nil {
		return e
	}
	e := p.endpoint(EndpointKey{Role: p.g.Role, Method: knownMethod(p.key[:route-1]), Route: string(p.key[route:])})
	if p.crowded() {
		p.settleTallies()
		p.cool(&p.g.words, warmRoutes, func(e *Endpoint) {
			p.totals().addEndpoint(e)
			if len(p.spareEndpoints) <= warmRoutes {
				e.reset()
				p.spareEndpoints = append(p.spareEndpoints, e)
			}
		})
		clear(p.endpoints)
		return p.endpointOf(route)
	}
	if len(p.endpoints) < 2*MaxEndpoints {
		p.endpoints[string(p.key)] = e
	}
	return e
}

// add counts what is not summed up from the endpoints when the part is settled.
func (t *RequestTotals) add(req *collectors.Request) {
	if req.UpstreamLogged {
		t.UpstreamLogged++
	}
	if len(req.Tries) > 0 {
		t.Proxied++
	}
	if req.End == collectors.NoTime {
		t.WithoutTime++
	}
}

// addEndpoint adds up an endpoint of a part.
func (t *RequestTotals) addEndpoint(e *Endpoint) {
	t.Count += e.Requests
	t.Time.Merge(&e.Time)
	t.Upstream.Merge(&e.Upstream)
	t.Connect.Merge(&e.Connect)
	t.Header.Merge(&e.Header)
	t.Client.Merge(&e.Client)
	mergeCounts(t.Status, e.Status)
	t.BytesSent += e.BytesSent
	t.WithTime += e.Time.Count
	t.ConnectAbove0 += e.ConnectAboveZero
	t.Retried += e.Retried
	t.Redirected += e.Redirected
	see(&t.First, &t.Last, e.First)
	see(&t.First, &t.Last, e.Last)
}

func (e *Endpoint) add(req *collectors.Request) {
	e.Requests++
	if req.Status >= 0 {
		e.status.add(req.Status, 1)
	}
	e.BytesSent += max(req.BytesSent, 0)
	if req.End != collectors.NoTime {
		see(&e.First, &e.Last, req.End)
		e.Slices.add(req.End, 1, max(req.RequestTime, 0))
	}
}

// addTimes adds what n requests say beyond that.
func (e *Endpoint) addTimes(requestTime int64, s *span, cache []byte, n int64) {
	e.Time.addMany(requestTime, n)
	e.Upstream.addMany(s.upstream, n)
	e.Connect.addMany(s.connect, n)
	e.Header.addMany(s.header, n)
	e.Client.addMany(s.client, n)
	if s.connect > 0 {
		e.ConnectAboveZero += n
	}
	if s.retried {
		e.Retried += n
	}
	if s.redirected {
		e.Redirected += n
	}
	if len(cache) > 0 {
		e.Cache[string(cache)] += n
	}
}

// peerOf returns the peer of an address. A balancer takes turns, so the last few are looked at first.
func (p *Part) peerOf(addr []byte) *Peer {
	for _, peer := range p.lastPeers {
		if peer != nil && peer.Addr == string(addr) {
			return peer
		}
	}
	peer := p.peer(string(addr))
	if len(p.Digest.Peers) > MaxPeers {
		p.settleTallies()
		p.bound(nameSteps{})
		return p.peerOf(addr)
	}
	if peer.number == 0 {
		p.peers = append(p.peers, peer)
		peer.number = int64(len(p.peers))
	}
	p.lastPeers[p.turn] = peer
	p.turn = (p.turn + 1) % len(p.lastPeers)
	return peer
}

// add counts n alike attempts.
func (p *Peer) add(try *collectors.Try, n int64) {
	p.Attempts += n
	p.Response.addMany(try.Response, n)
	p.Connect.addMany(try.Connect, n)
	p.Header.addMany(try.Header, n)
	if try.Status >= 0 {
		p.status.add(try.Status, n)
	}
	if try.Status == 502 || try.Status == 503 || try.Status == 504 || try.Status == collectors.Unanswered {
		p.Failed += n
	}
}

// A tally counts a few different numbers. It is a list because the lists are short: a map would cost
// more than all else that is done with a request.
type tally []struct{ value, count int64 }

func (t *tally) add(v, n int64) {
	for i := range *t {
		if (*t)[i].value == v {
			(*t)[i].count += n
			return
		}
	}
	*t = append(*t, struct{ value, count int64 }{v, n})
}

// settleRequests completes endpoints and peers, and adds up what they sum to.
func (p *Part) settleRequests() {
	p.settleTallies()
	for _, e := range p.Endpoints {
		p.totals().addEndpoint(e)
	}
	p.spareEndpoints = nil
	clear(p.endpoints)
}

// settleTallies moves what was counted on the way to where it is read.
func (p *Part) settleTallies() {
	p.settleOutcomes()
	for _, e := range p.Endpoints {
		for _, t := range e.status {
			e.Status[t.value] += t.count
		}
		for _, t := range e.peers {
			e.Upstreams[p.peers[t.value-1].Addr] += t.count
		}
		e.status, e.peers = nil, nil
	}
	for _, peer := range p.peers {
		for _, t := range peer.status {
			peer.Status[t.value] += t.count
		}
		peer.status, peer.number = nil, 0
	}
	p.peers, p.lastPeers = nil, [4]*Peer{}
}

func (p *Part) totals() *RequestTotals {
	if p.g.Role == "app" {
		return &p.App
	}
	return &p.Web
}
