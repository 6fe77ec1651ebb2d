package mysql

import "strings"

// Grants returns the statements that make a user with no more rights than the probes need. The
// engine is "mysql" or "mariadb"; any other name gives MariaDB's.
func Grants(engineName, user, host string) []string {
	who := quoted(user) + "@" + quoted(host)
	global := []string{"PROCESS", "REPLICATION CLIENT"}
	if !strings.EqualFold(engineName, "mysql") {
		// MariaDB 10.5 took the status of replicas out of REPLICATION CLIENT.
		global = []string{"PROCESS", "BINLOG MONITOR", "REPLICA MONITOR"}
	}
	return []string{
		"CREATE USER " + who + " IDENTIFIED BY '…' WITH MAX_USER_CONNECTIONS 3;",
		"GRANT " + strings.Join(global, ", ") + " ON *.* TO " + who + ";",
		"GRANT SELECT ON performance_schema.* TO " + who + ";",
		"-- Sizes, columns and indexes are told only of what a user has some right to. REFERENCES is one that reads no rows:",
		"GRANT REFERENCES ON *.* TO " + who + ";",
		"-- Only where the slow log is a table (log_output=TABLE):",
		"GRANT SELECT ON mysql.slow_log TO " + who + ";",
	}
}
