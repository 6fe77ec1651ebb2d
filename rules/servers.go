package rules

import (
	"reflect"
	"slices"

	"dbtriage/analyzers"
)

// Several servers are judged one by one: each with its own series, settings, tables and statements, and all
// of them with what is known of everything else. What is not of a server and comes out the same of all is
// said once.

// serverInputs are what is of one server.
var serverInputs = []input{serverStatusInput, serverSettings, sessionRecording, replicaState, tableSizes}

// ofServer reports whether what a rule finds is of the server that was judged: its conditions read what is.
// The machine's troubles are not, whatever else is looked at; nor is what a log tells that may be of any server.
func (j *judge) ofServer(r *compiled) bool {
	if r.Layer == LayerHost {
		return false
	}
	return slices.ContainsFunc(r.when, func(e *expression) bool {
		return slices.ContainsFunc(e.facts, func(name string) bool {
			f := factOf(r.Each, name)
			return f != nil && (slices.Contains(serverInputs, f.From) || j.ownLogs && (f.From == slowLog || f.From == bothLogs))
		})
	})
}

// together joins what was judged of each server. Of one it is what was judged.
func together(parts []*judge) (findings []Finding, gaps []Gap) {
	if len(parts) == 1 {
		return parts[0].findings, parts[0].gaps
	}
	for i, j := range parts {
		for _, f := range j.findings {
			switch {
			case f.ofServer || !ofAll(parts, func(j *judge) bool { return slices.ContainsFunc(j.findings, f.saysAs) }):
				findings = append(findings, f.on(j.server, j.lang))
			case i == 0:
				findings = append(findings, f)
			}
		}
		for _, g := range j.gaps {
			switch {
			case !ofAll(parts, func(j *judge) bool {
				return slices.ContainsFunc(j.gaps, func(o Gap) bool { return reflect.DeepEqual(o, g) })
			}):
				g.Server = j.server
				gaps = append(gaps, g)
			case i == 0:
				gaps = append(gaps, g)
			}
		}
	}
	return findings, gaps
}

func ofAll(parts []*judge, holds func(*judge) bool) bool {
	return !slices.ContainsFunc(parts, func(j *judge) bool { return !holds(j) })
}

// saysAs reports whether another finding says the same with the same numbers. Facts of the server that
// nothing shows do not matter.
func (f *Finding) saysAs(o Finding) bool {
	return f.ID == o.ID && f.Title == o.Title && f.Severity == o.Severity && f.Provisional == o.Provisional && f.Confidence == o.Confidence &&
		f.Share == o.Share && reflect.DeepEqual(f.Evidence, o.Evidence) && reflect.DeepEqual(f.Advice, o.Advice)
}

// on returns the finding as one of a server among several.
func (f Finding) on(server, lang string) Finding {
	sep := ": "
	if lang == "zh" {
		sep = "："
	}
	f.Server, f.ID, f.Title = server, f.ID+"@"+server, server+sep+f.Title
	return f
}

// concerns reports whether what a finding says can have to do with another: not when they are of two servers.
func (f *Finding) concerns(o *Finding) bool {
	return f.Server == "" || o.Server == "" || f.Server == o.Server
}

// weigh makes shares of the time of one server's statements shares of that of all.
func (j *judge) weigh(own, all *analyzers.Digest) {
	if own == all || all.Statements.TimeUS <= 0 {
		return
	}
	for i := range j.findings {
		if f := &j.findings[i]; ofStatements[f.Subject.Kind] {
			f.Share *= float64(own.Statements.TimeUS) / float64(all.Statements.TimeUS)
		}
	}
}
