package rules

import (
	"fmt"
	"strings"
	"time"

	"dbtriage/collectors"
)

// Which time the logs cover, and what that leaves open.

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

// cut reports whether the slow log leaves out statements: by a threshold or by sampling.
func (v *verdict) cut() bool {
	st := &v.snapshot.Digest.Statements
	cut, _ := st.Cut()
	return cut || st.RateLimited > 0
}

// coverage says what the sources do not tell.
func (v *verdict) coverage() {
	d := v.snapshot.Digest
	st := &d.Statements
	if st.Count > 0 {
		switch {
		case st.RateLimited > 0:
			v.out.Unknown = append(v.out.Unknown, fmt.Sprintf(v.say["ratelimited"], st.MaxRateLimit))
		case v.cut():
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
