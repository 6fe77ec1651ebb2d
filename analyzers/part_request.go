package analyzers

import "dbtriage/collectors"

// A span is what one request's times add up to; each is collectors.Unknown where the log had none.
type span struct {
	upstream, connect, header, client int64
	retried, redirected               bool
}

func spanOf(req *collectors.Request) span {
	s := span{collectors.Unknown, collectors.Unknown, collectors.Unknown, collectors.Unknown, false, false}
	for i := range req.Tries {
		try := &req.Tries[i]
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
	if req.RequestTime >= 0 && s.upstream >= 0 {
		// Both are rounded to milliseconds on their own, so the difference may fall below zero.
		s.client = max(req.RequestTime-s.upstream, 0)
	}
	return s
}

func (p *Part) request(req *collectors.Request) {
	if p.g.outside(req.End) {
		return
	}
	s := spanOf(req)
	totals := &p.Web
	if p.g.Role == "app" {
		totals = &p.App
	}
	totals.add(req, s)
	p.endpointOf(req).add(req, s)
	for i := range req.Tries {
		p.addTry(&req.Tries[i])
	}
	if req.End != collectors.NoTime {
		p.addToSeries(req, s)
	}
}

func (p *Part) addToSeries(req *collectors.Request, s span) {
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
		cell.ClientUS += max(s.client, 0)
	}
	if req.RequestTime > 0 {
		end := midSecond(req.End)
		p.Series.busyWeb(end-req.RequestTime, end)
	}
}

func (p *Part) endpointOf(req *collectors.Request) *Endpoint {
	p.key = append(append(p.key[:0], req.Method...), ' ')
	n := len(p.key)
	p.key = AppendRoute(p.key, req.Path)
	if e := p.endpoints[string(p.key)]; e != nil {
		return e
	}
	e := p.endpoint(EndpointKey{Role: p.g.Role, Method: string(p.key[:n-1]), Route: string(p.key[n:])})
	if e.Key.Route != OtherName {
		p.endpoints[string(p.key)] = e
	}
	return e
}

func (t *RequestTotals) add(req *collectors.Request, s span) {
	t.Count++
	t.Status[req.Status]++
	t.BytesSent += max(req.BytesSent, 0)
	t.Time.Add(req.RequestTime)
	t.Upstream.Add(s.upstream)
	t.Connect.Add(s.connect)
	t.Header.Add(s.header)
	t.Client.Add(s.client)
	if req.RequestTime >= 0 {
		t.WithTime++
	}
	if req.UpstreamLogged {
		t.UpstreamLogged++
	}
	if len(req.Tries) > 0 {
		t.Proxied++
	}
	if s.connect > 0 {
		t.ConnectAbove0++
	}
	if s.retried {
		t.Retried++
	}
	if s.redirected {
		t.Redirected++
	}
	if req.End == collectors.NoTime {
		t.WithoutTime++
		return
	}
	see(&t.First, &t.Last, req.End)
}

func (e *Endpoint) add(req *collectors.Request, s span) {
	e.Requests++
	e.Status[req.Status]++
	e.BytesSent += max(req.BytesSent, 0)
	e.Time.Add(req.RequestTime)
	e.Upstream.Add(s.upstream)
	e.Connect.Add(s.connect)
	e.Header.Add(s.header)
	e.Client.Add(s.client)
	if s.connect > 0 {
		e.ConnectAboveZero++
	}
	if s.retried {
		e.Retried++
	}
	if s.redirected {
		e.Redirected++
	}
	if len(req.Cache) > 0 {
		e.Cache[string(req.Cache)]++
	}
	for i := range req.Tries {
		e.Upstreams[string(req.Tries[i].Addr)]++
	}
	if req.End != collectors.NoTime {
		see(&e.First, &e.Last, req.End)
		e.Slices.add(req.End, 1, max(req.RequestTime, 0))
	}
}

func (p *Part) addTry(try *collectors.Try) {
	peer := p.Peers[string(try.Addr)]
	if peer == nil {
		peer = p.peer(string(try.Addr))
	}
	peer.Attempts++
	peer.Response.Add(try.Response)
	peer.Connect.Add(try.Connect)
	peer.Header.Add(try.Header)
	if try.Status >= 0 {
		peer.Status[try.Status]++
	}
	if try.Status == 502 || try.Status == 503 || try.Status == 504 || try.Status < 0 {
		peer.Failed++
	}
}
