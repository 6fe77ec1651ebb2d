package mysql

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"dbtriage/collectors"
)

// MySQL 8 counts for each digest how many of its statements took how long, in some 450 buckets, each 4.7 % wider
// than the one before. They are asked of the digests that took most time since the books were read last.
// Source: MySQL 8.0 Reference Manual, Statement Histogram Summary Tables.

const (
	// timedDigests is for how many digests they are asked: the server goes through all buckets of each, which
	// takes it a millisecond.
	timedDigests = 12
	// maxBuckets bounds the digests whose buckets are remembered.
	maxBuckets = 500
)

// A buckets is how many statements of a digest took how long since the server started, by bucket.
type buckets map[int64]int64

// A timed is a digest whose buckets are asked for in this reading.
type timed struct {
	digestKey
	at    int  // of what was executed of it, in the reading; -1 when nothing is told of it yet
	fresh bool // the server has not known it before: all it counted is new
	us    int64
}

// wantTimes chooses the digests to be asked for.
func (s *Server) wantTimes(all []timed) {
	if !s.engine.mysql(8, 0, 3) {
		return
	}
	slices.SortFunc(all, func(a, b timed) int { return int(min(max(b.us-a.us, -1), 1)) })
	s.seen.timed = all[:min(len(all), timedDigests)]
}

func wantsTimes(s *Server) bool { return len(s.seen.timed) > 0 }

func askStatementTimes(s *Server) string {
	var b strings.Builder
	for i, d := range s.seen.timed {
		if i > 0 {
			b.WriteString(" UNION ALL ")
		}
		schema := "NULL"
		if d.schema != "" {
			schema = quoted(d.schema)
		}
		// One by one, for only so an index is used.
		b.WriteString("SELECT " + strconv.Itoa(i) + " AS N, BUCKET_TIMER_LOW, BUCKET_TIMER_HIGH, COUNT_BUCKET FROM performance_schema.events_statements_histogram_by_digest " + ownAlias +
			" WHERE SCHEMA_NAME <=> " + schema + " AND DIGEST = " + quoted(d.digest) + " AND COUNT_BUCKET > 0")
	}
	return b.String()
}

// takeStatementTimes tells of what was executed how long it took.
func takeStatementTimes(s *Server, a *answer) {
	if s.books.buckets == nil || len(s.books.buckets) > maxBuckets {
		s.books.buckets = map[digestKey]buckets{}
	}
	now := make([]buckets, len(s.seen.timed))
	times := make([][]collectors.TimeCount, len(now))
	for _, r := range a.rows {
		i := r.int("N")
		if i < 0 || int(i) >= len(now) {
			continue
		}
		if now[i] == nil {
			now[i] = buckets{}
		}
		low, high := picoseconds(r["BUCKET_TIMER_LOW"]), picoseconds(r["BUCKET_TIMER_HIGH"])
		count := r.int("COUNT_BUCKET")
		now[i][low] = count
		if grown := count - s.books.buckets[s.seen.timed[i].digestKey][low]; grown > 0 {
			times[i] = append(times[i], collectors.TimeCount{US: middle(low, high), Count: grown})
		}
	}
	for i, d := range s.seen.timed {
		before, known := s.books.buckets[d.digestKey]
		s.books.buckets[d.digestKey] = now[i]
		if d.at < 0 || !known && !d.fresh || shrank(before, now[i]) {
			continue
		}
		slices.SortFunc(times[i], func(a, b collectors.TimeCount) int { return int(min(max(a.US-b.US, -1), 1)) })
		a.Executions[d.at].Times = times[i]
	}
}

// shrank reports whether the server began to count anew.
func shrank(before, now buckets) bool {
	for low, n := range before {
		if now[low] < n {
			return true
		}
	}
	return false
}

// middle is the time in the middle of a bucket, in µs. The last one has no end.
func middle(low, high int64) int64 {
	if high > 2*low && low > 0 {
		return low
	}
	return int64(math.Sqrt(float64(max(low, 1)) * float64(max(high, 1))))
}
