package collectors

// A Table is what the dictionary of a server says of one table. A number is Unknown where it is NULL
// or was not asked for.
type Table struct {
	Schema, Name, Engine  string
	Rows                  int64 // an estimate on InnoDB
	DataBytes, IndexBytes int64
	FreeBytes             int64 // allocated and not used

	// Columns and Indexes are nil where only sizes are known.
	Columns []Column
	Indexes []Index
	// AutoIncrement is the next value; 0 or Unknown without such a column.
	AutoIncrement int64
	Collation     string
}

// A Column is one column of a Table, in the order of the table.
type Column struct {
	Name      string
	Type      string // as the server writes it: "bigint(20) unsigned"
	Nullable  bool
	Collation string // empty for what is no text
	// Generated says that the value is computed; AutoIncrement that the server numbers the rows.
	Generated, AutoIncrement bool
}

// An Index is one index of a Table. The primary key is named PRIMARY.
type Index struct {
	Name    string
	Unique  bool
	Kind    string // BTREE, HASH, FULLTEXT, SPATIAL; empty is BTREE
	Ignored bool   // IGNORED on MariaDB, INVISIBLE on MySQL
	Columns []IndexColumn
	// Reads are the rows read through it since the server started, where userstat or
	// performance_schema counts them: ReadsKnown.
	Reads      int64
	ReadsKnown bool
}

// An IndexColumn is one column of an Index, in its order.
type IndexColumn struct {
	Name   string
	Prefix int64 // characters or bytes; 0 is the whole column
	Desc   bool
	// Distinct estimates the different values of the columns up to this one; Unknown when not known.
	Distinct int64
}
