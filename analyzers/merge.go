package analyzers

// Merge adds the digest of another input, which it takes over: o is not to be used afterwards. The
// sums come out the same in any order.
func (d *Digest) Merge(o *Digest) {
	o.Close()
	d.merge(o)
}

// Append adds the digest of the part that follows d in the same input; schema is the one in force
// where that part begins.
func (d *Digest) Append(part *Digest, schema string) {
	for _, c := range part.Classes {
		c.settleSchema(schema)
	}
	d.merge(part)
	appendRuns(&d.runs, &part.runs, d.own)
}

// settleSchema says what the schema is of the statements that inherit it.
func (c *Class) settleSchema(schema string) {
	if c.inherited.Calls > 0 {
		c.Databases.Add(schema, c.inherited)
		c.inherited = Usage{}
	}
	if c.Worst.inherits {
		c.Worst.Schema, c.Worst.inherits = schema, false
	}
}

// own returns the class of d that another digest's class is part of; nil when d keeps it as a row.
func (d *Digest) own(c *Class) *Class {
	if c == nil {
		return nil
	}
	return d.Classes[c.Fingerprint]
}

// Close settles what a following part could still have changed: the input has ended.
func (d *Digest) Close() {
	d.settleRoutes()
	d.foldUpstreams()
	d.runs.close()
	d.Statements.Threads = d.threads.count()
}

func (d *Digest) merge(o *Digest) {
	d.Statements.merge(&o.Statements)
	d.Web.merge(&o.Web)
	d.App.merge(&o.App)
	rows := &o.tail
	if d.tail.count == 0 && len(d.Classes) == 0 { // the first input: take its rows as they are
		d.tail, d.promoteAbove, rows = o.tail, o.promoteAbove, &tail{}
	}
	for key, c := range o.Classes {
		switch have := d.Classes[key]; {
		case have != nil:
			have.merge(c)
		case !d.addFolded(c):
			d.Classes[key] = c
		}
	}
	d.mergeTail(rows)
	d.fold()
	d.bound(o.steps)
	for key, e := range o.Endpoints {
		d.endpoint(key).merge(e)
	}
	if o.cold != nil {
		if o.steps.endpoint < d.steps.endpoint {
			o.cold.fold(d.steps.endpoint)
		}
		if d.cold == nil {
			d.cold, o.cold = o.cold, nil
		} else {
			d.cold.join(o.cold)
		}
	}
	if d.crowded() {
		d.cool(&coldWords{}, warmRoutes, func(*Endpoint) {})
	}
	for addr, p := range o.Peers {
		d.peer(addr).merge(p)
	}
	for name, u := range o.Users {
		d.user(name).add(*u)
	}
	d.bound(nameSteps{})
	d.foldUpstreams()
	d.Series.Merge(o.Series)
	d.threads.merge(o.threads)
	d.Statements.Threads = d.threads.count()
}

func (t *StatementTotals) merge(o *StatementTotals) {
	t.Count += o.Count
	t.Reads += o.Reads
	t.Writes += o.Writes
	t.TimeUS += o.TimeUS
	t.ReadUS += o.ReadUS
	t.WriteUS += o.WriteUS
	t.LockUS += o.LockUS
	t.RowsSent += o.RowsSent
	t.RowsExamined += o.RowsExamined
	t.BytesSent += o.BytesSent
	t.Time.Merge(&o.Time)
	t.RateLimited += o.RateLimited
	t.MaxRateLimit = max(t.MaxRateLimit, o.MaxRateLimit)
	t.WithoutTime += o.WithoutTime
	see(&t.First, &t.Last, o.First)
	see(&t.First, &t.Last, o.Last)
}

func (t *RequestTotals) merge(o *RequestTotals) {
	t.Count += o.Count
	t.Time.Merge(&o.Time)
	t.Upstream.Merge(&o.Upstream)
	t.Client.Merge(&o.Client)
	t.Connect.Merge(&o.Connect)
	t.Header.Merge(&o.Header)
	mergeCounts(t.Status, o.Status)
	t.BytesSent += o.BytesSent
	t.WithTime += o.WithTime
	t.UpstreamLogged += o.UpstreamLogged
	t.Proxied += o.Proxied
	t.ConnectAbove0 += o.ConnectAbove0
	t.Retried += o.Retried
	t.Redirected += o.Redirected
	t.WithoutTime += o.WithoutTime
	see(&t.First, &t.Last, o.First)
	see(&t.First, &t.Last, o.Last)
}

func mergeCounts[K comparable](to, from map[K]int64) {
	for k, n := range from {
		to[k] += n
	}
}

func (c *Class) merge(o *Class) {
	c.Kind = max(c.Kind, o.Kind)
	c.Time.Merge(&o.Time)
	c.LockUS += o.LockUS
	c.RowsSent += o.RowsSent
	c.RowsSentKnown += o.RowsSentKnown
	c.RowsExamined += o.RowsExamined
	c.RowsExaminedKnown += o.RowsExaminedKnown
	c.RowsAffected += o.RowsAffected
	c.RowsAffectedKnown += o.RowsAffectedKnown
	c.BytesSent += o.BytesSent
	c.BytesSentKnown += o.BytesSentKnown
	c.MaxRowsSent = max(c.MaxRowsSent, o.MaxRowsSent)
	c.MaxRowsExamined = max(c.MaxRowsExamined, o.MaxRowsExamined)
	c.PagesRead += o.PagesRead
	c.PlanKnown += o.PlanKnown
	c.FullScans += o.FullScans
	c.FullJoins += o.FullJoins
	c.TmpTables += o.TmpTables
	c.TmpDiskTables += o.TmpDiskTables
	c.WithTmpTable += o.WithTmpTable
	c.WithTmpDiskTable += o.WithTmpDiskTable
	c.Filesorts += o.Filesorts
	c.FilesortsOnDisk += o.FilesortsOnDisk
	c.OffsetCalls += o.OffsetCalls
	c.OffsetSum += o.OffsetSum
	c.MaxOffset = max(c.MaxOffset, o.MaxOffset)
	c.SingleRowInserts += o.SingleRowInserts
	c.Runs.merge(o.Runs)
	c.Repeats.merge(&o.Repeats)
	see(&c.First, &c.Last, o.First)
	see(&c.First, &c.Last, o.Last)
	for name, u := range o.Databases.All() {
		c.Databases.Add(name, u)
	}
	if o.Worst.worseThan(&c.Worst) {
		c.Worst = o.Worst.kept()
	}
	c.Slices.merge(&o.Slices)
}

// worseThan orders examples: the slower first, then the earlier in the input.
func (e *Example) worseThan(o *Example) bool {
	if e.QueryTime != o.QueryTime {
		return e.QueryTime > o.QueryTime
	}
	if e.Source != o.Source {
		return e.Source < o.Source
	}
	return e.Offset < o.Offset
}

func (e *Endpoint) merge(o *Endpoint) {
	e.Time.Merge(&o.Time)
	e.Upstream.Merge(&o.Upstream)
	e.Connect.Merge(&o.Connect)
	e.Header.Merge(&o.Header)
	e.Client.Merge(&o.Client)
	e.Requests += o.Requests
	mergeCounts(e.Status, o.Status)
	e.BytesSent += o.BytesSent
	e.Retried += o.Retried
	e.Redirected += o.Redirected
	e.ConnectAboveZero += o.ConnectAboveZero
	mergeCounts(e.Cache, o.Cache)
	mergeCounts(e.Upstreams, o.Upstreams)
	see(&e.First, &e.Last, o.First)
	see(&e.First, &e.Last, o.Last)
	e.Slices.merge(&o.Slices)
	e.Worst.add(o.Worst)
}

func (p *Peer) merge(o *Peer) {
	p.Response.Merge(&o.Response)
	p.Connect.Merge(&o.Connect)
	p.Header.Merge(&o.Header)
	p.Attempts += o.Attempts
	p.Failed += o.Failed
	mergeCounts(p.Status, o.Status)
}
