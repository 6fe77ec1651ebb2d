// Package optionfile reads the lines of option files of MySQL and MariaDB, my.cnf, in the words in
// which the server tells its settings.
package optionfile

import (
	"math"
	"strconv"
	"strings"
)

// ServerGroup reports whether a server reads a group of an option file; MariaDB reads those of its
// version too, [mariadb-10.11].
func ServerGroup(name string) bool {
	name = strings.ToLower(name)
	for _, group := range []string{"mysqld", "server", "mariadb", "mariadbd"} {
		if rest, ok := strings.CutPrefix(name, group); ok && (rest == "" || rest[0] == '-' && strings.Trim(rest, "-.0123456789") == "") {
			return true
		}
	}
	return false
}

// Group reads "[name]".
func Group(line string) (name string, ok bool) {
	line = strings.TrimSpace(line)
	if len(line) < 3 || line[0] != '[' {
		return "", false
	}
	name, _, ok = strings.Cut(line[1:], "]")
	return strings.TrimSpace(name), ok
}

// Include reads "!include /path" and "!includedir /path"; kind is the word without its mark.
func Include(line string) (kind, path string, ok bool) {
	for _, kind := range []string{"includedir", "include"} {
		if rest, ok := strings.CutPrefix(line, "!"+kind); ok && rest != "" && (rest[0] == ' ' || rest[0] == '\t') {
			return kind, strings.TrimSpace(rest), true
		}
	}
	return "", "", false
}

// Option reads one line of an option file as the server does, and tells it in the words of SHOW
// VARIABLES: "max-allowed-packet = 16M" is max_allowed_packet and 16777216, "skip-name-resolve" is ON.
// Names of the group and comments are no options.
func Option(line string) (name, value string, ok bool) {
	name, value, given := strings.Cut(line, "=")
	name = strings.ReplaceAll(strings.ToLower(strings.TrimSpace(name)), "-", "_")
	name = strings.TrimPrefix(name, "loose_")
	if !variableName(name) {
		return "", "", false
	}
	if !given {
		if rest, ok := strings.CutPrefix(name, "disable_"); ok {
			return rest, "OFF", true
		}
		return strings.TrimPrefix(name, "enable_"), "ON", true
	}
	return name, optionValue(name, value), true
}

// optionValue takes off quotes and a comment behind the value, and counts out K, M and G.
func optionValue(name, text string) string {
	text = strings.TrimSpace(text)
	if text != "" && (text[0] == '\'' || text[0] == '"') {
		if end := strings.IndexByte(text[1:], text[0]); end >= 0 {
			text = text[1 : 1+end]
		}
	} else if at := strings.Index(text, "#"); at > 0 && (text[at-1] == ' ' || text[at-1] == '\t') {
		text = strings.TrimSpace(text[:at])
	}
	if n, ok := optionSize(text); ok {
		return strconv.FormatInt(n, 10)
	}
	switch strings.ToUpper(text) {
	case "ON", "TRUE":
		return "ON"
	case "OFF", "FALSE":
		return "OFF"
	}
	if switches[name] {
		switch text {
		case "0":
			return "OFF"
		case "1":
			return "ON"
		}
	}
	return text
}

// switches are variables that the server shows as ON and OFF and people write as 1 and 0.
var switches = map[string]bool{
	"slow_query_log": true, "general_log": true, "log_queries_not_using_indexes": true, "innodb_file_per_table": true,
	"skip_name_resolve": true, "read_only": true, "super_read_only": true, "performance_schema": true, "userstat": true,
	"innodb_buffer_pool_dump_at_shutdown": true, "innodb_buffer_pool_load_at_startup": true, "innodb_adaptive_hash_index": true,
	"innodb_print_all_deadlocks": true, "innodb_doublewrite": true, "local_infile": true, "log_slave_updates": true,
	"log_replica_updates": true, "gtid_strict_mode": true, "event_scheduler": true, "innodb_deadlock_detect": true,
	"innodb_stats_persistent": true, "innodb_stats_auto_recalc": true, "innodb_strict_mode": true, "autocommit": true,
}

// optionSize reads "16M"; servers count in powers of 1024.
func optionSize(text string) (n int64, ok bool) {
	if text == "" {
		return 0, false
	}
	shift, digits := 0, text
	if at := strings.IndexByte("KMGTPE", text[len(text)-1]&^0x20); at >= 0 && text[len(text)-1]|0x20 >= 'a' {
		shift, digits = 10*(at+1), text[:len(text)-1]
	} else {
		return 0, false
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n < 0 || n > math.MaxInt64>>shift {
		return 0, false
	}
	return n << shift, true
}

func variableName(name string) bool {
	for i := range len(name) {
		if c := name[i]; c != '_' && c != '.' && (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	return len(name) > 0 && len(name) <= 128
}
