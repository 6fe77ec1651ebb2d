package logs

import (
	"regexp"
	"strconv"
)

// Collectors of logs put a time and a name before each line, or lines into JSON. What a slow log is then
// cannot be read: where its statements end is told by how lines begin.
var (
	prefixedSlow = regexp.MustCompile(`(?m)^([^#"\n]{1,200})# Query_time: [\d.]+ `)
	wrappedSlow  = regexp.MustCompile(`"(\w+)": ?"(?:[^"\\\n]|\\[^"])*# Query_time: [\d.]+ `)
)

// wrapped tells a slow log by its records though something is around them, and how to take it off.
func wrapped(head []byte) (what, do string) {
	if m := wrappedSlow.FindSubmatch(head); m != nil {
		return "a slow log within JSON", "take it out: jq -r ." + string(m[1]) + " FILE | dbtriage analyze -"
	}
	if m := prefixedSlow.FindSubmatch(head); m != nil {
		return "a slow log with something before each line", "take it off: cut -b" + strconv.Itoa(len(m[1])+1) + "- FILE | dbtriage analyze -"
	}
	return "", ""
}
