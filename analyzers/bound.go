package analyzers

import (
	"fmt"
	"strings"
)

// Bounds of a digest. Beyond them names are made coarser, step by step, until they fit again. A name
// is made coarser by what it is, not by when it was seen, and a part of a log never takes more steps
// than the whole: so the result does not depend on how the log was cut.
const (
	MaxClasses   = 1_000_000
	MaxEndpoints = 10_000
	MaxPeers     = 1_000
	MaxUsers     = 1_000
)

// Limits says what a digest's bounds have cost, a sentence each; nothing when it holds all.
func (d *Digest) Limits() []string {
	var out []string
	if n := d.Folded(); n > 0 {
		out = append(out, fmt.Sprintf("there are %d kinds of statement: of %d that took the least time only counts and sums are known, not their percentiles, tables or plans", len(d.Classes)+n, n))
	}
	if other := d.Classes[OtherName]; other != nil {
		out = append(out, fmt.Sprintf("there are more than %d kinds of statement: %d calls of others are told in one row", MaxClasses, other.Time.Count))
	}
	for _, b := range []struct {
		step, most int
		what, how  string
	}{
		{d.steps.endpoint, MaxEndpoints, "routes", "the ends of their paths are left out"},
		{d.steps.light - 1, MaxRoutes, "routes", "of those that were not asked for all the time some requests are told under coarser names"},
		{d.steps.light, MaxEndpoints, "routes", fmt.Sprintf("beside the %d that took most time and the %d that were asked for most, the ends of their paths are left out", heavyRoutes, heavyRoutes)},
		{d.steps.peer, MaxPeers, "upstream addresses", "their ports, or all, are told as one"},
		{d.steps.user, MaxUsers, "accounts", "their hosts, or all, are told as one"},
	} {
		if b.step > 0 {
			out = append(out, fmt.Sprintf("there are more than %d %s: %s", b.most, b.what, b.how))
		}
	}
	return out
}

// coarsen makes the names of m coarser until there are at most most. fold gives a name at a step;
// its last step gives one name for all.
func coarsen[K comparable, V any](m map[K]V, most int, step *int, fold func(K, int) K, merge func(into, from V)) {
	for len(m) > most {
		*step++
		refold(m, *step, fold, merge)
	}
}

// raise takes the steps that a part merged in has taken.
func raise[K comparable, V any](m map[K]V, step *int, least int, fold func(K, int) K, merge func(into, from V)) {
	for *step < least {
		*step++
		refold(m, *step, fold, merge)
	}
}

// refold gives every name of m what it is at a step.
func refold[K comparable, V any](m map[K]V, step int, fold func(K, int) K, merge func(into, from V)) {
	for key, v := range m {
		to := fold(key, step)
		if to == key {
			continue
		}
		delete(m, key)
		if have, ok := m[to]; ok {
			merge(have, v)
		} else {
			m[to] = v
		}
	}
}

// maxRouteDepth is the number of segments of the deepest route; see AppendRoute.
const maxRouteDepth = 12

// foldEndpoint keeps ever fewer segments of a route: 11 at step 1, none at step 12.
func foldEndpoint(key EndpointKey, step int) EndpointKey {
	if step == 0 {
		return key
	}
	if step > maxRouteDepth {
		return EndpointKey{Role: key.Role, Method: OtherName, Route: OtherName}
	}
	keep := maxRouteDepth - step
	for i := 1; i < len(key.Route); i++ {
		if key.Route[i] != '/' {
			continue
		}
		if keep--; keep == 0 {
			key.Route = key.Route[:i] + "/…"
			return key
		}
	}
	if step == maxRouteDepth {
		key.Route = "/…"
	}
	return key
}

// foldPeer leaves out the port, then all.
func foldPeer(addr string, step int) string {
	switch {
	case step == 0:
		return addr
	case step == 1:
		host := addr[:max(strings.LastIndexByte(addr, ':'), 0)]
		if whole := strings.HasSuffix(host, "]") || host != "" && !strings.Contains(host, ":"); whole && host != "unix" {
			return host
		}
		return addr
	}
	return OtherName
}

// foldUser leaves out the host, then all.
func foldUser(name string, step int) string {
	switch {
	case step == 0:
		return name
	case step == 1:
		user, _, _ := strings.Cut(name, "@")
		return user
	}
	return OtherName
}

// knownMethod returns the method of a request, or OtherName when it is none of HTTP's or WebDAV's:
// what clients make up must not become routes.
func knownMethod(method []byte) string {
	switch m := string(method); m {
	case "GET", "POST", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "CONNECT", "TRACE", "PROPFIND", "PROPPATCH",
		"MKCOL", "COPY", "MOVE", "LOCK", "UNLOCK", "REPORT", "SEARCH", "PURGE", "LINK", "UNLINK", "":
		return m
	}
	return OtherName
}
