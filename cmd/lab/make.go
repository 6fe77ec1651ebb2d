package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
)

// A serverMake is which database server the lab runs, and what it is asked in which words.
type serverMake struct {
	mySQL bool
	// Programs: the server, what makes its data folder, the client and the tool that dumps schemas.
	program, installer, client, dump string
	// replicaStatus asks for the state of replication.
	replicaStatus string
	// transactions, whoBlocks and lockWaits are what pt-stalk asks about waits.
	transactions, whoBlocks, lockWaits string
}

// maker is MariaDB from PATH, or the server that DBTRIAGE_TEST_MYSQLD names.
var maker = sync.OnceValue(func() serverMake {
	named := os.Getenv("DBTRIAGE_TEST_MYSQLD")
	if version, err := exec.Command(named, "--version").Output(); err == nil && !strings.Contains(string(version), "MariaDB") {
		return mySQL(named)
	}
	m := serverMake{
		program: named, installer: "mariadb-install-db", client: "mariadb", dump: "mariadb-dump", replicaStatus: "SHOW SLAVE STATUS",
		transactions: "SELECT * FROM information_schema.INNODB_TRX ORDER BY trx_id; SELECT * FROM information_schema.INNODB_LOCKS ORDER BY lock_trx_id; SELECT * FROM information_schema.INNODB_LOCK_WAITS",
	}
	m.waits("information_schema.INNODB_LOCK_WAITS w", "w.blocking_trx_id", "w.requesting_trx_id",
		"JOIN information_schema.INNODB_LOCKS l ON l.lock_id = w.requested_lock_id", "l.lock_table")
	if named == "" {
		m.program = mariadbd()
	} else {
		m.installer = filepath.Join(filepath.Dir(named), m.installer)
	}
	return m
})

func mySQL(program string) serverMake {
	m := serverMake{
		mySQL: true, program: program, installer: program, client: "mysql", dump: "mysqldump", replicaStatus: "SHOW REPLICA STATUS",
		transactions: "SELECT * FROM information_schema.INNODB_TRX ORDER BY trx_id; SELECT * FROM performance_schema.data_locks ORDER BY engine_transaction_id; SELECT * FROM performance_schema.data_lock_waits",
	}
	for _, tool := range []*string{&m.client, &m.dump} { // its own, where they lie beside it
		if path := filepath.Join(filepath.Dir(program), *tool); exists(path) {
			*tool = path
		}
	}
	m.waits("performance_schema.data_lock_waits w", "w.blocking_engine_transaction_id", "w.requesting_engine_transaction_id",
		"JOIN performance_schema.data_locks l ON l.engine_lock_id = w.requesting_engine_lock_id", "CONCAT('`', l.object_schema, '`.`', l.object_name, '`')")
	return m
}

// waits makes the two questions that pt-stalk asks one after the other.
func (m *serverMake) waits(from, blocking, requesting, locks, table string) {
	joins := " FROM " + from + " JOIN information_schema.INNODB_TRX b ON b.trx_id = " + blocking + " JOIN information_schema.INNODB_TRX r ON r.trx_id = " + requesting + " " + locks +
		" LEFT JOIN information_schema.PROCESSLIST p ON p.id = b.trx_mysql_thread_id "
	m.whoBlocks = "SELECT CONCAT('thread ', b.trx_mysql_thread_id, ' from ', p.host) AS who_blocks, MAX(IF(p.command = 'Sleep', p.time, 0)) AS idle_in_trx, " +
		"MAX(TIMESTAMPDIFF(SECOND, r.trx_wait_started, NOW())) AS max_wait_time, COUNT(*) AS num_waiters" + joins + "GROUP BY 1 ORDER BY 4 DESC"
	m.lockWaits = "SELECT r.trx_id AS waiting_trx_id, r.trx_mysql_thread_id AS waiting_thread, TIMESTAMPDIFF(SECOND, r.trx_wait_started, NOW()) AS wait_time, " +
		"r.trx_query AS waiting_query, " + table + " AS waiting_table_lock, b.trx_id AS blocking_trx_id, b.trx_mysql_thread_id AS blocking_thread, " +
		"p.host AS blocking_host, IF(p.command = 'Sleep', p.time, 0) AS idle_in_trx, b.trx_query AS blocking_query" + joins + "ORDER BY wait_time DESC"
}

// numbers is a table, for FROM, of the numbers from 1 to n in a column seq.
func (m serverMake) numbers(n int64) string {
	if !m.mySQL {
		return fmt.Sprintf("seq_1_to_%d", n)
	}
	return fmt.Sprintf("(WITH RECURSIVE n (seq) AS (SELECT 1 UNION ALL SELECT seq + 1 FROM n WHERE seq < %d) SELECT seq FROM n) AS numbers", n)
}

// hash writes MD5 as a server knows it: MySQL 9.6 has it no more.
func (m serverMake) hash(statement string) string {
	if !m.mySQL {
		return statement
	}
	return md5.ReplaceAllString(statement, "LEFT(SHA2($1, 224), 32)")
}

var md5 = regexp.MustCompile(`MD5\(([^()]+)\)`)

// mariadbd is where Debian and its users keep the server.
func mariadbd() string {
	for _, name := range []string{"mariadbd", "/usr/sbin/mariadbd", "mysqld"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return "mariadbd"
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
