package analyzers

// LongRun is how many consecutive executions of one class by one session make a run worth counting:
// fewer are a page that needs a handful of rows.
const LongRun = 5

// Runs count how often one session executed one class again and again with no other statement in
// between and no pause of more than a second: the footprint of a query in a loop (N+1).
type Runs struct {
	Long  int64 // runs of at least LongRun statements
	Calls int64 // statements in those runs
	Max   int64 // statements in the longest run
}
