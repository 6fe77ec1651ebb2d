package logs

import "bytes"

// A Detected is a format bound to what its first lines showed.
type Detected struct {
	Format string
	Role   string
	// Version and VersionComment are of the server that began to write a slow log, as its first line says them: "8.0.36"
	// and "MySQL Community Server - GPL". Empty when the log begins elsewhere.
	Version, VersionComment string
	// unread is what the lines hold that is not read, and what to do about it.
	unread string
	// newLine makes the parser of one worker; nil means the slow log, which is no line format.
	newLine func() LineParser
}

// SlowLog is the MySQL and MariaDB slow query log.
func SlowLog() *Detected { return &Detected{Format: "slow log", Role: "db"} }

// byteOrderMark is what Windows begins a text in UTF-8 with.
var byteOrderMark = []byte("\ufeff")

// sampleLines is how many lines a line format is judged by.
const sampleLines = 200

// Detect tells the format of an input from its first bytes; nil means none fits. The names are of
// the formats it tried.
func Detect(head []byte, opt Options) (d *Detected, tried []string) {
	tried = append(tried, "slow log")
	if isSlowLog(head) {
		d := SlowLog()
		d.Version, d.VersionComment = bannerVersion(head)
		return d, tried
	}
	sample := firstLines(head)
	for _, f := range LineFormats {
		tried = append(tried, f.Name)
		if newParser, role, ok := f.Detect(opt, sample); ok {
			d := &Detected{Format: f.Name, Role: role, newLine: newParser}
			if f.Name == formatCombined {
				d.unread = unnamedNumbers(sample, opt)
			}
			return d, tried
		}
	}
	return nil, tried
}

// isSlowLog looks for a record, or for the banner alone of a server that has logged nothing yet.
func isSlowLog(head []byte) bool {
	lines := &lineEnds{buf: head}
	for at := nextStart(lines, -1); at >= 0; at = nextStart(lines, at) {
		if made, _ := queryTimeIn(head, at); made {
			return true
		}
	}
	return bytes.Contains(head, bannerMark) && onlyBanner(head) && !returnsOnly(head)
}

// bannerVersion reads "/usr/sbin/mysqld, Version: 8.0.36 (MySQL Community Server - GPL). started with:", the line
// that a server begins a log with.
func bannerVersion(head []byte) (version, comment string) {
	line, _, _ := bytes.Cut(bytes.TrimPrefix(head, byteOrderMark), []byte("\n"))
	if !bannerLine(line) {
		return "", ""
	}
	_, rest, _ := bytes.Cut(line, []byte(", Version: "))
	rest, _, _ = bytes.Cut(rest, []byte(". started with:"))
	number, words, _ := bytes.Cut(rest, []byte(" "))
	return string(number), string(bytes.TrimSuffix(bytes.TrimPrefix(words, []byte("(")), []byte(")")))
}

// firstLines returns the first whole lines of head; when it has no line end at all, head itself.
func firstLines(head []byte) [][]byte {
	var lines [][]byte
	head = bytes.TrimPrefix(head, byteOrderMark)
	for len(head) > 0 && len(lines) < sampleLines {
		end := bytes.IndexByte(head, '\n')
		if end < 0 {
			if len(lines) == 0 && len(head) < sniffSize || len(head) < sniffSize/2 && len(lines) < 2 {
				lines = append(lines, head)
			}
			break
		}
		line := bytes.TrimSuffix(head[:end], []byte("\r"))
		if len(line) > 0 {
			lines = append(lines, line)
		}
		head = head[end+1:]
	}
	return lines
}
