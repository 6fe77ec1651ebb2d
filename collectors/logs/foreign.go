package logs

import (
	"bytes"
	"regexp"
	"strings"
)

// A foreign kind of file is known by its content, is no log that can be read, and has a way to one.
type foreign struct {
	is    func(head []byte) bool
	what  string
	about string // what to do; FILE is the file's name
}

func magic(m ...string) func([]byte) bool {
	return func(head []byte) bool {
		for _, m := range m {
			if bytes.HasPrefix(head, []byte(m)) {
				return true
			}
		}
		return false
	}
}

// generalLine is a line of MySQL's general query log: a time or none, the session, the command.
var generalLine = regexp.MustCompile(`(?m)^(\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)|\d{6} [ \d]\d:\d\d:\d\d|\t)\t? *\d+ (Query|Connect|Quit|Init DB|Execute|Prepare|Field List|Statistics)\b`)

// returnsOnly reports whether the lines end in a carriage return alone: to every reader here it is one line.
func returnsOnly(head []byte) bool {
	return bytes.IndexByte(head, '\n') < 0 && bytes.Count(head, []byte{'\r'}) > 2
}

var foreigners = []foreign{
	{magic("\xfd7zXZ\x00"), "packed by xz, which is not read", "unpack it: xz -dc FILE | dbtriage analyze -"},
	{magic("PK\x03\x04", "PK\x05\x06"), "a zip archive, which is not read", "unpack it: unzip -p FILE | dbtriage analyze -"},
	{magic("\x04\x22\x4d\x18"), "packed by lz4, which is not read", "unpack it: lz4 -dc FILE | dbtriage analyze -"},
	{magic("7z\xbc\xaf\x27\x1c"), "a 7z archive, which is not read", "unpack it: 7z x -so FILE | dbtriage analyze -"},
	{magic("\x1f\x9d"), "packed by compress, which is not read", "unpack it: zcat FILE | dbtriage analyze -"},
	{func(head []byte) bool { return len(head) > 262 && string(head[257:262]) == "ustar" }, "a tar archive, which is not read", "unpack it: tar -xf FILE, and name the folder"},
	{func(head []byte) bool { return generalLine.Match(head[:min(len(head), 16<<10)]) }, "a general query log, which holds no times",
		"have the server write a slow log for a few minutes: SET GLOBAL slow_query_log=ON, GLOBAL long_query_time=0; SELECT @@slow_query_log_file names it; set both back after"},
	{magic("\x89PNG\r\n\x1a\n", "\xff\xd8\xff", "GIF8", "%PDF-"), "a picture or document, no log", "give the logs as text"},
	{magic("\xff\xfe", "\xfe\xff"), "text in UTF-16", "turn it into UTF-8: iconv -f UTF-16 -t UTF-8 FILE | dbtriage analyze -"},
	{returnsOnly, "text whose lines end in a carriage return alone", `turn them into lines: tr '\r' '\n' < FILE | dbtriage analyze -`},
	{func(head []byte) bool { return bytes.IndexByte(head[:min(len(head), 4<<10)], 0) >= 0 }, "binary data, no log", "give the logs as text; what packs them may be undone before: UNPACK < FILE | dbtriage analyze -"},
}

// foreignTo tells what a file is that no format fits, and what to do about it; empty when it is not known.
func foreignTo(path string, head []byte) (what, do string) {
	for _, f := range foreigners {
		if what == "" && f.is(head) {
			what, do = f.what, f.about
		}
	}
	if what == "" {
		what, do = wrapped(head)
	}
	if path != "-" {
		do = strings.ReplaceAll(do, "FILE", path)
	}
	return what, do
}
