package analyzers

import (
	"maps"
	"math"
	"slices"
)

// timing writes a sketch as the buckets in use, each with how many before it are empty.
func (e *encoder) timing(t *Timing) {
	e.uint(uint64(t.Count))
	if t.Count == 0 {
		return
	}
	e.ints(t.Sum, t.Min, t.Max-t.Min)
	used := 0
	for range t.sketch.buckets() {
		used++
	}
	e.uint(uint64(used))
	last := int32(-1)
	for b, n := range t.sketch.buckets() {
		e.uint(uint64(b - last - 1))
		e.uint(n)
		last = b
	}
}

func (r *decoder) timing(t *Timing) {
	t.Count = int64(r.uint())
	if t.Count == 0 {
		return
	}
	r.ints(&t.Sum, &t.Min, &t.Max)
	t.Max += t.Min
	last := int32(-1)
	for range r.count() {
		gap := r.uint()
		n := r.uint()
		if gap > uint64(bucketOf(math.MaxInt64)-last-1) || n == 0 || n > math.MaxUint32 {
			r.fail()
			return
		}
		if last >= 0 {
			r.buckets += int(gap)
		}
		if r.buckets++; r.buckets > maxBuckets {
			r.fail()
			return
		}
		last += int32(gap) + 1
		t.sketch.addMany(last, uint32(n))
	}
}

func (e *encoder) statementTotals(t *StatementTotals) {
	e.ints(t.Count, t.Reads, t.Writes, t.TimeUS, t.ReadUS, t.WriteUS, t.LockUS, t.RowsSent, t.RowsExamined, t.BytesSent,
		t.RateLimited, t.MaxRateLimit, t.WithoutTime, t.Threads)
	e.timing(&t.Time)
	e.time(t.First)
	e.time(t.Last)
}

func (r *decoder) statementTotals(t *StatementTotals) {
	r.ints(&t.Count, &t.Reads, &t.Writes, &t.TimeUS, &t.ReadUS, &t.WriteUS, &t.LockUS, &t.RowsSent, &t.RowsExamined, &t.BytesSent,
		&t.RateLimited, &t.MaxRateLimit, &t.WithoutTime, &t.Threads)
	r.timing(&t.Time)
	t.First, t.Last = r.time(), r.time()
}

func (e *encoder) requestTotals(t *RequestTotals) {
	e.uint(uint64(t.Count))
	if t.Count == 0 {
		return
	}
	e.ints(t.BytesSent, t.WithTime, t.UpstreamLogged, t.Proxied, t.ConnectAbove0, t.Retried, t.Redirected, t.WithoutTime)
	for _, x := range []*Timing{&t.Time, &t.Upstream, &t.Client, &t.Connect, &t.Header} {
		e.timing(x)
	}
	e.counts(t.Status)
	e.time(t.First)
	e.time(t.Last)
}

func (r *decoder) requestTotals(t *RequestTotals) {
	t.Count = int64(r.uint())
	if t.Count == 0 {
		return
	}
	r.ints(&t.BytesSent, &t.WithTime, &t.UpstreamLogged, &t.Proxied, &t.ConnectAbove0, &t.Retried, &t.Redirected, &t.WithoutTime)
	for _, x := range []*Timing{&t.Time, &t.Upstream, &t.Client, &t.Connect, &t.Header} {
		r.timing(x)
	}
	r.counts(t.Status)
	t.First, t.Last = r.time(), r.time()
}

func (e *encoder) counts(m map[int64]int64) {
	e.uint(uint64(len(m)))
	for _, k := range slices.Sorted(maps.Keys(m)) {
		e.ints(k, m[k])
	}
}

func (r *decoder) counts(m map[int64]int64) {
	for range r.count() {
		k := r.int()
		m[k] = r.int()
	}
}

func (e *encoder) named(m map[string]int64) {
	e.uint(uint64(len(m)))
	for _, k := range slices.Sorted(maps.Keys(m)) {
		e.string(k)
		e.int(m[k])
	}
}

func (r *decoder) named() map[string]int64 {
	m := map[string]int64{}
	for range r.count() {
		k := r.string()
		m[k] = r.int()
	}
	return m
}

func (e *encoder) usage(u Usage) { e.ints(u.Calls, u.TimeUS) }

func (r *decoder) usage() (u Usage) {
	r.ints(&u.Calls, &u.TimeUS)
	return u
}
