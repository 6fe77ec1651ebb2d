package main

import (
	"context"
)

// replicaLag deletes rows of a table without any key on the primary: one scan there, and on the
// replica, from which the application reads, a scan for each row.
var replicaLag = Fault{
	Name: "replica-lag",
	Label: Label{
		Layer: "database",
		Cause: []string{`(?i)replica`, `(?i)lag|behind`},
		Not:   `(?i)max_connections|shard`,
	},
	Replica:  true,
	Settings: []string{"binlog_format=ROW"},
	Prepare: func(w World) []string {
		return []string{"ALTER TABLE {journal} DROP KEY by_item, MODIFY id INT UNSIGNED NOT NULL, DROP PRIMARY KEY"}
	},
	Beside: func(_ context.Context, s *Stage) error {
		return s.Primary.Run(s.World.SQL("DELETE FROM {schema}.{journal} WHERE id % 10 = 7"))
	},
}
