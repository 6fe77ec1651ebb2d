package rules

import "strings"

// managedService names the service that runs the server, by what its settings alone show; empty for
// a server whose operating system and option files are the user's.
func managedService(settings map[string]string) string {
	has := func(name, part string) bool { return strings.Contains(strings.ToLower(settings[name]), part) }
	prefixed := func(prefix string) bool {
		for name := range settings {
			if strings.HasPrefix(name, prefix) {
				return true
			}
		}
		return false
	}
	switch {
	case prefixed("aurora_"):
		return "Amazon Aurora"
	case has("basedir", "/rdsdbbin") || has("datadir", "/rdsdbdata"):
		return "Amazon RDS"
	case prefixed("cloudsql_") || has("version", "-google"):
		return "Google Cloud SQL"
	case prefixed("azure_") || prefixed("azure.") || has("version", "azure") || prefixed("aad_auth_"):
		return "Azure Database"
	}
	return ""
}

// managedWords say where a setting is changed that no option file and no SET GLOBAL reaches.
var managedWords = map[string]Text{
	"Amazon Aurora":    {"On Amazon Aurora this is set in the cluster's or the instance's parameter group, not in my.cnf or by SET GLOBAL. ", "在 Amazon Aurora 上请改集群或实例的参数组，而不是 my.cnf 或 SET GLOBAL。"},
	"Amazon RDS":       {"On Amazon RDS this is set in the instance's parameter group, not in my.cnf or by SET GLOBAL. ", "在 Amazon RDS 上请改实例的参数组，而不是 my.cnf 或 SET GLOBAL。"},
	"Google Cloud SQL": {"On Google Cloud SQL this is a database flag of the instance, not a line of my.cnf or SET GLOBAL. ", "在 Google Cloud SQL 上请改实例的数据库标志，而不是 my.cnf 或 SET GLOBAL。"},
	"Azure Database":   {"On Azure Database this is a server parameter of the instance, not a line of my.cnf or SET GLOBAL. ", "在 Azure Database 上请改实例的服务器参数，而不是 my.cnf 或 SET GLOBAL。"},
}
