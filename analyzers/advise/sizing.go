package advise

import (
	"dbtriage/analyzers"
	"dbtriage/collectors/loadtest"
)

// A SizingInput is what is known of a load and of a server. What is zero or nil is not known.
type SizingInput struct {
	Demand *Demand
	Digest *analyzers.Digest // of a slow log, with statements that have times
	Tests  []loadtest.Result
	// Queries is how many statements a request of a load test makes.
	Queries float64
	// Prior stands in for the capacity of a server that was not measured.
	Prior Prior
	// WriteShare is the share of the statements that write; below 0 it is what was measured.
	WriteShare float64
	// Merge is how many writes a write buffer makes one of, at least 1.
	Merge float64
}

// A Sizing says how many servers carry a load at its peak.
type Sizing struct {
	SizingInput
	Measured *Measured
	Peak     float64 // statements per second, measured or else estimated
	Capacity Capacity
	// OneClass is the share of one class that takes most of the statement time and slows down with the rate, so that
	// the log tells no capacity; else 0.
	OneClass float64
	// Split says that the share of writes is known; else all statements are taken for reads. Reads and Writes
	// are per second at the peak, the writes after merging.
	Split         bool
	Reads, Writes float64
	Use           float64 // of one server
	WritesFit     bool    // one primary carries the writes
	// Replicas is how many servers carry the load with one primary, 0 where no number does, and Best the
	// fewest servers.
	Replicas int
	Best     ServerPlan
}

// Measured is what a slow log tells of a load.
type Measured struct {
	Seconds    float64
	Mean, Peak float64 // statements per second
	Split      bool    // some statement reads or writes
	WriteShare float64
	Whole      bool // the log holds every statement; else the rates are lower bounds
}

// A Capacity is how many statements a second one server carries.
type Capacity struct {
	Rate    float64
	From    CapacitySource
	AtLeast bool   // never driven to its limit
	Tool    string // that measured it, of a load test
}

// A CapacitySource says where a capacity comes from. Later ones are better.
type CapacitySource uint8

const (
	FromPrior CapacitySource = iota
	FromLog
	FromTest // the last of SizingInput.Tests that was answered
)

// NewSizing sizes a system. Without a peak it holds no servers.
func NewSizing(in SizingInput) Sizing {
	s := Sizing{SizingInput: in, Capacity: Capacity{Rate: in.Prior.Rate}}
	if in.Demand != nil {
		s.Peak = in.Demand.Peak()
	}
	if in.Digest != nil {
		s.Measured = measure(in.Digest)
		s.Peak = s.Measured.Peak
		switch k, ok := KneeOf(in.Digest.Series); {
		case !ok:
		case k.Seen && topShare(in.Digest) > mostOfOne:
			s.OneClass = topShare(in.Digest)
		case k.Seen || k.Rate > s.Capacity.Rate:
			s.Capacity = Capacity{Rate: k.Rate, From: FromLog, AtLeast: !k.Seen}
		}
	}
	for _, t := range in.Tests {
		if rate, seen := t.Knee(); rate > 0 {
			s.Capacity = Capacity{Rate: rate * in.Queries, From: FromTest, AtLeast: !seen, Tool: t.Tool}
		}
	}
	if s.Peak > 0 && s.Capacity.Rate > 0 {
		s.serve()
	}
	return s
}

// mostOfOne is the share of statement time of one class above which it is that class that slows down, for a lock or a
// plan of its own, and not the server that is full; as in rule F02.
const mostOfOne = 0.5

// topShare is the share of statement time of the class with most.
func topShare(d *analyzers.Digest) float64 {
	var most int64
	for _, c := range d.Classes {
		most = max(most, c.Time.Sum)
	}
	return float64(most) / float64(max(d.Statements.TimeUS, 1))
}

func measure(d *analyzers.Digest) *Measured {
	st := &d.Statements
	m := &Measured{Seconds: max(float64(st.Last-st.First)/1e6, 1), Whole: st.Whole()}
	m.Mean = float64(st.Count) / m.Seconds
	for _, c := range d.Series.Cells() {
		m.Peak = max(m.Peak, float64(c.Statements)/float64(d.Series.Width()))
	}
	if n := st.Reads + st.Writes; n > 0 {
		m.Split, m.WriteShare = true, float64(st.Writes)/float64(n)
	}
	return m
}

// serve plans replicas where they carry the peak, and shards where they do not.
func (s *Sizing) serve() {
	share := s.WriteShare
	if share < 0 && s.Measured != nil && s.Measured.Split {
		share = s.Measured.WriteShare
	}
	s.Split, s.Reads = share >= 0, s.Peak
	if s.Split {
		s.Writes = s.Peak * share / s.Merge
		s.Reads = s.Peak * (1 - share)
	}
	s.WritesFit = s.Writes <= s.Capacity.Rate*NodeUse
	s.Use = (s.Reads + s.Writes) / s.Capacity.Rate
	s.Best = FewestServers(s.Reads, s.Writes, s.Capacity.Rate)
	if n, ok := Servers(s.Reads, s.Writes, s.Capacity.Rate); ok {
		s.Replicas = n
	}
}

// Servers is the plan to follow: replicas as long as they suffice.
func (s *Sizing) Servers() ServerPlan {
	if s.Replicas > 0 {
		return ServerPlan{Shards: 1, Each: s.Replicas}
	}
	return s.Best
}
