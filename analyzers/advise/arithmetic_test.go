package advise

import (
	"math"
	"testing"

	"dbtriage/analyzers"
	"dbtriage/analyzers/sqlshape"
	"dbtriage/collectors"
)

// TestDemand pins the two figures of the lecture notes, exactly.
func TestDemand(t *testing.T) {
	d := NewDemand(100_000, 100, 3)
	if d.Total() != 30_000_000 || math.Abs(d.Even()-2500.0/3) > 1e-9 || math.Abs(d.Peak()-12500.0/9) > 1e-9 {
		t.Errorf("%v a day, %v/s, %v/s", d.Total(), d.Even(), d.Peak())
	}
	if got := LinkLimit(2000); got != 50_000 {
		t.Errorf("a gigabit carries %v answers of 2,000 bytes", got)
	}
	if got := CacheBytes(1_000_000, 920); got != 1e9 {
		t.Errorf("a million entries of 920 bytes take %v", got)
	}
}

// TestServers: every server does all the writes and its part of the reads.
func TestServers(t *testing.T) {
	for _, c := range []struct {
		reads, writes, capacity float64
		want                    int // with one to spare; 0 where no number of replicas carries it
		plan                    ServerPlan
	}{
		{1388.89, 0, 1000, 4, ServerPlan{1, 4}},
		{600, 0, 1000, 2, ServerPlan{1, 2}},
		{601, 0, 1000, 3, ServerPlan{1, 3}},
		{0, 0, 1000, 0, ServerPlan{}},
		{100, 0, 0, 0, ServerPlan{}},
		{0, 600, 1000, 2, ServerPlan{1, 2}},
		{1, 600, 1000, 0, ServerPlan{2, 2}},
		{300, 300, 1000, 2, ServerPlan{1, 2}},
		{301, 300, 1000, 3, ServerPlan{1, 3}},
		{4000, 400, 1000, 21, ServerPlan{2, 6}}, // 200 are left of each for 4,000 reads; in halves 400 for 2,000
		{2000, 2000, 1000, 0, ServerPlan{8, 2}}, // in 4 shards 6 each, in 8 one each
		{0, 601, 1000, 0, ServerPlan{2, 2}},
	} {
		got, ok := Servers(c.reads, c.writes, c.capacity)
		if got != c.want || ok != (c.want > 0) {
			t.Errorf("%v reads and %v writes/s on servers of %v/s: %d, %v, want %d", c.reads, c.writes, c.capacity, got, ok, c.want)
		}
		if got := FewestServers(c.reads, c.writes, c.capacity); got != c.plan {
			t.Errorf("%v reads and %v writes/s on servers of %v/s: %+v, want %+v", c.reads, c.writes, c.capacity, got, c.plan)
		}
	}
}

func TestPoolSize(t *testing.T) {
	for _, c := range []struct {
		in   PoolInput
		want float64
		ok   bool
		why  string
	}{
		{PoolInput{Rate: 700, MeanS: 0.01}, 10, true, "Little: 7 in use at 70 %"},
		{PoolInput{Rate: 7000, MeanS: 0.01, Cores: 4}, 9, true, "more than 2·4+1 only queue"},
		{PoolInput{Rate: 10, MeanS: 0.001, Cores: 4}, 2, true, "never below two"},
		{PoolInput{Rate: 7000, MeanS: 0.1, MaxConnections: 151}, 120, true, "four fifths of max_connections"},
		{PoolInput{Rate: 700, MeanS: 0.01, Instances: 4}, 10, true, "shared by four"},
		{PoolInput{MeanS: 0.01}, 0, false, "no rate"},
	} {
		p, ok := PoolSize(c.in)
		if p.Size != c.want || ok != c.ok {
			t.Errorf("%+v: %v, want %v (%s)", c.in, p.Size, c.want, c.why)
		}
		if c.in.Instances == 4 && p.PerInstance != 3 {
			t.Errorf("%v a process", p.PerInstance)
		}
	}
}

// TestKnee: a server that queues beyond 800 a second, one that was never driven so far, one that was
// slow for another reason, and one whose load never changed.
func TestKnee(t *testing.T) {
	series := func(us func(rate int64, second int) int64, rates func(i int) int64) *analyzers.SecondSeries {
		s := analyzers.NewSecondSeries()
		for i := range 200 {
			c := s.At(int64(1_000_000+i) * 1e6)
			c.Statements = rates(i)
			c.QueryUS = c.Statements * us(c.Statements, i)
		}
		return s
	}
	ramp := func(i int) int64 { return 100 + int64(i)*5 }
	queueing := func(rate int64, _ int) int64 {
		if rate > 800 {
			return 5000
		}
		return 1000
	}
	if k, ok := KneeOf(series(queueing, ramp)); !ok || !k.Seen || k.Rate < 700 || k.Rate > 800 {
		t.Errorf("%+v %v", k, ok)
	}
	flat := func(int64, int) int64 { return 1000 }
	if k, ok := KneeOf(series(flat, ramp)); !ok || k.Seen || k.Rate < 1090 {
		t.Errorf("never driven to it: %+v %v", k, ok)
	}
	fault := func(_ int64, second int) int64 {
		if second%50 > 25 {
			return 50_000
		}
		return 1000
	}
	if k, ok := KneeOf(series(fault, func(i int) int64 { return 100 + int64(i*7%20) })); ok && k.Seen {
		t.Errorf("something else made it slow: %+v", k)
	}
	pings := func(rate int64, _ int) int64 {
		if rate > 50 { // beyond that rate other statements come
			return 2000
		}
		return 50
	}
	if k, ok := KneeOf(series(pings, func(i int) int64 { return 10 + int64(i%200) })); ok && k.Seen {
		t.Errorf("another mix is no queue: %+v", k)
	}
	if _, ok := KneeOf(analyzers.NewSecondSeries()); ok {
		t.Error("an empty series has no knee")
	}
}

// repeated is a class whose 100 statements come with so many parameter sets in turn, all at once.
func repeated(sql string, keys int) *analyzers.Class {
	c := class(sql)
	for i := range 100 {
		c.Repeats.Add(uint32(i%keys+1)*0x9e3779b1, 0, true)
	}
	return c
}

func TestCache(t *testing.T) {
	hot := repeated("SELECT id, name FROM products p JOIN items i ON i.product_id = p.id WHERE p.category_id = 5", 4)
	hot.BytesSent, hot.BytesSentKnown = 92_000, 100
	d := analyzers.NewDigest()
	d.Classes[hot.Fingerprint] = hot
	write := class("UPDATE products SET price = 5 WHERE id = 7")
	d.Classes[write.Fingerprint] = write
	statements := Statements(d, 10)
	catalog := NewCatalog(shop())
	for i := range statements {
		c, ok := CacheOf(&statements[i], statements, catalog)
		if statements[i].Class == write {
			if ok {
				t.Error("a write is no cache candidate")
			}
			continue
		}
		if !ok || c.Keys != 4 || c.HitShareEver != 0.96 || c.HitShare != 0.96 || c.ValueBytes != 920 || c.Bytes != 4000 {
			t.Errorf("%v %+v", ok, c)
		}
		if c.Key != "products+items:{category_id}" || c.Reads != 100 || c.Writes != 100 || c.Locking {
			t.Errorf("%+v", c)
		}
	}
}

func TestMergeFactor(t *testing.T) {
	for sql, want := range map[string]float64{
		"UPDATE products SET views = views + 1 WHERE id = 5": 25,
		"UPDATE products SET views = 7 WHERE id = 5":         0,
		"UPDATE products SET views = views + 1":              0,
		"SELECT views FROM products WHERE id = 5":            0,
	} {
		d := analyzers.NewDigest()
		c := repeated(sql, 4)
		d.Classes[c.Fingerprint] = c
		factor, ok := MergeFactor(&Statements(d, 1)[0])
		if factor != want || ok != (want > 0) {
			t.Errorf("%s: %v %v, want %v", sql, factor, ok, want)
		}
	}
}

func TestShardKey(t *testing.T) {
	d := analyzers.NewDigest()
	for _, sql := range []string{
		"SELECT total FROM orders WHERE user_id = 5 ORDER BY created_at DESC LIMIT 1",
		"SELECT o.total FROM users u JOIN orders o ON o.user_id = u.id WHERE u.id = 5",
		"INSERT INTO orders (user_id, shop_id, total) VALUES (1, 2, 3)",
		"UPDATE orders SET status = 'paid' WHERE user_id = 5 AND id = 7",
		"SELECT total FROM orders WHERE tracking_no = 'x'",
	} {
		c := class(sql)
		d.Classes[c.Fingerprint] = c
	}
	statements, catalog := Statements(d, 10), NewCatalog(shop())
	k, ok := BestShardKey(sqlshape.Table{Name: "orders"}, "shop", statements, catalog)
	if !ok || k.Column != "user_id" || k.LocalShare != 0.8 || k.Statements != 500 || k.Updated || k.Kind != "number" {
		t.Errorf("%v %+v", ok, k)
	}
	if k.Distinct != collectors.Unknown || !math.IsNaN(k.TopShare) {
		t.Errorf("nothing tells its values: %+v", k)
	}
	if _, ok := BestShardKey(sqlshape.Table{Name: "colours"}, "shop", statements, catalog); ok {
		t.Error("nobody asks for colours")
	}
}
