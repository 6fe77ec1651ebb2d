package analyzers

import (
	"bytes"
	"context"
	"maps"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dbtriage/collectors/logs"
)

// fill sets every number of a struct, nested ones too, to one of its own, and every text and flag.
func fill(v reflect.Value, next *int64) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				fill(v.Field(i), next)
			}
		}
	case reflect.Int64:
		*next++
		v.SetInt(*next)
	case reflect.String:
		*next++
		v.SetString(strings.Repeat("x", int(*next%7)+1))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Uint8:
		v.SetUint(1)
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		key, elem := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(key, next)
		fill(elem, next)
		v.SetMapIndex(key, elem)
	}
}

// TestEncodeKeepsEveryField has every exported field of what a digest holds survive. A field that was
// added is to be added to codec.go too.
func TestEncodeKeepsEveryField(t *testing.T) {
	const known = 16 // fields of a Digest that codec.go knows, or that are not to be kept
	if n := reflect.TypeFor[Digest]().NumField(); n != known {
		t.Errorf("a Digest has %d fields, not %d", n, known)
	}
	next := int64(100)
	d := NewDigest()
	c, e, p := &Class{}, &Endpoint{}, &Peer{}
	for _, v := range []any{&d.Statements, &d.Web, &d.App, c, e, p} {
		fill(reflect.ValueOf(v).Elem(), &next)
	}
	for i, x := range []*Timing{&c.Time, &e.Time, &d.Web.Time} {
		*x = Timing{}
		for n := range 4 << i { // a list and histograms
			for _, us := range []int64{0, 5, 5, 700, 123456789} {
				x.Add(us + int64(n))
			}
		}
	}
	c.Databases = Databases{}
	c.Databases.Add("shop", Usage{3, 4})
	c.Slices = Slices{Width: 20, Cells: []Slice{{40, 1, 2}, {80, 3, 4}}}
	e.Slices = Slices{Width: 10, Cells: []Slice{{-40, 1, 2}}}
	d.Classes[c.Fingerprint] = c
	d.Endpoints[e.Key] = e
	d.Peers[p.Addr] = p
	d.Users["a@b"] = &Usage{5, 6}
	cell := d.Series.At(77e6)
	fill(reflect.ValueOf(cell).Elem(), &next)
	cell.Start, cell.dbOpens, cell.webOpens = 77, 3, -3
	d.threads.add(1)
	d.threads.add(99)
	d.steps = nameSteps{1, 2, 1, 1}
	d.promoteAbove = 9
	got, err := DecodeDigest(d.Encode(nil))
	if err != nil {
		t.Fatal(err)
	}
	same := func(what string, want, got any) {
		t.Helper()
		sketches := cmp.Comparer(func(a, b sketch) bool { return maps.Equal(maps.Collect(a.buckets()), maps.Collect(b.buckets())) })
		everything := cmp.Exporter(func(reflect.Type) bool { return true })
		if diff := cmp.Diff(want, got, sketches, everything); diff != "" {
			t.Errorf("%s: %s", what, diff)
		}
	}
	same("statements", d.Statements, got.Statements)
	same("web", d.Web, got.Web)
	same("app", d.App, got.App)
	same("class", c, got.Classes[c.Fingerprint])
	same("endpoint", e, got.Endpoints[e.Key])
	same("peer", p, got.Peers[p.Addr])
	same("users", d.Users, got.Users)
	same("series", d.Series.Cells(), got.Series.Cells())
	same("threads", d.threads, got.threads)
	same("steps", d.steps, got.steps)
	same("promoteAbove", d.promoteAbove, got.promoteAbove)
}

// TestEncodeKeepsRowsAndRuns has what is not exported survive: classes kept as rows, open runs.
func TestEncodeKeepsRowsAndRuns(t *testing.T) {
	d := scanFile(t, manyClasses(MaxFull+MaxFull/2), 2)
	if d.Folded() == 0 {
		t.Fatal("nothing is folded")
	}
	got, err := DecodeDigest(d.Encode(nil))
	if err != nil {
		t.Fatal(err)
	}
	if got.Folded() != d.Folded() || len(got.Classes) != len(d.Classes) || !bytes.Equal(d.Encode(nil), got.Encode(nil)) {
		t.Errorf("%d rows and %d classes, not %d and %d", got.Folded(), len(got.Classes), d.Folded(), len(d.Classes))
	}
	var want, have []Class
	for c := range d.FoldedClasses() {
		c.Fingerprint = "" // is not written: it can be read again from the log
		want = append(want, *c)
	}
	for c := range got.FoldedClasses() {
		have = append(have, *c)
	}
	if !reflect.DeepEqual(want, have) {
		t.Error("rows differ")
	}
}

func FuzzDecodeDigest(f *testing.F) {
	for _, name := range []string{"mariadb11.log", "percona57.log"} {
		data, err := os.ReadFile("../testdata/slowlogs/" + name)
		if err != nil {
			f.Fatal(err)
		}
		g := &Gatherer{Role: "db", Source: "x"}
		p, _, err := logs.Scan(context.Background(), bytes.NewReader(data), logs.SlowLog(), logs.ScanOptions{Workers: 1}, g.Parts())
		if err != nil {
			f.Fatal(err)
		}
		f.Add(p.Encode(nil))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := DecodeDigest(data)
		if err != nil {
			return
		}
		sum := NewDigest()
		sum.Append(d, "")
		sum.Close()
		sum.Encode(nil)
		for range sum.FoldedClasses() {
		}
	})
}

func BenchmarkCodec(b *testing.B) {
	data, err := os.ReadFile("../testdata/slowlogs/percona57.log")
	if err != nil {
		b.Fatal(err)
	}
	d := scanFile(b, data, 1)
	out := d.Encode(nil)
	b.Logf("%d bytes, %d classes", len(out), len(d.Classes))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := DecodeDigest(d.Encode(out[:0])); err != nil {
			b.Fatal(err)
		}
	}
}
