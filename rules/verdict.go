package rules

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"dbtriage/analyzers"
	"dbtriage/analyzers/timeline"
	"dbtriage/collectors"
)

// The limits of the verdict. Those without a source are guesses of ours, borne out by the labelled
// incidents.
const (
	// leadShare is the share of the time in question from which a layer leads. Below ruledOutBelow it is ruled
	// out; between the two there are two suspects. Overrides of rules change no limit of the verdict.
	leadShare     = 0.5
	ruledOutBelow = 0.2
	// errorShare is the share of 5xx from which errors are the fault, whatever the times say.
	errorShare = 0.01
	// retryShare is the share of retried requests from which the upstreams are the fault.
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

// isBehind are the layers that a web server's upstream time may be spent in.
var isBehind = map[Layer]bool{LayerApp: true, LayerCache: true, LayerDatabase: true, LayerHost: true}

// ofStatements are the kinds of subject whose trouble is in the statements, whoever mends it.
var ofStatements = map[string]bool{"query": true, "table": true}

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
	known := ok && !f.Symptom
	if ok && f.Layer != layer && (f.Severity == Critical || unnoticed || f.Share >= leadShare || hidden && known) {
		layer = f.Layer
		confidence = min(confidence, f.Confidence)
		text += fmt.Sprintf(v.say["fixelsewhere"], v.layerName(layer), f.Title)
	} else if ok {
		text += fmt.Sprintf(v.say["because"], f.Title)
	}
	if (layer == LayerApp || layer == LayerDatabase) && (!ok || f.Symptom) && !v.hostSeen() {
		confidence = min(confidence, unseenConfidence)
		text += v.say["hostunseen"]
	}
	if hidden && !known {
		layer = LayerUnknown
		text += v.say["hidden"]
	}
	unexplained := layer == LayerApp && (!ok || f.Layer != LayerApp) || layer == LayerDatabase && (!ok || f.Symptom)
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

// starved reports whether programs wait for a core.
func (v *verdict) starved() bool {
	return slices.ContainsFunc(v.findings, func(f Finding) bool { return f.Starves && !f.Standing })
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
		v.addRuledOut(LayerApp, s.App)
	}
	if s.Database < ruledOutBelow && !v.cut() && !v.a.Queue() && v.a.Bad.Background() < background {
		v.addRuledOut(LayerDatabase, s.Database)
	}
}

func (v *verdict) ruleOutWeb(s timeline.Shares) {
	if v.a.Bad.RequestUS <= 0 {
		return // no log of the web server's tells
	}
	if s.Client < ruledOutBelow {
		v.addRuledOut(LayerClient, s.Client)
	}
	if s.Web < ruledOutBelow {
		v.addRuledOut(LayerWeb, s.Web)
	}
}

func (v *verdict) addRuledOut(layer Layer, share float64) {
	why := "ruledout"
	if v.a.Onset != 0 {
		why = "ruledoutsince"
	}
	v.out.RuledOut = append(v.out.RuledOut, RuledOut{layer, fmt.Sprintf(v.say[why], percent(share))})
}

func (v *verdict) unknown(key string) {
	if text := v.say[key]; !slices.Contains(v.out.Unknown, text) {
		v.out.Unknown = append(v.out.Unknown, text)
	}
}

func (v *verdict) layerName(l Layer) string { return v.say["layer."+string(l)] }

func (v *verdict) changeText() string {
	name := v.say["change."+v.a.Change]
	since := clockTime(v.a.Onset)
	if v.a.Change == "errors" || v.a.Change == "retries" {
		return fmt.Sprintf(v.say["change.share"], name, percent(v.a.Ratio), since)
	}
	return fmt.Sprintf(v.say["change.times"], name, threeDigits(v.a.Ratio), since)
}

func clockTime(second int64) string { return time.Unix(second, 0).UTC().Format("15:04:05") }

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
