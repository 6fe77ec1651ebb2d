package rules

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"dbtriage/analyzers"
	"dbtriage/analyzers/timeline"
	"dbtriage/collectors"
)

// incident builds the snapshot of a slow log and an access log of a minute: from half on, each
// request takes app and db longer.
type incident struct {
	seconds                 int64
	client, web, app, db    int64 // µs per request, all along
	moreClient, moreApp     int64 // µs per request from half on
	moreDB                  int64
	errors, retries         int64 // requests of ten that fail or are retried from half on
	noWeb, noDB, background bool
	noTimes                 bool  // the access log says nothing of times and upstreams
	appLog                  bool  // the application logs its own requests
	dbLater                 int64 // seconds that the slow log's times are ahead
}

func (in incident) snapshot() *analyzers.Snapshot {
	d := analyzers.NewDigest()
	s := &analyzers.Snapshot{Digest: d, Window: analyzers.Window{From: collectors.NoTime, To: collectors.NoTime}}
	start := int64(1_700_000_000)
	for i := range in.seconds {
		bad := int64(0)
		if i >= in.seconds/2 {
			bad = 1
		}
		at := (start + i) * 1e6
		c := d.Series.At(at)
		client, app, db := in.client+bad*in.moreClient, in.app+bad*in.moreApp, in.db+bad*in.moreDB
		if !in.noWeb {
			c.Requests, c.RequestUS = 10, 10*(client+in.web+app+db)
			c.ClientUS, c.UpstreamUS = 10*client, 10*(app+db)
			c.Errors5xx, c.Retried = bad*in.errors, bad*in.retries
			for range 10 {
				d.Web.Time.Add(client + in.web + app + db)
			}
			d.Web.Count += 10
			d.Web.WithTime += 10
			d.Web.UpstreamLogged += 10
		}
		if in.noTimes {
			c.RequestUS, c.ClientUS, c.UpstreamUS = 0, 0, 0
			d.Web.Time, d.Web.WithTime, d.Web.UpstreamLogged = analyzers.Timing{}, 0, 0
		}
		if in.appLog {
			c.AppRequests, c.AppUS, c.AppErrors5xx = 10, 10*(app+db), bad*in.errors
			for range 10 {
				d.App.Time.Add(app + db)
			}
			d.App.Count += 10
			d.App.WithTime += 10
		}
		if !in.noDB {
			c = d.Series.At(at + in.dbLater*1e6)
			c.Statements, c.QueryUS = 20, 10*db
			if in.background {
				c.QueryUS += 100 * db
			}
			for range 20 {
				d.Statements.Time.Add(max(db/2, 1))
			}
			d.Statements.Count += 20
		}
	}
	first, last := start*1e6, (start+in.seconds-1)*1e6
	if !in.noWeb {
		d.Web.First, d.Web.Last = first, last
	}
	if in.appLog {
		d.App.First, d.App.Last = first, last
	}
	if !in.noDB {
		d.Statements.First, d.Statements.Last = first+in.dbLater*1e6, last+in.dbLater*1e6
	}
	return s
}

func TestVerdict(t *testing.T) {
	quiet := incident{seconds: 60, client: 100, web: 0, app: 1000, db: 1000}
	with := func(change func(*incident)) incident {
		in := quiet
		change(&in)
		return in
	}
	slow := Finding{Severity: Warning, Layer: LayerDatabase, Confidence: 0.8, Title: "a statement is slower", Share: 0.9}
	hog := Finding{Severity: Critical, Layer: LayerHost, Confidence: 0.8, Title: "another process", Share: 0.1}
	slower := Finding{Rule: "Q21", Symptom: true, Severity: Warning, Layer: LayerDatabase, Confidence: 0.8, Title: "a statement is slower than before", Share: 0.9}
	waiting := Finding{Rule: "H02", Starves: true, Severity: Warning, Layer: LayerHost, Confidence: 0.8, Title: "tasks wait"}
	lock := Finding{Severity: Critical, Layer: LayerApp, Confidence: 0.8, Title: "a pool is missing"}
	at := func(from, to string) []Evidence {
		return []Evidence{{Window: "2023-11-1" + from + "Z/2023-11-1" + to + "Z"}}
	}
	slowLater, slowNow := slow, slow // the requests are of 22:13:20 to 22:14:19
	slowLater.Evidence, slowNow.Evidence = at("5T06:13:20", "5T06:14:19"), at("4T22:14:00", "4T22:14:10")
	for _, c := range []struct {
		name     string
		in       incident
		findings []Finding
		layer    Layer
		seen     Layer
		least    float64 // of confidence
		most     float64
		unknown  string // part of one of the unknowns
	}{
		{"healthy", quiet, nil, LayerNone, LayerNone, 0.5, 0.8, "The host"},
		{"a little slower", with(func(i *incident) { i.moreDB, i.moreApp = 2_000, 2_000 }), nil, LayerNone, LayerNone, 0.4, 0.5, "The host"},
		{"a little slower, with a cause", with(func(i *incident) { i.moreDB, i.moreApp = 2_000, 2_000 }), []Finding{lock}, LayerApp, LayerApp, 0.3, 0.8, "The host"},
		{"much slower, if still quick", with(func(i *incident) { i.moreDB = 7_000 }), nil, LayerDatabase, LayerDatabase, 0.5, 0.9, "The host"},
		{"database", with(func(i *incident) { i.moreDB = 50_000 }), nil, LayerDatabase, LayerDatabase, 0.5, 0.6, "The host"},
		{"database with a cause", with(func(i *incident) { i.moreDB = 50_000 }), []Finding{slow}, LayerDatabase, LayerDatabase, 0.8, 0.9, "The host"},
		{"database with a symptom", with(func(i *incident) { i.moreDB = 50_000 }), []Finding{slower}, LayerDatabase, LayerDatabase, 0.5, 0.6, "The host"},
		{"application", with(func(i *incident) { i.moreApp = 50_000 }), nil, LayerApp, LayerApp, 0.5, 0.6, "The host"},
		{"application, tasks wait for a core", with(func(i *incident) { i.moreApp = 50_000 }), []Finding{waiting}, LayerApp, LayerApp, 0.3, 0.5, "The host"},
		{"application with a cause, tasks wait for a core", with(func(i *incident) { i.moreApp = 50_000 }), []Finding{lock, waiting}, LayerApp, LayerApp, 0.8, 0.9, "The host"},
		{"database with a symptom, tasks wait for a core", with(func(i *incident) { i.moreDB = 50_000 }), []Finding{slower, waiting}, LayerDatabase, LayerDatabase, 0.3, 0.5, "The host"},
		{"healthy, tasks wait for a core", quiet, []Finding{waiting}, LayerNone, LayerNone, 0.5, 0.8, "The host"},
		{"queue for connections", with(func(i *incident) { i.moreApp, i.moreDB = 5_000_000, 400_000 }), nil, LayerDatabase, LayerApp, 0.5, 0.7, "The host"},
		{"clients", with(func(i *incident) { i.moreClient = 50_000 }), nil, LayerClient, LayerClient, 0.8, 0.9, "The host"},
		{"two suspects", with(func(i *incident) { i.moreApp, i.moreDB, i.moreClient = 5_000, 5_100, 5_000 }), nil, LayerDatabase, LayerDatabase, 0, 0.4, "The host"},
		{"fix elsewhere", with(func(i *incident) { i.moreDB = 50_000 }), []Finding{lock}, LayerApp, LayerDatabase, 0.5, 0.8, "The host"},
		{"a short host", with(func(i *incident) { i.moreApp = 50_000 }), []Finding{hog}, LayerHost, LayerApp, 0.5, 0.9, "The host"},
		{"slow clients of a short host", with(func(i *incident) { i.moreClient = 50_000 }), []Finding{hog}, LayerClient, LayerClient, 0.5, 0.9, "The host"},
		{"a database that has no part in it", with(func(i *incident) { i.moreApp = 50_000 }), []Finding{slow}, LayerApp, LayerApp, 0.5, 0.9, "The host"},
		{"a database in trouble that slows nothing", with(func(i *incident) { i.db = 100 }), []Finding{slow}, LayerDatabase, LayerApp, 0.5, 0.9, "The host"},
		{"errors", with(func(i *incident) { i.errors = 4 }), nil, LayerApp, LayerApp, 0.5, 0.8, "The host"},
		{"retries", with(func(i *incident) { i.retries = 4 }), nil, LayerApp, LayerWeb, 0.5, 0.9, "The host"},
		{"other load", with(func(i *incident) { i.moreDB, i.background = 5_000, true }), nil, LayerDatabase, LayerDatabase, 0.5, 0.9, "The host"},
		{"young", with(func(i *incident) { i.seconds, i.moreDB = 20, 50_000 }), nil, LayerDatabase, LayerDatabase, 0.3, 0.5, "provisional"},
		{"access log alone", with(func(i *incident) { i.moreDB, i.noDB = 50_000, true }), nil, LayerUnknown, LayerApp, 0.3, 0.6, "Without a slow log,"},
		{"access log alone, with a cause", with(func(i *incident) { i.moreDB, i.noDB = 50_000, true }), []Finding{slow}, LayerDatabase, LayerApp, 0.3, 0.5, "Without a slow log,"},
		{"access log alone, with a symptom", with(func(i *incident) { i.moreDB, i.noDB = 50_000, true }), []Finding{slower}, LayerUnknown, LayerApp, 0.3, 0.6, "Without a slow log,"},
		{"access log alone, healthy", with(func(i *incident) { i.noDB = true }), nil, LayerNone, LayerNone, 0.3, 0.5, "Without a slow log,"},
		{"slow log alone, tasks wait for a core", with(func(i *incident) { i.moreDB, i.noWeb = 50_000, true }), []Finding{waiting}, LayerUnknown, LayerDatabase, 0.1, 0.5, "Without an access log,"},
		{"slow log alone", with(func(i *incident) { i.moreDB, i.noWeb = 50_000, true }), nil, LayerDatabase, LayerDatabase, 0.1, 0.5, "Without an access log,"},
		{"slow log alone, quiet", with(func(i *incident) { i.noWeb = true }), nil, LayerUnknown, LayerUnknown, 0, 0, "Without an access log,"},
		{"no times", with(func(i *incident) { i.noDB, i.noTimes = true, true }), nil, LayerUnknown, LayerUnknown, 0, 0, "no request time"},
		{"no times, errors", with(func(i *incident) { i.noDB, i.noTimes, i.errors = true, true, 4 }), nil, LayerApp, LayerApp, 0.3, 0.5, "no request time"},
		{"no times, with a cause", with(func(i *incident) { i.noDB, i.noTimes = true, true }), []Finding{slow}, LayerDatabase, LayerDatabase, 0.3, 0.5, "no request time"},
		{"no times and a slow log, errors", with(func(i *incident) { i.noTimes, i.errors = true, 4 }), []Finding{slow}, LayerApp, LayerApp, 0.3, 0.5, "no request time"},
		{"no times and a slow log, a cause elsewhere", with(func(i *incident) { i.noTimes = true }), []Finding{lock}, LayerApp, LayerApp, 0.3, 0.5, "no request time"},
		{"no times and a slow log, slower", with(func(i *incident) { i.noTimes, i.moreDB = true, 50_000 }), nil, LayerDatabase, LayerDatabase, 0.1, 0.5, "no request time"},
		{"no times and a slow log, quiet", with(func(i *incident) { i.noTimes = true }), nil, LayerUnknown, LayerUnknown, 0, 0, "no request time"},
		{"application log alone", with(func(i *incident) { i.noWeb, i.noDB, i.appLog, i.moreApp = true, true, true, 50_000 }), nil, LayerUnknown, LayerApp, 0.5, 0.6, "Without an access log,"},
		{"application log alone, with a cause", with(func(i *incident) { i.noWeb, i.noDB, i.appLog, i.moreApp = true, true, true, 50_000 }), []Finding{slow}, LayerDatabase, LayerApp, 0.3, 0.5, "Without a slow log,"},
		{"application log alone, errors", with(func(i *incident) { i.noWeb, i.noDB, i.appLog, i.errors = true, true, true, 4 }), nil, LayerApp, LayerApp, 0.3, 0.5, "Without a slow log,"},
		{"application log alone, healthy", with(func(i *incident) { i.noWeb, i.noDB, i.appLog = true, true, true }), nil, LayerNone, LayerNone, 0.3, 0.5, "Without a slow log,"},
		{"application log and slow log, database", with(func(i *incident) { i.noWeb, i.appLog, i.moreDB = true, true, 50_000 }), nil, LayerDatabase, LayerDatabase, 0.5, 0.6, "Without an access log,"},
		{"application log and slow log, application", with(func(i *incident) { i.noWeb, i.appLog, i.moreApp = true, true, 50_000 }), nil, LayerApp, LayerApp, 0.5, 0.6, "Without an access log,"},
		{"no times, application log and slow log", with(func(i *incident) { i.noTimes, i.appLog, i.moreDB = true, true, 50_000 }), nil, LayerDatabase, LayerDatabase, 0.5, 0.6, "no request time"},
		{"slow log of another time", with(func(i *incident) { i.dbLater, i.moreDB = 28_800, 50_000 }), []Finding{slowLater}, LayerUnknown, LayerApp, 0.3, 0.6, "--offset db=-8h"},
		{"slow log of another time, a cause then", with(func(i *incident) { i.dbLater, i.moreDB = 28_800, 50_000 }), []Finding{slowNow}, LayerDatabase, LayerApp, 0.3, 0.5, "--offset db=-8h"},
		{"slow log of another time, healthy", with(func(i *incident) { i.dbLater = -100 }), []Finding{slowLater}, LayerNone, LayerNone, 0.3, 0.5, "--offset db=+1m40s"},
		{"slow log of another time, errors", with(func(i *incident) { i.dbLater, i.errors = 28_800, 4 }), []Finding{slowLater}, LayerApp, LayerApp, 0.5, 0.7, "--offset"},
		{"nothing", incident{noWeb: true, noDB: true}, nil, LayerUnknown, LayerUnknown, 0, 0, "The host"},
		{"few", with(func(i *incident) { i.seconds = 3 }), nil, LayerUnknown, LayerUnknown, 0, 0, "The host"},
	} {
		s := c.in.snapshot()
		for _, lang := range []string{"en", "zh"} {
			v := Decide(s, timeline.Attribute(s), c.findings, lang)
			if v.Layer != c.layer || v.SeenIn != c.seen {
				t.Errorf("%s: %s seen in %s, want %s seen in %s: %s", c.name, v.Layer, v.SeenIn, c.layer, c.seen, v.Summary)
			}
			if v.Confidence < c.least || v.Confidence > c.most {
				t.Errorf("%s: confidence %.2f is not in [%.2f, %.2f]", c.name, v.Confidence, c.least, c.most)
			}
			said := fmt.Sprint(v)
			for text, wrong := range map[string]bool{"Without an access log,": s.Digest.Web.Count > 0, "Without a slow log,": s.Digest.Statements.Count > 0, "fewer than 100": c.name != "few"} {
				if wrong && strings.Contains(said, text) {
					t.Errorf("%s: says %q, which is wrong: %s", c.name, text, said)
				}
			}
			if strings.Contains(said, "%!") || v.Summary == "" {
				t.Errorf("%s in %s: %s", c.name, lang, said)
			}
			if lang == "en" && !slices.ContainsFunc(v.Unknown, func(u string) bool { return strings.Contains(u, c.unknown) }) {
				t.Errorf("%s: no %q among the unknowns %q", c.name, c.unknown, v.Unknown)
			}
		}
	}
}

func TestVerdictOnset(t *testing.T) {
	s := incident{seconds: 60, app: 1000, db: 1000, moreDB: 50_000}.snapshot()
	v := Decide(s, timeline.Attribute(s), nil, "en")
	if v.Since != 1_700_000_030*1e6 {
		t.Errorf("since %d, the database slowed down at 1700000030", v.Since)
	}
	if len(v.RuledOut) != 3 {
		t.Errorf("ruled out %v, want client, web and app", v.RuledOut)
	}
}

// Shares of the bad time stand beside those of the whole log in the findings: the verdict says since when its own are.
func TestVerdictOnsetOfErrors(t *testing.T) {
	refused := Finding{Rule: "C02", Severity: Critical, Layer: LayerApp, Subject: Subject{Kind: "global"}, Title: "连接过多"}
	for _, c := range []struct {
		in   incident
		lang string
		want string
	}{
		{incident{seconds: 60, app: 1000, db: 1000, errors: 4}, "en", " end in a 5xx answer since 22:13:50 UTC. "},
		{incident{seconds: 60, app: 1000, db: 1000, errors: 4}, "zh", "请求失败：自 22:13:50 UTC 起，40 % 以 5xx 结束。Web 服务器之后的服务拒绝或超时。连接过多。"},
		{incident{seconds: 60, app: 1000, db: 1000, retries: 4}, "en", " had to be retried on another one since 22:13:50 UTC."},
	} {
		s := c.in.snapshot()
		if v := Decide(s, timeline.Attribute(s), []Finding{refused}, c.lang); !strings.Contains(v.Summary, c.want) {
			t.Errorf("%q is not in %q", c.want, v.Summary)
		}
	}
}

// A slow log that leaves out fast statements cannot clear the database.
func TestThresholdKeepsDatabaseInQuestion(t *testing.T) {
	s := incident{seconds: 60, app: 1000, db: 1000, moreApp: 50_000}.snapshot()
	s.Digest.Statements.Time = analyzers.Timing{}
	for range 1000 {
		s.Digest.Statements.Time.Add(500_000)
	}
	v := Decide(s, timeline.Attribute(s), nil, "en")
	if v.Confidence > 0.5 || v.Layer != LayerUnknown || v.SeenIn != LayerApp {
		t.Errorf("%s seen in %s, confidence %.2f", v.Layer, v.SeenIn, v.Confidence)
	}
	outside := Finding{Rule: "X18", Severity: Warning, Layer: LayerApp, Confidence: 0.8, Title: "more CPU"}
	if named := Decide(s, timeline.Attribute(s), []Finding{outside}, "en"); named.Layer != LayerApp {
		t.Errorf("%s although a rule knows the cause", named.Layer)
	}
	for _, r := range v.RuledOut {
		if r.Layer == LayerDatabase {
			t.Error("the database was ruled out")
		}
	}
	if !slices.ContainsFunc(v.Unknown, func(u string) bool { return strings.Contains(u, "500 ms") }) {
		t.Errorf("unknown: %q", v.Unknown)
	}
}

func TestSayingsAreComplete(t *testing.T) {
	for key := range sayings["en"] {
		if sayings["zh"][key] == "" {
			t.Errorf("zh lacks %q", key)
		}
	}
	for key := range sayings["zh"] {
		if sayings["en"][key] == "" {
			t.Errorf("en lacks %q", key)
		}
	}
}
