package show

import "strings"

// Sheet makes hostile text a cell of a table that people open in a spreadsheet: no formula, no control
// character, and empty where a number is not known.
func Sheet(text string) string {
	text = Clean(text, false)
	if text == NoValue {
		return ""
	}
	if text != "" && strings.ContainsRune("=+@-\t", rune(text[0])) && !(text[0] == '-' && len(text) > 1 && text[1] >= '0' && text[1] <= '9') {
		return "'" + text
	}
	return text
}
