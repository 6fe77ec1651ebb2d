package rules

import (
	"math"

	"dbtriage/analyzers"
)

// The server's counters of statements that read and that write. What the query cache answers counts as no Com_select.
var (
	countedReads  = []string{"Com_select", "Qcache_hits"}
	countedWrites = []string{
		"Com_insert", "Com_update", "Com_delete", "Com_replace", "Com_load",
		"Com_insert_select", "Com_update_multi", "Com_delete_multi", "Com_replace_select",
	}
)

// countedFacts adds what kind of business the server's counters show, for where nobody logged the statements.
func countedFacts(m factMap, server *recording) {
	if !server.seen {
		return
	}
	perSecond := func(names []string) (sum float64, ok bool) {
		for _, name := range names {
			series := server.get("mysql.status."+name, "")
			if series == nil {
				continue
			}
			if v, known := series.Rate(server.window, server.set.Restarts(server.host)); known {
				sum, ok = sum+v, true
			}
		}
		return sum, ok
	}
	reads, ok1 := perSecond(countedReads)
	writes, ok2 := perSecond(countedWrites)
	if !ok1 || !ok2 {
		return
	}
	m.num("counted_reads", reads)
	m.num("counted_writes", writes)
	// A thousandth of a statement a second is one in a quarter of an hour: the class of that is nobody's business.
	if class, ok := analyzers.ClassOf(int64(math.Round(reads*1000)), int64(math.Round(writes*1000))); ok {
		m["counted_workload"] = string(class)
	}
}
