package logs

// A Detected is a format bound to what its first lines showed.
type Detected struct {
	Format string
	Role   string
	// newLine makes the parser of one worker; nil means the slow log, which is no line format.
	newLine func() LineParser
}

// SlowLog is the MySQL and MariaDB slow query log.
func SlowLog() *Detected { return &Detected{Format: "slow log", Role: "db"} }
