package logs

import (
	"strings"
	"testing"
)

// Texts that nearly look like records again and again are read in a time that grows with their length.
// Where it grew with the square of it, each of these would take many minutes, and some did.
func TestHostileTextsTakeNoLonger(t *testing.T) {
	const header = "# Time: 261122 21:07:39\n# User@Host: u[u] @ localhost []\n# Thread_id: 5  Schema: s  QC_hit: No\n" +
		"# Query_time: 0.1  Lock_time: 0.0  Rows_sent: 1  Rows_examined: 1\nSET timestamp=1795381659;\n"
	for _, text := range []struct{ name, begins, goesOn string }{
		{"times that end nothing", "select 1\n", "# Time: x\n"},
		{"accounts that end nothing", "(", "# User@Host: u[u] @ localhost []\n"},
		{"literals that open and close around accounts", "select 'a'\n", "# User@Host: x\n'\n# Query_time: 1\n'\n"},
		{"headers between quotes of all kinds", "';\n", "# \n# User@Host: x\n`\n"},
		{"lone signs above each header", "select '", strings.Repeat("#\n", 2048) + "# Time: 261122 21:07:39\n# Thread_id: 5\n# User@Host: u[u] @ localhost []\n\\'"},
		{"records in a literal that hardly ends", "select '", "# Query_time: 1\nuse a;\n'\n" + strings.Repeat("# Time: 261122 21:07:39\n", 64)},
		{"a literal of escapes", "select '", "\\a"},
		{"banners", "", "m, Version: 1, started with:\n# Query_time: 1\n'"},
		{"schemas", "", "use a;\n# Query_time: 1\n'"},
		{"warnings that quote headers", "# Warnings\n", "# Thread_id: 5  Schema: s  QC_hit: No\n# Query_time: 1'\n"},
		{"holes", "", "\x00# Time: 261122 21:07:39\n"},
	} {
		t.Run(text.name, func(t *testing.T) {
			log := header + text.begins + strings.Repeat(text.goesOn, 1<<20/len(text.goesOn)) + "\n';\n" + header + "select 'the last';\n"
			if got := statements(t, []byte(log), 0, 1); !strings.Contains(got, "select 'the last'") {
				t.Error("the statement behind it is lost")
			}
		})
	}
}
