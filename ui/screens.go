package ui

// A Screen answers one question about a state.
type screen struct {
	key      string
	name     string
	question string
	panels   func(v *view) []panel
	ofServer bool // of several database servers it shows one
}

// screens is the table of screens in the order of their keys.
var screens = []screen{
	{"1", "Verdict", "which layer is at fault, what proves it, and what to do", verdictPanels, false},
	{"2", "Host", "is the machine short of something", hostPanels, false},
	{"3", "MySQL", "what is the database server waiting for", mysqlPanels, true},
	{"4", "Queries", "which statements take the time", queryPanels, true},
	{"5", "Web", "is it before the database", webPanels, false},
	{"6", "Advice", "everything that was found, and what to do about it", advicePanels, false},
	{"7", "Timeline", "when did it begin, and what changed then", timelinePanels, false},
}
