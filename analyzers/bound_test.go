package analyzers

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFoldEndpoint(t *testing.T) {
	key := EndpointKey{Role: "web", Method: "GET", Route: "/a/b/c"}
	for step, want := range map[int]string{0: "/a/b/c", 8: "/a/b/c", 9: "/a/b/c", 10: "/a/b/…", 11: "/a/…", 12: "/…", 13: OtherName} {
		if got := foldEndpoint(key, step).Route; got != want {
			t.Errorf("step %d: %s, want %s", step, got, want)
		}
	}
}

func TestFoldPeer(t *testing.T) {
	for addr, want := range map[string]string{
		"10.0.0.1:80": "10.0.0.1", "10.0.0.1": "10.0.0.1", "[::1]:80": "[::1]", "[::1]": "[::1]", "::1": "::1", "app": "app", ":80": ":80",
		"unix:/run/app.sock": "unix:/run/app.sock", "unix:/run/app:1": "unix:/run/app:1", "": "",
	} {
		got := foldPeer(addr, 1)
		if got != want || foldPeer(got, 1) != got {
			t.Errorf("%s is told as %s, and that as %s; want %s", addr, got, foldPeer(got, 1), want)
		}
	}
}

// However a set of names is cut into parts, the coarsened whole is the same.
func TestCoarsenDoesNotDependOnTheCut(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	var names []EndpointKey
	for range 3000 {
		names = append(names, EndpointKey{"web", "GET", fmt.Sprintf("/%c/%d/%d", 'a'+r.IntN(20), r.IntN(9), r.IntN(9))})
	}
	add := func(into, from *Endpoint) { into.Requests += from.Requests }
	whole := func(parts int) map[string]int64 {
		total, step := map[EndpointKey]*Endpoint{}, 0
		for p := range parts {
			part, own := map[EndpointKey]*Endpoint{}, 0
			for _, n := range names[p*len(names)/parts : (p+1)*len(names)/parts] {
				k := foldEndpoint(n, own)
				if part[k] == nil {
					part[k] = &Endpoint{Key: k}
				}
				part[k].Requests++
				coarsen(part, 100, &own, foldEndpoint, add)
			}
			for k, e := range part {
				k = foldEndpoint(k, step)
				if total[k] == nil {
					total[k] = &Endpoint{Key: k}
				}
				add(total[k], e)
			}
			for step < own {
				step++
				for k, e := range maps.Clone(total) {
					if to := foldEndpoint(k, step); to != k {
						delete(total, k)
						if total[to] == nil {
							total[to] = &Endpoint{Key: to}
						}
						add(total[to], e)
					}
				}
			}
			coarsen(total, 100, &step, foldEndpoint, add)
		}
		out := map[string]int64{}
		for k, e := range total {
			out[k.Route] += e.Requests
		}
		return out
	}
	want := whole(1)
	if len(want) > 100 || len(want) < 10 {
		t.Fatalf("%d names: %v", len(want), slices.Sorted(maps.Keys(want)))
	}
	for _, parts := range []int{2, 3, 7, 50} {
		if diff := cmp.Diff(want, whole(parts)); diff != "" {
			t.Errorf("%d parts (-one +many):\n%s", parts, diff)
		}
	}
}
