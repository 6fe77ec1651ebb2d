package main

import (
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/go-sql-driver/mysql"
)

// A Database is a private MariaDB or MySQL server.
type Database struct {
	Dir    string // holds data, socket, my.cnf and its logs
	Port   int
	Socket string
	Admin  *sql.DB // root, through the socket
	proc   *process
}

// settings are those of every server of the lab; later ones win.
func settings(w World, dir string, port int, more []string) string {
	lines := []string{
		"[mysqld]",
		"datadir=" + filepath.Join(dir, "data"),
		"socket=" + filepath.Join(dir, "mysql.sock"),
		"pid-file=" + filepath.Join(dir, "mysqld.pid"),
		"log-error=" + filepath.Join(dir, "mysqld.err"),
		"tmpdir=" + filepath.Join(dir, "scratch"),
		fmt.Sprintf("port=%d", port),
		"bind-address=127.0.0.1",
		"skip-name-resolve",
		"max_connections=151",
		"innodb_buffer_pool_size=512M",
		"innodb_buffer_pool_dump_at_shutdown=OFF",
		"innodb_buffer_pool_load_at_startup=OFF",
		"slow_query_log=OFF",
		"slow_query_log_file=" + filepath.Join(dir, "slow.log"),
		"long_query_time=0",
	}
	if maker().mySQL {
		lines = append(lines, "innodb_redo_log_capacity=192M", "log_slow_extra="+onOff(w.Verbosity != "query_plan"), "log_slow_admin_statements=ON", "mysqlx=OFF", "secure_file_priv=",
			"skip_log_bin", "gtid_mode=ON", "enforce_gtid_consistency=ON", "cte_max_recursion_depth=10000000")
	} else {
		lines = append(lines, "innodb_log_file_size=96M", "log_slow_verbosity="+w.Verbosity)
	}
	if os.Getuid() == 0 {
		lines = append(lines, "user=root")
	}
	return strings.Join(append(lines, more...), "\n") + "\n"
}

// quiet keeps the driver's words about servers that end out of the lab's output.
func quiet() { _ = mysql.SetLogger(&mysql.NopLogger{}) }

// install makes the data of a world in dir: tables filled, server stopped.
func install(w World, dir string) error {
	for _, sub := range []string{"data", "scratch"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o755); err != nil {
			return err
		}
	}
	args := []string{"--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db", "--innodb-log-file-size=96M"}
	if maker().mySQL {
		args = []string{"--no-defaults", "--initialize-insecure"}
	}
	args = append(args, "--datadir="+filepath.Join(dir, "data"))
	if os.Getuid() == 0 {
		args = append(args, "--user=root")
	}
	// A server that starts deletes the temporary tables of all in its folder for them.
	command := exec.Command(maker().installer, args...)
	command.Env = append(os.Environ(), "TMPDIR="+filepath.Join(dir, "scratch"))
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", maker().installer, err, lastLine(out))
	}
	procs := Processes{Zone: w.Zone}
	defer procs.StopAll()
	db, err := startDatabase(&procs, w, dir, []string{"innodb_flush_log_at_trx_commit=0", "innodb_doublewrite=0"})
	if err != nil {
		return err
	}
	defer db.Admin.Close()
	if err := db.Run(w.Schema()...); err != nil {
		return err
	}
	db.proc.Stop(syscall.SIGTERM)
	return nil
}

// copyData copies an installed server's data.
func copyData(from, to string) error {
	if err := os.MkdirAll(filepath.Join(to, "scratch"), 0o755); err != nil {
		return err
	}
	if err := os.CopyFS(filepath.Join(to, "data"), os.DirFS(filepath.Join(from, "data"))); err != nil {
		return err
	}
	if err := os.Remove(filepath.Join(to, "data", "auto.cnf")); err != nil && !os.IsNotExist(err) { // the name that a MySQL gave itself
		return err
	}
	return nil
}

// startDatabase starts the server whose data lie in dir.
func startDatabase(procs *Processes, w World, dir string, more []string) (*Database, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	db := &Database{Dir: dir, Port: port, Socket: filepath.Join(dir, "mysql.sock")}
	conf := filepath.Join(dir, "my.cnf")
	if err := os.WriteFile(conf, []byte(settings(w, dir, port, more)), 0o644); err != nil {
		return nil, err
	}
	if db.proc, err = procs.Start(filepath.Base(maker().program), nil, maker().program, "--defaults-file="+conf); err != nil {
		return nil, err
	}
	db.Admin, err = sql.Open("mysql", "root@unix("+db.Socket+")/mysql?multiStatements=true")
	if err != nil {
		return nil, err
	}
	db.Admin.SetMaxOpenConns(1) // so that USE holds
	if err := db.proc.wait(30*time.Second, db.Admin.Ping); err != nil {
		text, _ := os.ReadFile(filepath.Join(dir, "mysqld.err"))
		return nil, fmt.Errorf("%w: %s", err, lastLine(text))
	}
	return db, nil
}

// follow makes a server the replica of another and waits until it has what the other has.
func (db *Database) follow(primary *Database) error {
	if maker().mySQL {
		return db.followMySQL(primary)
	}
	var at string
	if err := primary.Admin.QueryRow("SELECT @@gtid_binlog_pos").Scan(&at); err != nil {
		return err
	}
	if err := db.Run(fmt.Sprintf("CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT=%d, MASTER_USER='repl', MASTER_USE_GTID=slave_pos", primary.Port), "START SLAVE"); err != nil {
		return err
	}
	var reached int
	if err := db.Admin.QueryRow("SELECT MASTER_GTID_WAIT(?, 20)", at).Scan(&reached); err != nil {
		return err
	}
	if reached != 0 {
		return fmt.Errorf("the replica has not reached %s after 20 s", at)
	}
	return nil
}

func (db *Database) followMySQL(primary *Database) error {
	var at string
	if err := primary.Admin.QueryRow("SELECT @@GLOBAL.gtid_executed").Scan(&at); err != nil {
		return err
	}
	if err := db.Run(fmt.Sprintf("CHANGE REPLICATION SOURCE TO SOURCE_HOST='127.0.0.1', SOURCE_PORT=%d, SOURCE_USER='repl', SOURCE_SSL=1, SOURCE_AUTO_POSITION=1", primary.Port), "START REPLICA"); err != nil {
		return err
	}
	var late int
	if err := db.Admin.QueryRow("SELECT WAIT_FOR_EXECUTED_GTID_SET(?, 20)", at).Scan(&late); err != nil {
		return err
	}
	if late != 0 {
		return fmt.Errorf("the replica has not reached %s after 20 s", at)
	}
	return nil
}

func onOff(on bool) string {
	if on {
		return "ON"
	}
	return "OFF"
}

// Run executes statements one after the other.
func (db *Database) Run(statements ...string) error {
	for _, s := range statements {
		if _, err := db.Admin.Exec(s); err != nil {
			return fmt.Errorf("%w\n  in %s", err, s)
		}
	}
	return nil
}

func lastLine(text []byte) string {
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return lines[len(lines)-1]
}
