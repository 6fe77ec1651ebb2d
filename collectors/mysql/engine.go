package mysql

import (
	"strconv"
	"strings"
)

// An engine is which server answers, as its version says.
type engine struct {
	mariaDB bool
	version [3]int
}

// engineOf reads "10.11.19-MariaDB-0+deb12u1-log" or "8.0.36".
func engineOf(version string) engine {
	e := engine{mariaDB: strings.Contains(strings.ToLower(version), "mariadb")}
	// Old replication peers see MariaDB 10 and later as "5.5.5-10.…".
	if rest, ok := strings.CutPrefix(version, "5.5.5-"); ok && e.mariaDB {
		version = rest
	}
	number, _, _ := strings.Cut(version, "-")
	for i, part := range strings.SplitN(number, ".", 3) {
		e.version[i], _ = strconv.Atoi(part)
	}
	return e
}

func (e engine) atLeast(major, minor, patch int) bool {
	for i, n := range [3]int{major, minor, patch} {
		if e.version[i] != n {
			return e.version[i] > n
		}
	}
	return true
}

// mysql reports whether it is MySQL or a build of it, of at least a version.
func (e engine) mysql(major, minor, patch int) bool {
	return !e.mariaDB && e.atLeast(major, minor, patch)
}

// maria is the same of MariaDB.
func (e engine) maria(major, minor, patch int) bool {
	return e.mariaDB && e.atLeast(major, minor, patch)
}
