package session

import (
	"slices"
	"strings"

	"dbtriage/analyzers"
	"dbtriage/collectors"
)

// A serverStatements is what a server tells of the statements it ran, added up as if it were a log.
type serverStatements struct {
	gather *analyzers.Gatherer
	source collectors.Source
}

// ofSource stands between the book and whose it is in the path of its source.
const ofSource = " of "

// keeperOf is the address of the server whose book a path is of; empty for that of a file.
func keeperOf(path string) string {
	_, source, _ := strings.Cut(path, ofSource)
	return collectors.ServerOf(source)
}

// countsOnly warns of what sums do not tell, and someTimed where the server counts by time too.
const (
	countsOnly = "performance_schema counts statements without timing each: percentiles are of means over ten seconds"
	someTimed  = "percentiles of the queries with most time are those of performance_schema's histograms; of others they are of means over ten seconds"
)

// take adds up what a reading tells of statements and takes it out of the reading: a recording keeps
// the sums. opened says that it is another book than before.
func (b *serverStatements) take(r *collectors.Reading) (parts []logPart, opened bool) {
	if path := r.Book + ofSource + r.Source; b.source.Path != path { // the server may take to another book
		opened = true
		b.source = collectors.Source{Path: path, Host: r.Host, Role: "db", Format: r.Book, From: collectors.NoTime, To: collectors.NoTime}
		if r.Book == collectors.PerformanceSchema {
			b.source.Warnings = []string{countsOnly}
		}
		b.gather = &analyzers.Gatherer{Role: "db", Source: b.source.Path, Slice: sliceSeconds}
	}
	if len(b.source.Warnings) > 0 && slices.ContainsFunc(r.Executions, func(e collectors.Executions) bool { return len(e.Times) > 0 }) {
		b.source.Warnings = []string{someTimed}
	}
	for at, d := range b.gather.Executions(r.Executions) {
		if at == analyzers.Timeless {
			at = r.At / 1e6 / sliceSeconds * sliceSeconds
		}
		parts = append(parts, logPart{b.source.Path, at, d})
		first, last := d.Span()
		widen(&b.source.From, &b.source.To, first)
		widen(&b.source.From, &b.source.To, last)
		b.source.Events += d.Statements.Count
	}
	r.Executions, r.Book = nil, ""
	return parts, opened
}

// state says how the book is doing. It shares nothing with it.
func (b *serverStatements) state(found string) SourceState {
	src := b.source
	src.Warnings = slices.Clone(src.Warnings)
	return SourceState{Name: src.Path, Kind: "log", State: "ok", Found: found, LastAt: src.To, Log: &src}
}
