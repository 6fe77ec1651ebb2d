package report

import (
	"strings"
	"testing"

	"dbtriage/analyzers"
	"dbtriage/analyzers/timeline"
	"dbtriage/collectors"
	"dbtriage/rules"
)

// What left nothing of the logs is said; where nothing was there, or only a recording, it is not.
func TestEmptied(t *testing.T) {
	src := source("slow.log", "slow log", "db", 5307)
	part, none := src, collectors.Source{Path: "slow.log", Format: "slow log", Role: "db", From: collectors.NoTime, To: collectors.NoTime}
	part.Part, part.Events = true, 0
	record := src
	record.Recording = true
	for _, c := range []struct {
		name    string
		src     collectors.Source
		asked   string
		resumed bool
		want    string
	}{
		{"filter", src, "--since 2026-11-22T15:00:00Z", false, "Nothing of 5,307 events is in --since 2026-11-22T15:00:00Z. The logs cover 2026-11-22 13:37:00"},
		{"part", part, "--until 2026-11-01T00:00:00Z", false, "Nothing in the logs is in --until 2026-11-01T00:00:00Z. The logs cover 2026-11-22 13:37:00"},
		{"state", none, "", true, "Nothing was logged since the run before"},
		{"empty", none, "--since 2026-11-22T15:00:00Z", false, ""},
		{"no filter", src, "", false, ""},
		{"recording", record, "--since 2026-11-22T15:00:00Z", false, ""},
	} {
		s := &analyzers.Snapshot{Sources: []collectors.Source{c.src}, Digest: analyzers.NewDigest(), Asked: c.asked, Resumed: c.resumed}
		r := New(s, analyzers.Workload{}, timeline.Attribution{}, rules.Judgement{}, Options{})
		if !strings.HasPrefix(r.Emptied, c.want) || c.want == "" && r.Emptied != "" || c.want != "" && r.Verdict.Summary != r.Emptied {
			t.Errorf("%s: %q, in the verdict %q", c.name, r.Emptied, r.Verdict.Summary)
		}
	}
}
