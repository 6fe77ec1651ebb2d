package mysql

import (
	"context"
	"errors"

	mysql "github.com/go-sql-driver/mysql"
)

// A failure is what an error of a statement means.
type failure uint8

const (
	broken  failure = iota // the connection is gone
	denied                 // we may not
	absent                 // the server has no such thing
	slow                   // the server ended it
	overrun                // the server did not, and we gave it up
	refused                // it says no for another reason
)

func kindOf(err error) failure {
	var m *mysql.MySQLError
	switch {
	case errors.As(err, &m):
		switch m.Number {
		case 1044, 1045, 1142, 1143, 1227, 1370, 1698:
			return denied
		case 1054, 1064, 1109, 1146, 1193, 1286, 1235: // unknown column, table, variable, engine; syntax of another version
			return absent
		case 1969, 3024, 1205, 1317: // max_statement_time, max_execution_time, lock wait, interrupted
			return slow
		case 1053, 1077, 1079, 2006, 2013: // it shuts down
			return broken
		}
		return refused
	case errors.Is(err, context.DeadlineExceeded):
		return overrun
	}
	return broken
}
