package mysql

import (
	"slices"
	"strings"
)

// calledWithout are the functions whose name the server knows only with the parenthesis right behind
// it. Source: MySQL 8.0 Reference Manual, Function Name Parsing and Resolution.
var calledWithout = []string{
	"ADDDATE", "BIT_AND", "BIT_OR", "BIT_XOR", "CAST", "COUNT", "CURDATE", "CURTIME", "DATE_ADD", "DATE_SUB", "EXTRACT", "GROUP_CONCAT", "MAX", "MID", "MIN", "NOW",
	"POSITION", "SESSION_USER", "STD", "STDDEV", "STDDEV_POP", "STDDEV_SAMP", "SUBDATE", "SUBSTR", "SUBSTRING", "SUM", "SYSDATE", "SYSTEM_USER", "TRIM", "VARIANCE", "VAR_POP", "VAR_SAMP",
}

// plainDigest writes the text of a digest as a person would write the statement: performance_schema
// puts a space between all tokens, quotes every name and cuts lists short. MariaDB does not quote the
// names that are words of its language without being reserved, and writes them in capitals.
func plainDigest(text string, mariaDB bool) string {
	var out strings.Builder
	out.Grow(len(text))
	before := "" // the token before
	for rest := text; rest != ""; {
		rest = strings.TrimLeft(rest, " ")
		var token string
		token, rest = nextToken(rest)
		switch token {
		case "":
			continue
		case "(...)":
			token = "(?)"
		}
		if out.Len() > 0 && spaceBetween(before, token) {
			out.WriteByte(' ')
		}
		if name := strings.Trim(token, "`"); len(name)+2 == len(token) && plainName(name) {
			out.WriteString(name)
		} else if name := strings.ToLower(token); mariaDB && plainName(name) && !strings.HasPrefix(rest, " (") {
			out.WriteString(name)
		} else {
			out.WriteString(token)
		}
		before = token
	}
	return out.String()
}

// nextToken takes a name in backticks or what stands before the next space; the remark that a list
// went on is no token.
func nextToken(text string) (token, rest string) {
	const more = "/* , ... */"
	if rest, ok := strings.CutPrefix(text, more); ok {
		return "", rest
	}
	if text != "" && text[0] == '`' {
		for i := 1; i < len(text); i++ {
			if text[i] != '`' {
				continue
			}
			if i+1 < len(text) && text[i+1] == '`' {
				i++
				continue
			}
			return text[:i+1], text[i+1:]
		}
	}
	if i := strings.IndexByte(text, ' '); i >= 0 {
		return text[:i], text[i:]
	}
	return text, ""
}

func spaceBetween(before, token string) bool {
	switch {
	case before == "." || token == "." || token == "," || token == ")" || before == "(" || before == "@" || before == "@@":
		return false
	case token == "(" || token == "(?)":
		return !slices.Contains(calledWithout, before)
	}
	return true
}

// plainName reports whether a name needs no backticks: it is one in small letters that is no word of
// the language.
func plainName(name string) bool {
	for i := range len(name) {
		c := name[i]
		if c != '_' && (c < 'a' || c > 'z') && (c < '0' || c > '9' || i == 0) {
			return false
		}
	}
	return name != "" && !reserved[name]
}

// reserved are the words that a server takes for no name without backticks, as far as people use them
// for tables and columns. Source: MySQL 8.0 and MariaDB 10.11, Keywords and Reserved Words.
var reserved = func() map[string]bool {
	words := map[string]bool{}
	for _, w := range strings.Fields(`accessible add all alter analyze and as asc before between bigint binary blob both by call cascade case change char character
		check collate column condition constraint continue convert create cross cube cume_dist current_date current_role current_time current_timestamp current_user cursor
		database databases day_hour dec decimal declare default delayed delete dense_rank desc describe deterministic distinct distinctrow div double drop dual each else elseif
		empty enclosed escaped except exists exit explain false fetch first_value float for force foreign from fulltext function generated get grant group grouping groups having
		high_priority if ignore in index infile inner inout insensitive insert int integer intersect interval into is iterate join json_table key keys kill lag last_value lateral
		lead leading leave left like limit linear lines load localtime localtimestamp lock long longblob longtext loop low_priority match maxvalue mediumint mod modifies natural
		not nth_value ntile null numeric of offset on optimize optimizer_costs option optionally or order out outer outfile over partition percent_rank precision primary procedure
		purge range rank read reads real recursive references regexp release rename repeat replace require resignal restrict return returning revoke right rlike row row_number
		rows schema schemas select sensitive separator set show signal smallint spatial specific sql sqlexception sqlstate sqlwarning ssl starting stored straight_join system
		table terminated then tinyint to trailing trigger true undo union unique unlock unsigned update usage use using utc_date utc_time utc_timestamp values varchar varying
		virtual when where while window with write xor year_month zerofill`) {
		words[w] = true
	}
	return words
}()
