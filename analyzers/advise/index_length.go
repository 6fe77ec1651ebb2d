package advise

import (
	"slices"
	"strconv"
	"strings"

	"dbtriage/collectors"
)

// Limits of keys. Source: "InnoDB Limits" in the MySQL manual, for the row formats DYNAMIC and COMPRESSED.
const (
	maxKeyBytes = 3_072
	// longText is the length in characters from which a text is indexed by its beginning where a key would be too
	// long, and textPrefix how much of it. Guesses: 191 characters of utf8mb4 fit the 767 bytes of old row formats.
	longText   = 191
	textPrefix = 50
)

// shorten makes the key of a candidate fit the engine's limit: long texts by their beginning, which is in no
// order, so that nothing follows one of the last group. ok is false when it does not fit even so.
func (c *candidate) shorten() (ok bool) {
	if c.known == nil || c.keyBytes() <= maxKeyBytes {
		return true
	}
	for i, g := range c.groups {
		g = slices.Clone(g)
		for k := range g {
			if col := column(c.known, g[k].name); col != nil && classOfType(col.Type) == stringType && length(col.Type) > longText {
				g[k].prefix = longText
			}
		}
		c.groups[i] = g
		if i > 0 && slices.ContainsFunc(g, func(x indexColumn) bool { return x.prefix > 0 }) {
			c.groups, c.ordered = c.groups[:i+1], false
			break
		}
	}
	return c.keyBytes() <= maxKeyBytes
}

// keyBytes is the most that a key of a candidate takes.
func (c *candidate) keyBytes() (sum int) {
	for _, g := range c.groups {
		for _, x := range g {
			if col := column(c.known, x.name); col != nil {
				sum += keyBytes(col, x.prefix)
			}
		}
	}
	return sum
}

// keyBytes is the most that a value of a column takes in a key, or that many characters of it.
func keyBytes(c *collectors.Column, prefix int) int {
	n := length(c.Type)
	if prefix > 0 {
		n = prefix
	}
	base, _, _ := strings.Cut(strings.ToLower(c.Type), "(")
	switch base {
	case "char", "varchar", "text", "tinytext", "mediumtext", "longtext":
		return n * charBytes(c.Collation)
	case "binary", "varbinary":
		return n
	}
	return 8
}

// charBytes is the most that a character of a collation takes; of an unknown one what today's default does.
func charBytes(collation string) int {
	charset, _, _ := strings.Cut(strings.ToLower(collation), "_")
	switch charset {
	case "utf8", "utf8mb3":
		return 3
	case "latin1", "ascii", "latin2", "cp1250", "cp1251", "binary":
		return 1
	case "gbk", "sjis", "big5", "ucs2", "euckr", "gb2312":
		return 2
	}
	return 4
}

// length is the number in the brackets of a type; 0 without one.
func length(sqlType string) int {
	_, rest, _ := strings.Cut(sqlType, "(")
	digits := strings.IndexFunc(rest+")", func(r rune) bool { return r < '0' || r > '9' })
	n, _ := strconv.Atoi(rest[:digits])
	return n
}
