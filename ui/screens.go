package ui

// A Screen answers one question about a state.
type screen struct {
	key      string
	name     string
	question string
	panels   func(v *view) []panel
}

// mysqlScreen is the name of the screen that shows one database server.
const mysqlScreen = "MySQL"

// screens is the table of screens in the order of their keys.
var screens = []screen{
	{"1", "Verdict", "which layer is at fault, what proves it, and what to do", verdictPanels},
	{"2", "Host", "is the machine short of something", hostPanels},
	{"3", mysqlScreen, "what is the database server waiting for", mysqlPanels},
	{"4", "Queries", "which statements take the time", queryPanels},
	{"5", "Web", "is it before the database", webPanels},
	{"6", "Advice", "everything that was found, and what to do about it", advicePanels},
	{"7", "Timeline", "when did it begin, and what changed then", timelinePanels},
}
