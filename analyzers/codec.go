package analyzers

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"dbtriage/collectors"
)

// digestVersion begins an encoded digest; another one is not read.
const digestVersion = 5

var errDigest = errors.New("not an encoded digest")

// Encode appends all that a digest holds to b, so that Decode gives an equal one: to keep it in less
// memory, to record it. What a following part could still resolve is resolved as by Append without
// a schema.
func (d *Digest) Encode(b []byte) []byte {
	d.settleRoutes()
	e := encoder{buf: append(b, digestVersion), base: collectors.NoTime}
	first, _ := d.Span()
	if first != collectors.NoTime {
		e.int(first)
		e.base = first
	} else {
		e.int(0)
		e.base = 0
	}
	e.statementTotals(&d.Statements)
	e.requestTotals(&d.Web)
	e.requestTotals(&d.App)
	numbers := map[*Class]uint64{}
	keys := slices.Sorted(maps.Keys(d.Classes))
	e.uint(uint64(len(keys)))
	for i, key := range keys {
		numbers[d.Classes[key]] = uint64(i)
		e.class(d.Classes[key])
	}
	e.uint(uint64(len(d.Endpoints)))
	for _, key := range sortedEndpointKeys(d.Endpoints) {
		e.endpoint(d.Endpoints[key])
	}
	e.uint(uint64(len(d.Peers)))
	for _, key := range slices.Sorted(maps.Keys(d.Peers)) {
		e.peer(d.Peers[key])
	}
	e.uint(uint64(len(d.Users)))
	for _, key := range slices.Sorted(maps.Keys(d.Users)) {
		e.string(key)
		e.usage(*d.Users[key])
	}
	e.series(d.Series)
	e.tail(&d.tail)
	e.int(d.promoteAbove)
	e.distinct(d.threads)
	e.runs(&d.runs, numbers)
	e.int(int64(d.steps.endpoint + d.steps.light*(maxRouteDepth+2)))
	e.int(int64(d.steps.peer))
	e.int(int64(d.steps.user))
	return e.buf
}

func sortedEndpointKeys(m map[EndpointKey]*Endpoint) []EndpointKey {
	return slices.SortedFunc(maps.Keys(m), func(a, b EndpointKey) int {
		if c := strings.Compare(a.Role, b.Role); c != 0 {
			return c
		}
		if c := strings.Compare(a.Route, b.Route); c != 0 {
			return c
		}
		return strings.Compare(a.Method, b.Method)
	})
}

// maxRecorded bounds the classes of a recorded digest: in older recordings more are whole.
const maxRecorded = 2 * MaxFull

// DecodeDigest reads what Encode wrote.
func DecodeDigest(b []byte) (*Digest, error) {
	if len(b) == 0 || b[0] != digestVersion {
		return nil, errDigest
	}
	r := decoder{buf: b[1:]}
	r.base = r.int()
	d := NewDigest()
	r.statementTotals(&d.Statements)
	r.requestTotals(&d.Web)
	r.requestTotals(&d.App)
	var classes []*Class
	for range r.most(maxRecorded) {
		c := r.class()
		classes = append(classes, c)
		d.Classes[c.Fingerprint] = c
	}
	for range r.most(MaxEndpoints) {
		e := r.endpoint()
		d.Endpoints[e.Key] = e
	}
	for range r.most(MaxPeers) {
		p := r.peer()
		d.Peers[p.Addr] = p
	}
	for range r.most(MaxUsers) {
		name := r.string()
		u := r.usage()
		d.Users[name] = &u
	}
	r.series(d.Series)
	r.tail(&d.tail)
	d.promoteAbove = r.int()
	d.threads = r.distinct()
	r.runs(&d.runs, classes)
	endpoint := r.step(3*(maxRouteDepth+2) - 1)
	d.steps = nameSteps{endpoint % (maxRouteDepth + 2), r.step(2), r.step(2), endpoint / (maxRouteDepth + 2)}
	if r.wrong || len(r.buf) > 0 {
		return nil, errDigest
	}
	return d, nil
}
