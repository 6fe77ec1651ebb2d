package rules

import (
	"cmp"
	"fmt"
	"strings"

	"dbtriage/collectors"
)

// maxCharsetTables bounds the tables that are named.
const maxCharsetTables = 2

// charsetFacts adds which tables have text that cannot hold every character. Where no columns are known nothing is.
func charsetFacts(m factMap, tables []collectors.Table) {
	var names []string
	count, known := 0, false
	for _, t := range ownTables(tables) {
		known = known || t.Columns != nil
		column := oldText(t)
		if column == "" {
			continue
		}
		if count++; count <= maxCharsetTables {
			names = append(names, tableName(t)+" ("+column+")")
		}
	}
	if !known {
		return
	}
	m.num("old_charset_tables", float64(count))
	if count > maxCharsetTables {
		names = append(names, fmt.Sprintf("+%d", count-maxCharsetTables))
	}
	m["old_charset_names"] = shorten(cmp.Or(strings.Join(names, ", "), "-"), maxName)
}

// oldText returns the first column of text of an old character set, with its collation.
func oldText(t *collectors.Table) string {
	for _, c := range t.Columns {
		kind := baseType(c.Type)
		if kind != "varchar" && kind != "char" && !strings.HasSuffix(kind, "text") {
			continue
		}
		collation := strings.ToLower(cmp.Or(c.Collation, t.Collation))
		for _, old := range []string{"latin1", "utf8_", "utf8mb3"} {
			if strings.HasPrefix(collation, old) {
				return c.Name + " " + collation
			}
		}
	}
	return ""
}
