package verify

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"dbtriage/analyzers"
	"dbtriage/analyzers/advise"
	"dbtriage/collectors"
	"dbtriage/collectors/logs"
	"dbtriage/collectors/mysql/scratch"
)

func TestParseDDL(t *testing.T) {
	for _, c := range []struct {
		ddl  string
		want string // table, then the index as it is made
	}{
		{"ALTER TABLE orders ADD INDEX i (a, b DESC, c(10))", "orders: INDEX `i` (`a`, `b` DESC, `c`(10))"},
		{"alter table shop.orders add unique key `i``x` (`a b`), ALGORITHM=INPLACE, LOCK=NONE;", "shop.orders: UNIQUE INDEX `i``x` (`a b`)"},
		{"CREATE INDEX i ON `sh.op`.`ü` (a) USING BTREE", "sh.op.ü: INDEX `i` (`a`)"},
		{"ALTER TABLE t ADD INDEX i (a), ADD KEY j (b)", "t: INDEX `i` (`a`); t: INDEX `j` (`b`)"},
		{"ALTER TABLE t ADD INDEX i (a), RENAME TO other.t", ""},
		{"ALTER TABLE t ADD INDEX i (a), DROP COLUMN b", ""},
		{"ALTER TABLE t ADD INDEX i (a); DROP TABLE t", ""},
		{"ALTER TABLE t ADD COLUMN a INT", ""},
		{"ALTER TABLE t ADD INDEX (a)", ""},
		{"ALTER TABLE t ADD FULLTEXT INDEX i (a)", ""},
		{"ALTER TABLE t ADD PRIMARY KEY (a)", ""},
		{"ALTER TABLE t ADD INDEX i ((lower(a)))", ""},
		{"ALTER TABLE t", ""},
		{"DROP TABLE t", ""},
		{"", ""},
	} {
		asked, err := ParseDDL(c.ddl)
		var got []string
		for _, a := range asked {
			got = append(got, a.Table.String()+": "+scratch.Definition(a.Index))
		}
		if text := strings.Join(got, "; "); text != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%s: %q, %v; want %q", c.ddl, text, err, c.want)
		}
	}
}

func TestReadable(t *testing.T) {
	for _, c := range []struct{ sql, want, why string }{
		{"SELECT * FROM t WHERE a = 'x'", "SELECT * FROM t WHERE a = 'x'", ""},
		{"select `shop`.`t`.a from Shop.t, other . u where shop.t.a = u.a", "select `t`.a from t,   u where t.a = u.a", ""},
		{"SELECT 'shop.t', \"shop.t\" FROM shop.t", "SELECT 'shop.t', \"shop.t\" FROM t", ""},
		{"SELECT a.shop.b FROM a", "SELECT a.shop.b FROM a", ""},
		{"/* c */ SELECT /* shop.t */ 1 -- x\nFROM t # end", "SELECT 1 FROM t", ""},
		{"SELECT * FROM t WHERE p = 'c:\\' AND q = 'it''s'", "SELECT * FROM t WHERE p = 'c:\\' AND q = 'it''s'", ""},
		{"UPDATE LOW_PRIORITY shop.t SET a = (SELECT 1 FROM u WHERE x), b = 'where' WHERE c = 2 ORDER BY d LIMIT 3", "SELECT * FROM t WHERE c = 2 ORDER BY d LIMIT 3", ""},
		{"UPDATE t JOIN u ON t.a = u.a SET t.b = 1", "SELECT * FROM t JOIN u ON t.a = u.a", ""},
		{"DELETE QUICK FROM t WHERE a < 3 LIMIT 10 RETURNING a", "SELECT * FROM t WHERE a < 3 LIMIT 10", ""},
		{"DELETE t, u FROM t JOIN u USING (a) WHERE t.b = 1", "SELECT * FROM t JOIN u USING (a) WHERE t.b = 1", ""},
		{"DELETE FROM t USING t JOIN u WHERE t.a = u.a", "", "its tables are not understood"},
		{"SELECT a FROM t WHERE b = 1 FOR UPDATE SKIP LOCKED", "SELECT a FROM t WHERE b = 1", ""},
		{"(SELECT a FROM t LOCK IN SHARE MODE) UNION SELECT 2", "(SELECT a FROM t ) UNION SELECT 2", ""},
		{"WITH x AS (SELECT 1) SELECT * FROM x", "WITH x AS (SELECT 1) SELECT * FROM x", ""},
		{"WITH x AS (SELECT 1) DELETE FROM t", "", "it changes rows that a WITH picks"},
		{"SELECT * FROM t INTO OUTFILE '/x'", "", "it does more than read"},
		{"SELECT a INTO @b FROM t", "", "it does more than read"},
		{"SELECT @a := 1 FROM t", "", "it does more than read"},
		{"SELECT 'a\\', ' INTO OUTFILE ', 'b' FROM t -- '", "", "it does more than read"}, // the server may take either for a text
		{"SELECT 1 FROM t; DROP TABLE t", "", "it does more than read"},
		{"SELECT Get_Lock('x', 1) FROM t", "", "it calls get_lock"},
		{"SELECT `sleep`(1) FROM t", "", "it calls sleep"},
		{"SELECT NEXT VALUE FOR s FROM t", "", "it does more than read"},
		{"SELECT 1 /*!50000 INTO OUTFILE '/x' */ FROM t", "", "it holds code in a comment"},
		{"SELECT 1 /*M! , 2 */ FROM t", "", "it holds code in a comment"},
		{"INSERT INTO t VALUES (1)", "", "it is no SELECT, UPDATE or DELETE"},
		{"SELECT 'open", "", "a text of it has no end"},
		{"SELECT 1 /* open", "", "a text of it has no end"},
		{"/*", "", "a text of it has no end"},
		{";", "", "it is empty"},
		{"", "", "it is empty"},
		{"UPDATE", "", "its tables are not understood"},
	} {
		got, why := Readable(c.sql, []string{"shop", "OTHER"})
		if strings.TrimSpace(got) != c.want || why != c.why {
			t.Errorf("%s:\n got %q, %q\nwant %q, %q", c.sql, got, why, c.want, c.why)
		}
	}
}

// Whatever is fed to it, what comes out begins as a statement that reads does, and a name that stands in front of
// a point is none of the schemas.
func FuzzReadable(f *testing.F) {
	for _, s := range []string{"SELECT shop.t.a FROM shop.t", "UPDATE t SET a=1", "DELETE FROM t", "(select 1)", "/*!", "`", "'\\", "WITH", "select /*!1*/"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		out, why := Readable(sql, []string{"shop"})
		if (out == "") != (why != "") {
			t.Fatalf("%q: %q, %q", sql, out, why)
		}
		if pieces, ok := lex(out, true); why == "" && ok && (len(pieces) == 0 || pieces[0].text != "(" && !pieces[0].is("select", "with", "table", "values")) {
			t.Fatalf("%q: %q", sql, out)
		}
	})
}

const slowLog = `# Time: 261122 10:00:00
# User@Host: a[a] @ localhost []
# Query_time: %s  Lock_time: 0.000000 Rows_sent: 1  Rows_examined: %d
use shop;
SET timestamp=1795428000;
SELECT * FROM t WHERE a = %d;
`

// Of a class different statements are taken, and the same ones however the log is cut.
func TestSamples(t *testing.T) {
	var log strings.Builder
	for i := range 100 {
		fmt.Fprintf(&log, strings.ReplaceAll(slowLog, "use shop;\n", map[bool]string{true: "use shop;\n"}[i == 0]), fmt.Sprintf("0.%03d000", i+1), 1000-i, i%50)
	}
	log.WriteString("# User@Host: a[a] @ localhost []\n# Query_time: 9.000000  Lock_time: 0 Rows_sent: 1  Rows_examined: 99999\nuse other;\nSELECT * FROM t WHERE a = 777;\n")
	fmt.Fprintf(&log, "# User@Host: a[a] @ localhost []\n# Query_time: 9.000000  Lock_time: 0 Rows_sent: 1  Rows_examined: 99999\nuse shop;\nSELECT * FROM t WHERE b = '%s';\n", strings.Repeat("x", maxSQL))
	_, id := analyzers.Fingerprint("SELECT * FROM t WHERE a = 1")
	_, long := analyzers.Fingerprint("SELECT * FROM t WHERE b = 'x'")
	take := func(chunk int) *Plan {
		p := &Plan{Classes: []*Class{{ID: id, Schema: "shop", P50US: 50_000, P95US: 95_000}, {ID: long, Schema: "shop"}, {ID: "none"}}}
		in, err := logs.NewInput("x", bytes.NewReader([]byte(log.String())), logs.Options{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer in.Close()
		g := NewGatherer(p)
		got, _, err := logs.Scan(context.Background(), in, in.Detected, logs.ScanOptions{Workers: 2, Chunk: chunk}, g.parts())
		if err != nil {
			t.Fatal(err)
		}
		p.Take([]*Gathered{got})
		return p
	}
	want := take(0)
	samples := want.Classes[0].Samples
	if len(samples) != maxSamples || samples[0] != (Sample{"SELECT * FROM t WHERE a = 49", 50_000, "p50"}) || samples[1].SQL != "SELECT * FROM t WHERE a = 44" || samples[2] != (Sample{"SELECT * FROM t WHERE a = 0", 1_000, "most examined"}) {
		t.Errorf("%+v", samples)
	}
	if want.Classes[1].Why != "its statements are too long" || want.Classes[2].Why != "no statement of it was found again" {
		t.Errorf("%+v", want.Classes[1:])
	}
	for _, chunk := range []int{200, 333, 1000, 4096} {
		if got := take(chunk); !reflect.DeepEqual(got.Classes[0].Samples, samples) {
			t.Errorf("chunks of %d: %+v", chunk, got.Classes[0].Samples)
		}
	}
}

func class(id string, seconds int64, samples int) *Class {
	return &Class{ID: id, TimeUS: seconds * 1e6, Samples: make([]Sample, samples)}
}

func trial(c *Class, key string, work ...int64) Trial {
	t := Trial{Class: c}
	for _, w := range work {
		t.Runs = append(t.Runs, Run{Measurement: scratch.Measurement{Rows: w, Pages: 0, Plan: []scratch.Access{{Table: "t", Kind: "ref", Keys: []string{key}}}}})
	}
	return t
}

func lost(c *Class, why string) Trial {
	return Trial{c, []Run{{Why: why}}}
}

func TestJudge(t *testing.T) {
	a, b, c := class("A", 10, 1), class("B", 90, 1), class("C", 5, 1)
	whole := scratch.Copied{Rows: 50_000, Of: 100_000, Way: scratch.Strided}
	for _, x := range []struct {
		name          string
		classes       []string // it is for; none: asked for
		before, after []Trial
		copied        scratch.Copied
		want          Verdict
		why           string
		gain          float64
	}{
		{"used and much less", []string{"A"}, []Trial{trial(a, "", 50_000)}, []Trial{trial(a, "ix", 10)}, whole, Verified, "saves 99 %", 0.9998},
		{"weighted by time", []string{"A", "B"}, []Trial{trial(a, "", 50_000), trial(b, "", 50_000)}, []Trial{trial(a, "ix", 0), trial(b, "", 50_000)}, whole, Rejected, "saves 9 %", 0.1},
		{"not used", []string{"A"}, []Trial{trial(a, "", 50_000)}, []Trial{trial(a, "PRIMARY", 50_000)}, whole, Rejected, "does not choose", 0},
		{"asked for and used by nobody", nil, []Trial{trial(a, "", 50_000)}, []Trial{trial(a, "", 50_000)}, whole, Rejected, "none of the 1 classes", math.NaN()},
		{"asked for, used by nobody, and little was measured", nil, []Trial{trial(a, "", 50_000), lost(b, "slow")}, []Trial{trial(a, "", 50_000), lost(b, "slow")}, whole, Undecided, "only 10 % of the time of the statements on its table", math.NaN()},
		{"asked for and used", nil, []Trial{trial(a, "", 50_000), trial(c, "", 9)}, []Trial{trial(a, "IX", 100), trial(c, "", 9)}, whole, Verified, "saves", 0.998},
		{"another does much more", []string{"A"}, []Trial{trial(a, "", 50_000), trial(c, "", 1_000)}, []Trial{trial(a, "ix", 10), trial(c, "ix", 1_200)}, whole, Rejected, "class C takes more than 10 % more", 0.9998},
		{"another does a few more", []string{"A"}, []Trial{trial(a, "", 50_000), trial(c, "", 10)}, []Trial{trial(a, "ix", 10), trial(c, "", 60)}, whole, Verified, "saves", 0.9998},
		{"too small a copy", []string{"A"}, []Trial{trial(a, "", 900)}, []Trial{trial(a, "ix", 10)}, scratch.Copied{Rows: 900, Of: 900}, Undecided, "only 900 rows", math.NaN()},
		{"nothing of it was measured", []string{"A"}, []Trial{lost(a, "slow")}, []Trial{lost(a, "slow")}, whole, Undecided, "slow (1)", math.NaN()},
		{"little of it was measured", []string{"A", "B"}, []Trial{trial(a, "", 50_000), lost(b, "slow")}, []Trial{trial(a, "ix", 1), lost(b, "slow")}, whole, Undecided, "only 10 % of the time", 0.9999},
		{"slow with it", []string{"A"}, []Trial{trial(a, "", 50_000)}, []Trial{lost(a, "slow")}, whole, Undecided, "slow with the index (1)", math.NaN()},
		{"nobody touches the table", []string{"A"}, nil, nil, whole, Undecided, "no SELECT", math.NaN()},
	} {
		before := map[*Class]Trial{}
		for _, t := range x.before {
			before[t.Class] = t
		}
		candidate := &Candidate{Index: collectors.Index{Name: "ix"}, Classes: x.classes, Advised: x.classes != nil}
		r := Judge(candidate, before, x.after, x.copied, &scratch.Built{}, "")
		same := math.Abs(r.Gain-x.gain) < 1e-3 || math.IsNaN(r.Gain) && math.IsNaN(x.gain)
		if r.Verdict != x.want || !strings.Contains(r.Why, x.why) || !same {
			t.Errorf("%s: %s, %q, gain %v", x.name, r.Verdict, r.Why, r.Gain)
		}
	}
	r := Judge(&Candidate{}, nil, nil, whole, nil, "no such table")
	if r.Verdict != Undecided || r.Why != "no such table" || r.WasBuilt || r.Scale() != 2 {
		t.Errorf("%+v", r)
	}
}

// A page counts as five rows, and only where both sides tell of pages.
func TestWork(t *testing.T) {
	c := class("A", 1, 2)
	run := func(rows, pages int64) Run {
		return Run{Measurement: scratch.Measurement{Rows: rows, Pages: pages}}
	}
	before, after := Trial{c, []Run{run(1000, 10), run(0, 0)}}, Trial{c, []Run{run(10, 30), run(0, 0)}}
	if got := compareTrials(&Candidate{}, before, after); got.Work != [2]float64{1050, 160} || got.Pages != [2]int64{10, 30} || got.Samples != 2 {
		t.Errorf("%+v", got)
	}
	after.Runs[1].Pages = collectors.Unknown
	if got := compareTrials(&Candidate{}, before, after); got.Work != [2]float64{1000, 10} || got.Pages[0] != collectors.Unknown {
		t.Errorf("%+v", got)
	}
}

// The table of the index comes first, then what is joined to it, each with the columns that lead there.
func TestPlan(t *testing.T) {
	d := analyzers.NewDigest()
	for i, sql := range []string{
		"SELECT o.id FROM orders o JOIN customers c ON c.id = o.customer_id JOIN cities t ON t.id = c.city WHERE o.state = 'x'",
		"UPDATE orders SET state = 'y' WHERE id = 3", "UPDATE orders SET note = 'y' WHERE id = 3", "INSERT INTO orders (state) VALUES ('x')", "DELETE FROM orders WHERE id = 7",
		"SELECT 1 FROM cities", "SELECT 1 FROM orders JOIN gone ON gone.id = orders.id", "SELECT FROM WHERE nonsense (",
	} {
		text, id := analyzers.Fingerprint(sql)
		c := &analyzers.Class{Fingerprint: text, ID: id, Worst: analyzers.Example{SQL: sql}}
		for range i + 1 {
			c.Time.Add(int64(1000 - i))
		}
		c.Databases.Add("shop", analyzers.Usage{Calls: int64(i + 1), TimeUS: c.Time.Sum})
		d.Classes[text] = c
	}
	table := func(name string) collectors.Table {
		return collectors.Table{Schema: "shop", Name: name, Engine: "InnoDB", Rows: 1e6}
	}
	catalog := advise.NewCatalog([]collectors.Table{table("orders"), table("customers"), table("cities")})
	asked, err := ParseDDL("ALTER TABLE orders ADD INDEX i (State)")
	if err != nil {
		t.Fatal(err)
	}
	unknown, err := ParseDDL("ALTER TABLE elsewhere.orders ADD INDEX i (a)")
	if err != nil {
		t.Fatal(err)
	}
	twin, err := ParseDDL("CREATE INDEX j ON shop.orders (state)")
	if err != nil {
		t.Fatal(err)
	}
	p := NewPlan(append(append(asked, unknown...), twin...), advise.Statements(d, 100), catalog)
	wantTables := []scratch.Wanted{{Schema: "shop", Name: "orders"}, {Schema: "shop", Name: "customers", Column: "id", Partner: "orders", PartnerColumn: "customer_id"},
		{Schema: "shop", Name: "cities", Column: "id", Partner: "customers", PartnerColumn: "city"}}
	if !reflect.DeepEqual(p.Tables, wantTables) {
		t.Errorf("%+v", p.Tables)
	}
	if c := p.Candidates[0]; c.Writes != (Writes{Inserts: 4, Updates: 2, Deletes: 5}) || c.Why != "" || c.DDL() != "ALTER TABLE shop.orders ADD INDEX i (State), ALGORITHM=INPLACE, LOCK=NONE" {
		t.Errorf("%+v, %s", c, c.DDL())
	}
	if c := p.Candidates[1]; !strings.Contains(c.Why, "no such table") {
		t.Errorf("%+v", c)
	}
	if len(p.Candidates) != 2 {
		t.Errorf("%d candidates: the same index twice is one", len(p.Candidates))
	}
	if len(p.Classes) != 5 || p.Unread != 8 {
		t.Errorf("%d classes, %d not understood", len(p.Classes), p.Unread)
	}
	p.Copied([]scratch.Copied{{Schema: "shop", Name: "customers", Refused: "it is no plain table"}})
	for _, c := range p.Classes {
		if gone := strings.Contains(c.Fingerprint, "gone") || strings.Contains(c.Fingerprint, "customers"); gone != (c.Why != "") {
			t.Errorf("%s: %q", c.Fingerprint, c.Why)
		}
	}
}
