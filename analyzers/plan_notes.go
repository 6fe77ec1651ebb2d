package analyzers

// PlanNotes say of how many statements of a log it is known how they were run: with a full scan, a temporary
// table or a filesort.
//
// Percona Server, and a server's own books, tell it of each statement. MariaDB leaves the lines out where they
// would say no to everything, so with log_slow_verbosity=query_plan a statement without them is one that needed
// none of it; that the setting is on shows in the others. MySQL's log_slow_extra counts the steps and sorts of each,
// of which its reader draws the notes.
type PlanNotes struct {
	quiet    bool // statements without notes are known too
	anyPlan  bool // some statement of the log has notes
	anyTable bool // some statement counts temporary tables
}

// PlanNotesOf finds out how the log of a server tells of plans; the engine may be unknown.
func PlanNotesOf(d *Digest, e Engine) PlanNotes {
	n := PlanNotes{quiet: e.Name == "mariadb"}
	for _, c := range d.Classes {
		n.anyPlan = n.anyPlan || c.PlanKnown > 0
		n.anyTable = n.anyTable || c.TmpTables > 0 || c.TmpDiskTables > 0
		// Without the engine, a class of which only a part has notes betrays who writes them so.
		n.quiet = n.quiet || e.Name == "" && c.PlanKnown > 0 && c.PlanKnown < c.Time.Count
	}
	return n
}

// Known is how many statements of a class are known to have, or not to have, a full scan, a full join or a filesort.
func (n PlanNotes) Known(c *Class) int64 {
	if n.quiet && n.anyPlan {
		return c.Time.Count
	}
	return c.PlanKnown
}

// TablesKnown is Known for temporary tables.
func (n PlanNotes) TablesKnown(c *Class) int64 {
	if !n.anyPlan && n.anyTable {
		return c.Time.Count
	}
	return n.Known(c)
}
