package rules

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"dbtriage/analyzers"
	"dbtriage/analyzers/timeline"
	"dbtriage/collectors"
)

// The limits of the verdict. Those without a source are guesses of ours, borne out by the labelled
// incidents.
const (
	// leadShare is the share of the time in question from which a layer leads. X01 rules the database
	// out below 20 %; between the two there are two suspects.
	leadShare     = 0.5
	ruledOutBelow = 0.2
	// errorShare is the share of 5xx from which errors are the fault, whatever the times say (N02).
	errorShare = 0.01
	// retryShare is the share of retried requests from which the upstreams are the fault (N05).
	retryShare = 0.05
	// background is how much database time beyond the requests' own makes it the database's fault.
	background = 1.0
	// fewRequests is below which nothing is concluded (G2 asks for 1,000 statements and 100 requests).
	fewRequests   = 100
	fewStatements = 100
	// queueConfidence bounds what is said of requests that queue before the database: that they wait for
	// its connections is concluded, not seen.
	queueConfidence = 0.7
	// trifleMean is the mean request time, in microseconds, up to which a change without a cause is no
	// fault: a tenth of the 0.1 s that people notice (Nielsen 1993). trifleGrowth bounds the change.
	trifleMean   = 10_000
	trifleGrowth = 4
	// maxConfidence is never exceeded: logs and figures of a host leave out much.
	maxConfidence = 0.9
	// youngSeconds is the length of a bad window below which a verdict is provisional.
	youngSeconds    = 20
	youngConfidence = 0.5
	// starvedConfidence is the most that a layer without a known cause gets on a host without cores to spare.
	starvedConfidence = 0.5
	// unseenConfidence is the most that it gets where nobody looked at the host.
	unseenConfidence = 0.6
	// headroomConfidence is the most where all that is known is that the host has little to spare.
	headroomConfidence = 0.3
)

// A suspect is a layer with what speaks for it.
type suspect struct {
	layer, seenIn Layer
	share         *float64
	confidence    float64
	why           string
}

// Decide says which layer is at fault, from how the request time divides and from what the rules
// found. It is pure; lang is "en" or "zh".
func Decide(s *analyzers.Snapshot, a timeline.Attribution, findings []Finding, lang string) Verdict {
	v := verdict{snapshot: s, a: a, findings: findings, say: sayings[lang]}
	if v.say == nil {
		v.say = sayings["en"]
	}
	return v.decide()
}

type verdict struct {
	snapshot *analyzers.Snapshot
	a        timeline.Attribution
	findings []Finding
	say      map[string]string
	out      Verdict
}

func (v *verdict) decide() Verdict {
	v.out = Verdict{Layer: LayerUnknown, SeenIn: LayerUnknown, Since: collectors.NoTime}
	if v.a.Onset != 0 {
		v.out.Since = v.a.Onset * 1e6
	}
	v.coverage()
	d := v.snapshot.Digest
	st, web, app := d.Statements.Count, d.Web.WithTime >= fewRequests, d.App.WithTime >= fewRequests
	switch {
	case d.Web.Count+d.App.Count+d.Statements.Count == 0 && v.snapshot.Series == nil:
		v.out.Summary = v.say["nothing"]
	case d.Web.Count+d.App.Count+d.Statements.Count == 0:
		v.recordingsAlone()
	case v.host(): // what everything on the host waits for comes before what waits
	case (web || app) && st > 0 && v.a.Bad.DBUS != timeline.Absent:
		v.both()
	case web:
		v.accessLogAlone()
	case app:
		v.appLogAlone()
	case st >= fewStatements && !v.apart():
		v.slowLogAlone()
	case max(d.Web.Count, d.App.Count) >= fewRequests:
		v.logsWithoutTimes()
	default:
		v.out.Summary = v.say["few"]
	}
	return v.out
}

// both divides the time between the layers: the web server's log, or else the application's, says how long
// a request took and waited, the slow log how much of that the database worked.
func (v *verdict) both() {
	v.unknownOfClients()
	shares, ok := v.a.Excess()
	if !ok {
		v.out.Summary = v.say["notime"]
		return
	}
	v.candidates(shares)
	v.ruleOut(shares)
	if v.errors() {
		return
	}
	if v.healthy() {
		return
	}
	if b := v.a.Bad.Background(); b >= background {
		v.set(LayerDatabase, LayerDatabase, 0.8, fmt.Sprintf(v.say["background"], threeDigits(1+b)))
		return
	}
	v.lead(shares)
}

// host reports whether the host itself is the fault: a critical finding about it says that something
// besides the database keeps its processor or its disk from the database and the application, and these
// are what takes longer.
func (v *verdict) host() bool {
	i := slices.IndexFunc(v.findings, func(f Finding) bool {
		return f.Layer == LayerHost && f.Severity == Critical && len(f.BecauseOf) == 0 && !f.Standing && !v.elsewhen(f)
	})
	if i < 0 || v.a.Whole.Requests+v.a.Whole.AppRequests+v.a.Whole.Statements < fewRequests {
		return false
	}
	f := v.findings[i]
	seen := LayerHost
	if shares, ok := v.a.Excess(); ok {
		if shares.Client >= leadShare {
			return false // slow clients do not wait for this host
		}
		v.candidates(shares)
		if len(v.out.Candidates) > 0 {
			seen = v.out.Candidates[0].Layer
		}
	} else if v.snapshot.Digest.Statements.Count > 0 {
		seen = LayerDatabase
	}
	sure := max(f.Confidence, provisionalConfidence)
	v.out.Candidates = slices.Insert(v.out.Candidates, 0, Candidate{Layer: LayerHost, Confidence: min(sure, maxConfidence)})
	text := fmt.Sprintf(v.say["host"], f.Title)
	if v.a.Onset != 0 {
		text += " " + fmt.Sprintf(v.say["hostsince"], v.changeText())
	}
	v.set(LayerHost, seen, sure, text)
	return true
}

// recordingsAlone has nothing but figures of host and server: they say what is under strain, not
// whether anyone waits for it.
func (v *verdict) recordingsAlone() {
	v.unknown("nologs")
	f, ok := v.anything()
	sure := youngConfidence
	if !ok { // at most little is left of something
		if i := slices.IndexFunc(v.findings, func(f Finding) bool { return headroom(f) && !f.Standing }); i >= 0 {
			f, ok, sure = v.findings[i], true, headroomConfidence
		}
	}
	if ok {
		v.out.Layer, v.out.SeenIn, v.out.Confidence = f.Layer, f.Layer, min(sure, f.Confidence)
		v.out.Summary = fmt.Sprintf(v.say["strain"], f.Title)
		return
	}
	v.out.Summary = v.say["nostrain"]
}

func (v *verdict) accessLogAlone() {
	bad, ok := v.a.Bad.Shares()
	if !ok {
		v.out.Summary = v.say["notime"]
		return
	}
	v.unknownOfStatements()
	if v.errors() {
		return
	}
	if excess, ok := v.a.Excess(); ok {
		bad = excess
	}
	behind := bad.App + bad.Database
	v.out.Candidates = nil
	v.add(LayerClient, bad.Client)
	v.add(LayerWeb, bad.Web)
	switch {
	case v.healthy():
	case v.snapshot.Digest.Web.UpstreamLogged == 0:
		v.out.Summary = v.say["noupstream"]
	case behind >= leadShare:
		v.behind(fmt.Sprintf(v.say["behind"], percent(behind)))
		v.ruleOutWeb(bad)
	default:
		v.lead(bad)
	}
}

// appLogAlone has what the application says of its own requests: that it takes longer, not whether it works,
// waits for a cache or waits for the database.
func (v *verdict) appLogAlone() {
	v.unknownOfClients()
	v.unknownOfStatements()
	if v.errors() || v.healthy() {
		return
	}
	if v.a.Onset == 0 {
		f, _ := v.anything()
		v.set(f.Layer, LayerUnknown, min(youngConfidence, f.Confidence), fmt.Sprintf(v.say["beside"], f.Title))
		return
	}
	v.behind(fmt.Sprintf(v.say["inapp"], v.changeText()))
}

// behind says that the time is spent in the application or what stands behind it, and names the layer where
// something recorded there knows a cause.
func (v *verdict) behind(text string) {
	if f, ok := v.first(func(f Finding) bool { return isBehind[f.Layer] && !symptoms[f.Rule] }); ok {
		v.set(f.Layer, LayerApp, min(youngConfidence, f.Confidence), text+fmt.Sprintf(v.say["behindfinding"], f.Title))
		return
	}
	v.out.SeenIn, v.out.Confidence = LayerApp, 0.6
	v.out.Summary = text + v.say["undivided"]
}

// logsWithoutTimes has requests and not how long they took: failing ones are seen, slow ones are not.
func (v *verdict) logsWithoutTimes() {
	switch f, ok := v.anything(); {
	case v.errors():
	case ok:
		v.set(f.Layer, f.Layer, min(youngConfidence, f.Confidence), fmt.Sprintf(v.say["beside"], f.Title))
	case v.snapshot.Digest.Web.Count >= fewRequests:
		v.out.Summary = v.say["notime"]
	default:
		v.out.Summary = v.say["noapptime"]
	}
}

// isBehind are the layers that a web server's upstream time may be spent in.
var isBehind = map[Layer]bool{LayerApp: true, LayerCache: true, LayerDatabase: true, LayerHost: true}

// slowLogAlone cannot say what the requests wait for besides the database. It can say that the
// database is under strain, or that nothing in it is.
func (v *verdict) slowLogAlone() {
	v.unknownOfClients()
	if v.errors() {
		return
	}
	if f, ok := v.anything(); ok {
		seen, text := f.Layer, v.say["beside"]
		if f.Layer == LayerDatabase || ofStatements[f.Subject.Kind] {
			seen, text = LayerDatabase, v.say["slowlogfinding"]
		}
		v.set(f.Layer, seen, min(0.5, f.Confidence), fmt.Sprintf(text, f.Title))
		return
	}
	if v.a.Onset != 0 {
		text := fmt.Sprintf(v.say["slowlogonset"], v.changeText())
		if v.starved() { // statements that wait for a core take longer whatever they do
			v.set(LayerUnknown, LayerDatabase, 0.4, text+v.say["starved"])
			return
		}
		v.set(LayerDatabase, LayerDatabase, 0.4, text)
		return
	}
	v.out.Summary = v.say["slowlogquiet"]
}

// ofStatements are the kinds of subject whose trouble is in the statements, whoever mends it.
var ofStatements = map[string]bool{"query": true, "table": true}

// unknownOfClients says that no log tells what requests wait for besides what was read.
func (v *verdict) unknownOfClients() {
	d := v.snapshot.Digest
	switch {
	case d.Web.WithTime > 0:
	case d.Web.Count > 0:
		v.unknown("notime")
	case d.App.WithTime > 0:
		v.unknown("noweblog")
	default:
		v.unknown("noaccesslog")
	}
}

// unknownOfStatements says that no slow log divides the time behind the web server. That one was read which
// is of another time, or has no times, coverage says.
func (v *verdict) unknownOfStatements() {
	if v.snapshot.Digest.Statements.Count == 0 {
		v.unknown("noslowlog")
	}
}

// apart reports whether logs were read that are of another time than those which are judged.
func (v *verdict) apart() bool { return !v.a.Overlap && v.a.Whole.To > v.a.Whole.From }

// elsewhen reports whether all that a finding rests on was seen at another time than the logs that are judged.
func (v *verdict) elsewhen(f Finding) bool {
	if !v.apart() {
		return false
	}
	windows := 0
	for _, e := range f.Evidence {
		from, to, ok := strings.Cut(e.Window, "/")
		if !ok {
			continue
		}
		first, err := time.Parse(time.RFC3339, from)
		last, err2 := time.Parse(time.RFC3339, to)
		if err != nil || err2 != nil {
			continue
		}
		windows++
		if first.Unix() < v.a.Whole.To && last.Unix() >= v.a.Whole.From {
			return false
		}
	}
	return windows > 0
}

// errors reports whether failing requests are the fault. Who answers 502, 503 or 504, or makes the
// web server retry, is what stands behind it.
func (v *verdict) errors() bool {
	b := v.a.Bad
	requests, errors, sure, text := b.Requests, b.Errors5xx, 0.7, v.say["errors"]
	if b.RequestUS == timeline.Absent {
		requests, errors, sure, text = b.AppRequests, b.AppErrors5xx, youngConfidence, v.say["apperrors"]
	}
	if requests < fewRequests {
		return false
	}
	if v.snapshot.Digest.Web.UpstreamLogged == 0 {
		sure = youngConfidence // who answered is not logged
	}
	failed := float64(errors) / float64(requests)
	retried := float64(b.Retried) / float64(requests)
	switch {
	case failed >= errorShare && failed >= retried:
		v.set(LayerApp, LayerApp, sure, fmt.Sprintf(text, percent(failed))+v.why())
	case retried >= retryShare:
		v.set(LayerApp, LayerWeb, 0.8, fmt.Sprintf(v.say["retries"], percent(retried)))
	default:
		return false
	}
	return true
}

// why names what the server was seen to suffer from while requests failed.
func (v *verdict) why() string {
	for _, f := range v.findings {
		inside := !f.Standing && !v.elsewhen(f) && f.Layer == LayerApp && f.Subject.Kind == "global" && f.Severity == Critical && len(f.BecauseOf) == 0
		if inside && !strings.HasPrefix(f.Rule, "N") {
			return " " + f.Title + "."
		}
	}
	return ""
}

// healthy decides that nothing is wrong: nothing changed for anyone to notice, nothing fails, and no
// rule warns.
func (v *verdict) healthy() bool {
	if _, ok := v.anything(); ok || v.a.Onset != 0 && !v.trifle() {
		return false
	}
	if v.a.Onset != 0 {
		mean := func(d timeline.Division) string {
			us, n := d.Asked()
			return seconds(us / max(n, 1))
		}
		v.set(LayerNone, LayerNone, 0.5, fmt.Sprintf(v.say["trifle"], mean(v.a.Bad), mean(v.a.Baseline), v.changeText())+v.tight())
		return true
	}
	d := v.snapshot.Digest
	p95, ok := d.Web.Time.Quantile(0.95)
	if !ok {
		p95, _ = d.App.Time.Quantile(0.95)
	}
	sure := 0.7
	if v.a.Bad.DBUS == timeline.Absent || v.a.Bad.RequestUS <= 0 || v.cut() {
		sure = 0.5 // what statements cost the server is not seen while requests are quick
	}
	v.set(LayerNone, LayerNone, sure, fmt.Sprintf(v.say["healthy"], seconds(p95))+v.tight())
	return true
}

// tight names what the host has little of, though nobody waits for it yet.
func (v *verdict) tight() string {
	for _, f := range v.findings {
		if headroom(f) && !f.Standing && len(f.BecauseOf) == 0 {
			return fmt.Sprintf(v.say["tight"], f.Title)
		}
	}
	return ""
}

// trifle reports whether what changed is too little to be a fault where no rule knows a cause: on
// average requests are still answered quickly and take a few times as long as before, not many times.
func (v *verdict) trifle() bool {
	us, requests := v.a.Bad.Asked()
	baseUS, requestsBefore := v.a.Baseline.Asked()
	if requests == 0 || requestsBefore == 0 || us < 0 || v.a.Bad.Background() >= background {
		return false
	}
	mean, before := us/requests, baseUS/requestsBefore
	return mean <= trifleMean && mean <= trifleGrowth*before
}

// lead names the layer that holds most of the time in question. A finding of a rule whose fix lies
// elsewhere moves the fix, not where the time is seen: no connection pool is the application's, and a
// queue for connections that slow statements hold is the database's.
func (v *verdict) lead(shares timeline.Shares) {
	top := v.out.Candidates[0]
	layer, seen := top.Layer, top.Layer
	confidence := top.Confidence
	if *top.Share < leadShare {
		confidence = min(confidence, 0.4)
	}
	text := fmt.Sprintf(v.say["lead"], v.layerName(seen), percent(*top.Share))
	if v.a.Onset != 0 {
		text = fmt.Sprintf(v.say["leadsince"], v.layerName(seen), percent(*top.Share), v.changeText())
	}
	if layer == LayerApp && v.a.Queue() {
		layer = LayerDatabase
		confidence = min(confidence, queueConfidence)
		text = fmt.Sprintf(v.say["queue"], percent(*top.Share), v.a.Bad.Running(), v.a.Baseline.Running(), v.changeText())
	}
	// What changed too little for anyone to notice says nothing against a finding elsewhere.
	unnoticed := v.a.Onset == 0 || v.trifle()
	f, ok := v.first(func(f Finding) bool {
		switch f.Layer {
		case LayerDatabase: // what it can give back of what takes longer is the time it takes
			return layer == LayerDatabase || unnoticed || !v.isRuledOut(LayerDatabase)
		case LayerHost:
			return layer != LayerClient // clients do not wait for it
		}
		return true
	})
	// What a threshold keeps out of the slow log is counted as the application's.
	hidden := layer == LayerApp && v.cut()
	known := ok && !symptoms[f.Rule]
	if ok && f.Layer != layer && (f.Severity == Critical || unnoticed || f.Share >= leadShare || hidden && known) {
		layer = f.Layer
		confidence = min(confidence, f.Confidence)
		text += fmt.Sprintf(v.say["fixelsewhere"], v.layerName(layer), f.Title)
	} else if ok {
		text += fmt.Sprintf(v.say["because"], f.Title)
	}
	if (layer == LayerApp || layer == LayerDatabase) && (!ok || symptoms[f.Rule]) && !v.hostSeen() {
		confidence = min(confidence, unseenConfidence)
		text += v.say["hostunseen"]
	}
	if hidden && !known {
		layer = LayerUnknown
		text += v.say["hidden"]
	}
	unexplained := layer == LayerApp && (!ok || f.Layer != LayerApp) || layer == LayerDatabase && (!ok || symptoms[f.Rule])
	if unexplained && v.starved() {
		confidence = min(confidence, starvedConfidence)
		text += v.say["starved"]
	}
	v.set(layer, seen, confidence, text)
}

// hostSeen reports whether the use of the host's processor is known; a list of processes alone says
// nothing of who else waits.
func (v *verdict) hostSeen() bool {
	host := newRecording(v.snapshot, v.a, "host")
	return host.get("cpu.user", "") != nil
}

// symptoms are the rules that say what became slower and not why: a host that others use up makes them
// hold as well.
var symptoms = map[string]bool{"Q21": true, "X03": true, "X04": true, "N08": true, "N13": true}

// starved reports whether programs wait for a core: what the application takes then may be what it
// waits, and nothing in its time tells the two apart.
func (v *verdict) starved() bool {
	return slices.ContainsFunc(v.findings, func(f Finding) bool { return f.Rule == "H02" && !f.Standing })
}

// headroom reports whether a finding only says that the host has little to spare: nobody waits for
// that yet, and where somebody waits it does not say why.
func headroom(f Finding) bool {
	return f.Layer == LayerHost && f.Severity == Warning && f.Share < leadShare
}

// anything is the most severe warning.
func (v *verdict) anything() (Finding, bool) { return v.first(func(Finding) bool { return true }) }

// first is the most severe warning of that kind that no other explains, without those about headroom.
func (v *verdict) first(fits func(Finding) bool) (Finding, bool) {
	for _, f := range v.findings { // most severe first
		if headroom(f) || f.Standing || len(f.BecauseOf) > 0 || f.Severity.Rank() < Warning.Rank() || f.Layer == "" || f.Layer == LayerUnknown || v.elsewhen(f) {
			continue
		}
		if fits(f) {
			return f, true
		}
	}
	return Finding{}, false
}

func (v *verdict) isRuledOut(l Layer) bool {
	return slices.ContainsFunc(v.out.RuledOut, func(r RuledOut) bool { return r.Layer == l })
}

func (v *verdict) set(layer, seen Layer, confidence float64, summary string) {
	v.out.Layer, v.out.SeenIn = layer, seen
	confidence = min(confidence, maxConfidence)
	if v.a.Bad.Seconds() < youngSeconds {
		confidence = min(confidence, youngConfidence)
		v.unknown("young")
	}
	v.out.Confidence = confidence
	v.out.Summary = summary
}

func (v *verdict) candidates(shares timeline.Shares) {
	v.add(LayerClient, shares.Client)
	v.add(LayerWeb, shares.Web)
	v.add(LayerApp, shares.App)
	v.add(LayerDatabase, shares.Database)
}

// add names a candidate. How sure a share makes us grows with it; a slow log that leaves out fast
// statements makes the application's share an upper bound.
func (v *verdict) add(layer Layer, share float64) {
	if share < 0.05 {
		return
	}
	confidence := 0.2 + 0.75*share
	if v.cut() && layer == LayerApp {
		confidence = min(confidence, 0.5)
	}
	v.out.Candidates = append(v.out.Candidates, Candidate{Layer: layer, Share: &share, Confidence: min(confidence, maxConfidence)})
	slices.SortStableFunc(v.out.Candidates, func(a, b Candidate) int { return cmp.Compare(*b.Share, *a.Share) })
}

func (v *verdict) ruleOut(s timeline.Shares) {
	v.ruleOutWeb(s)
	if s.App < ruledOutBelow {
		v.rule(LayerApp, s.App)
	}
	if s.Database < ruledOutBelow && !v.cut() && !v.a.Queue() && v.a.Bad.Background() < background {
		v.rule(LayerDatabase, s.Database)
	}
}

func (v *verdict) ruleOutWeb(s timeline.Shares) {
	if v.a.Bad.RequestUS <= 0 {
		return // no log of the web server's tells
	}
	if s.Client < ruledOutBelow {
		v.rule(LayerClient, s.Client)
	}
	if s.Web < ruledOutBelow {
		v.rule(LayerWeb, s.Web)
	}
}

func (v *verdict) rule(layer Layer, share float64) {
	v.out.RuledOut = append(v.out.RuledOut, RuledOut{layer, fmt.Sprintf(v.say["ruledout"], percent(share))})
}

// cut reports whether the slow log leaves out statements: by a threshold or by sampling.
func (v *verdict) cut() bool {
	st := &v.snapshot.Digest.Statements
	return st.Count > 0 && (st.Time.Min >= logThreshold || st.RateLimited > 0)
}

// logThreshold is the shortest statement, in microseconds, above which a log must have been cut by
// long_query_time: every server answers some statement in less.
const logThreshold = 10_000

// coverage says what the sources do not tell.
func (v *verdict) coverage() {
	d := v.snapshot.Digest
	st := &d.Statements
	if st.Count > 0 {
		switch {
		case st.RateLimited > 0:
			v.out.Unknown = append(v.out.Unknown, fmt.Sprintf(v.say["ratelimited"], st.MaxRateLimit))
		case st.Time.Min >= logThreshold:
			v.out.Unknown = append(v.out.Unknown, fmt.Sprintf(v.say["threshold"], seconds(st.Time.Min)))
		}
		if st.WithoutTime > 0 {
			v.out.Unknown = append(v.out.Unknown, fmt.Sprintf(v.say["timeless"], st.WithoutTime))
		}
	}
	if d.Web.Count > 0 {
		if share := float64(d.Web.UpstreamLogged) / float64(d.Web.Count); share < 0.999 {
			v.out.Unknown = append(v.out.Unknown, fmt.Sprintf(v.say["upstreamshare"], percent(share)))
		}
		if d.Web.WithTime == 0 {
			v.unknown("notime")
		}
	}
	if v.apart() {
		v.out.Unknown = append(v.out.Unknown, v.spans())
	}
	switch host := newRecording(v.snapshot, v.a, "host"); {
	case host.seen:
	case v.snapshot.HasRecording("host"):
		v.unknown("hostelsewhen")
	default:
		v.unknown("nohost")
	}
}

// spans names the times of logs that do not overlap, and how one of them is moved.
func (v *verdict) spans() string {
	d := v.snapshot.Digest
	var spans []string
	var first, moved int64
	role := ""
	for _, l := range []struct {
		role     string
		from, to int64
	}{{"web", d.Web.First, d.Web.Last}, {"app", d.App.First, d.App.Last}, {"db", d.Statements.First, d.Statements.Last}} {
		if l.from == collectors.NoTime {
			continue
		}
		at := func(us int64) string { return time.UnixMicro(us).UTC().Format(time.DateTime) }
		spans = append(spans, fmt.Sprintf(v.say["span"], v.say["log."+l.role], at(l.from), at(l.to)))
		if first == 0 {
			first = l.from
		}
		if l.from/1e6 >= v.a.Whole.To || l.to/1e6 < v.a.Whole.From {
			role, moved = l.role, first-l.from
		}
	}
	return fmt.Sprintf(v.say["nooverlap"], strings.Join(spans, v.say["and"]), role+"="+shiftText(moved))
}

// shiftText writes an offset as --offset takes it, to the quarter of an hour by which zones differ where it is
// longer than that.
func shiftText(us int64) string {
	by := time.Duration(us) * time.Microsecond
	if r := by.Round(15 * time.Minute); r != 0 {
		by = r
	}
	text := strings.Replace(strings.Replace(by.Round(time.Second).String(), "m0s", "m", 1), "h0m", "h", 1)
	if by > 0 {
		text = "+" + text
	}
	return text
}

func (v *verdict) unknown(key string) {
	if text := v.say[key]; !slices.Contains(v.out.Unknown, text) {
		v.out.Unknown = append(v.out.Unknown, text)
	}
}

func (v *verdict) layerName(l Layer) string { return v.say["layer."+string(l)] }

func (v *verdict) changeText() string {
	name := v.say["change."+v.a.Change]
	since := time.Unix(v.a.Onset, 0).UTC().Format("15:04:05")
	if v.a.Change == "errors" || v.a.Change == "retries" {
		return fmt.Sprintf(v.say["change.share"], name, percent(v.a.Ratio), since)
	}
	return fmt.Sprintf(v.say["change.times"], name, threeDigits(v.a.Ratio), since)
}

func percent(share float64) string {
	if share > 0 && share < 0.01 {
		return fmt.Sprintf("%.1f %%", 100*share)
	}
	return fmt.Sprintf("%.0f %%", 100*share)
}

// threeDigits writes a number as people do, 1180 and not 1.18e+03.
func threeDigits(f float64) string {
	if math.Abs(f) >= 100 {
		return strconv.FormatFloat(f, 'f', 0, 64)
	}
	return strconv.FormatFloat(f, 'g', 3, 64)
}

func seconds(us int64) string {
	switch {
	case us < 1000:
		return fmt.Sprintf("%d µs", us)
	case us < 1e6:
		return threeDigits(float64(us)/1e3) + " ms"
	}
	return threeDigits(float64(us)/1e6) + " s"
}
