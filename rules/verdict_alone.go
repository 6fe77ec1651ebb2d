package rules

import (
	"fmt"
	"slices"
	"strings"

	"dbtriage/analyzers/timeline"
)

// What can be said when some of the logs are missing, or lack times.

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
	if f, ok := v.first(func(f Finding) bool { return isBehind[f.Layer] && !f.Symptom }); ok {
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
		v.set(LayerApp, LayerApp, sure, fmt.Sprintf(text, percent(failed), v.since())+v.why())
	case retried >= retryShare:
		v.set(LayerApp, LayerWeb, 0.8, fmt.Sprintf(v.say["retries"], percent(retried), v.since()))
	default:
		return false
	}
	return true
}

// since tells shares of the bad time apart from those of the whole log, which findings quote.
func (v *verdict) since() string {
	if v.a.Onset == 0 {
		return ""
	}
	return fmt.Sprintf(v.say["since"], clockTime(v.a.Onset))
}

// why names what the server was seen to suffer from while requests failed.
func (v *verdict) why() string {
	for _, f := range v.findings {
		inside := !f.Standing && !v.elsewhen(f) && f.Layer == LayerApp && f.Subject.Kind == "global" && f.Severity == Critical && len(f.BecauseOf) == 0
		if inside && !strings.HasPrefix(f.Rule, "N") {
			return fmt.Sprintf(v.say["because"], f.Title)
		}
	}
	return ""
}
