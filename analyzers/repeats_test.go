package analyzers

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// held writes what is kept, the digests in order.
func held(r *Repeats) string {
	table := func(t *heldTexts) string {
		var kept []string
		for _, h := range t.slots {
			if h.calls > 0 {
				kept = append(kept, fmt.Sprintf("%016x×%d", h.digest, h.calls))
			}
		}
		slices.Sort(kept)
		return fmt.Sprint(t.level, t.n, kept)
	}
	return fmt.Sprint(r.Calls, r.Timed, table(&r.texts), table(&r.spans), r.heavy.open, r.heavy.counts())
}

// TestRepeatsMergeInAnyOrder cuts a stream of statements at every tenth place and joins the parts in
// both orders: what is kept is the same, few texts or many.
func TestRepeatsMergeInAnyOrder(t *testing.T) {
	for _, texts := range []int{1, 40, 64, 65, 300, 5000} {
		random := rand.New(rand.NewPCG(1, uint64(texts)))
		type statement struct {
			sql string
			at  int64
		}
		var all []statement
		for i := range 4000 {
			all = append(all, statement{fmt.Sprint("select a from t where id = ", random.IntN(texts)), int64(i) * 5e4})
		}
		of := func(part []statement) *Repeats {
			r := &Repeats{}
			for _, s := range part {
				r.Add((&form{kind: Read}).digest([]byte(s.sql)), s.at, true)
			}
			return r
		}
		whole := held(of(all))
		for cut := 0; cut <= len(all); cut += 400 {
			forth, back := of(all[:cut]), of(all[cut:])
			forth.merge(of(all[cut:]))
			back.merge(of(all[:cut]))
			for _, r := range []*Repeats{forth, back} {
				if diff := cmp.Diff(whole, held(r)); diff != "" {
					t.Fatalf("%d texts cut at %d (-whole +parts):\n%s", texts, cut, diff)
				}
			}
		}
	}
}

// TestRepeatsEstimate holds the estimates against counting.
func TestRepeatsEstimate(t *testing.T) {
	for _, c := range []struct {
		name  string
		texts int
		calls int
		hot   float64 // share of one text
	}{
		{"few", 40, 20_000, 0},
		{"many", 10_000, 50_000, 0},
		{"a hot one among many", 20_000, 50_000, 0.3},
		{"never again", 1 << 40, 30_000, 0},
	} {
		random := rand.New(rand.NewPCG(7, 7))
		var r Repeats
		distinct, spans := map[string]int{}, map[string]bool{}
		for i := range c.calls {
			id := random.IntN(c.texts)
			if random.Float64() < c.hot {
				id = -1
			}
			sql, at := fmt.Sprint("update t set n = n + ", i, " where id = ", id), int64(i)*2000
			r.Add((&form{kind: Write}).digest([]byte(sql)), at, true)
			distinct[fmt.Sprint(id)]++
			spans[fmt.Sprint(id, at/(RepeatSpan*1e6))] = true
		}
		most := 0
		for _, n := range distinct {
			most = max(most, n)
		}
		near := func(what string, got, want float64) {
			if math.Abs(got-want) > 0.35*want {
				t.Errorf("%s: %s is %.4g, want about %.4g", c.name, what, got, want)
			}
		}
		near("distinct", r.Distinct(), float64(len(distinct)))
		perSpan, _ := r.PerSpan()
		near("calls a span", perSpan, float64(c.calls)/float64(len(spans)))
		top, _ := r.Top()
		if want := float64(most) / float64(c.calls); top < want || top > want+0.03 {
			t.Errorf("%s: top share %.4f, want %.4f or a little above", c.name, top, want)
		}
	}
}

func TestParameters(t *testing.T) {
	for _, c := range []struct {
		sql  string
		kind Kind
		want string
	}{
		{"select a from t where id = 5", Read, "select a from t where id = 5"},
		{"/* trace 77 */select 1", Read, "select 1"},
		{"select 1 /*trace=77*/", Read, "select 1 "},
		{"UPDATE t SET n = n + 3, at = 7 WHERE id = 5", Write, "WHERE id = 5"},
		{"delete from t", Write, "delete from t"},
		{"/* never closed", Read, "/* never closed"},
	} {
		if got := string(parameters([]byte(c.sql), c.kind)); got != c.want {
			t.Errorf("%q: %q", c.sql, got)
		}
	}
}

// TestRepeatsAreEncoded: what is written and read is the same, and goes on counting the same.
func TestRepeatsAreEncoded(t *testing.T) {
	for _, texts := range []int{0, 1, 64, 65, 4000} {
		c := &Class{Fingerprint: "select a from t where id = ?", ID: "0000000000000001"}
		for i := range texts {
			c.Repeats.Add((&form{kind: Read}).digest(fmt.Append(nil, i*7)), int64(i)*1e6, i%3 > 0)
		}
		d := NewDigest()
		d.Classes[c.Fingerprint] = c
		got, err := DecodeDigest(d.Encode(nil))
		if err != nil {
			t.Fatal(err)
		}
		read := &got.Classes[c.Fingerprint].Repeats
		if diff := cmp.Diff(held(&c.Repeats), held(read)); diff != "" {
			t.Fatalf("%d texts (-written +read):\n%s", texts, diff)
		}
		for _, r := range []*Repeats{&c.Repeats, read} {
			r.Add((&form{kind: Read}).digest([]byte("another")), 5e6, true)
		}
		if diff := cmp.Diff(held(&c.Repeats), held(read)); diff != "" {
			t.Errorf("%d texts and one more (-written +read):\n%s", texts, diff)
		}
	}
}
