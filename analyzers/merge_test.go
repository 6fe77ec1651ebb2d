package analyzers

import (
	"reflect"
	"testing"
)

// TestMergeKeepsEveryField has every number of what a digest sums up arrive in a digest that it is merged into. A
// field that was added is to be added to merge.go too.
func TestMergeKeepsEveryField(t *testing.T) {
	numbers := func(of any, see func(name string, v reflect.Value)) {
		v := reflect.ValueOf(of).Elem()
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && f.Type.Kind() == reflect.Int64 {
				see(f.Name, v.Field(i))
			}
		}
	}
	d := NewDigest()
	class, endpoint, peer := &Class{Fingerprint: "select ?"}, newEndpoint(EndpointKey{Role: "web", Method: "GET", Route: "/"}), &Peer{Addr: "10.0.0.1:80"}
	d.Classes[class.Fingerprint], d.Endpoints[endpoint.Key], d.Peers[peer.Addr], d.Users["app"] = class, endpoint, peer, &Usage{}
	for _, of := range []any{class, endpoint, peer, d.Users["app"], &d.Statements, &d.Web, &d.App, d.Series.At(7e6)} {
		numbers(of, func(_ string, v reflect.Value) { v.SetInt(7) })
	}
	got := NewDigest()
	got.Merge(d)
	for what, of := range map[string]any{
		"Class": got.Classes[class.Fingerprint], "Endpoint": got.Endpoints[endpoint.Key], "Peer": got.Peers[peer.Addr], "Usage": got.Users["app"],
		"StatementTotals": &got.Statements, "RequestTotals of the web": &got.Web, "RequestTotals of the application": &got.App, "Second": got.Series.At(7e6),
	} {
		numbers(of, func(name string, v reflect.Value) {
			if v.Int() == 0 && name != "Threads" { // that is counted anew from all thread ids
				t.Errorf("%s.%s is lost", what, name)
			}
		})
	}
}
