package logs

import (
	"encoding/binary"

	"dbtriage/collectors"
)

// A clock reads the times of one log. It remembers the last second it read, because neighbouring
// lines mostly share it.
type clock struct {
	key   [32]byte // the text of the second last read, with its zone where that stands beside it
	n     int
	value int64 // µs of key
}

// maxInstant is the first microsecond of the year 10000: nothing later is written by any server.
const maxInstant = 253402300800_000000

func (c *clock) cached(text []byte) bool {
	return len(text) == c.n && string(text) == string(c.key[:c.n])
}

// cachedLocal is cached for the one length that $time_local has.
func (c *clock) cachedLocal(text []byte) bool {
	if len(text) != 26 || c.n != 26 {
		return false
	}
	return word(text) == word(c.key[:]) && word(text[8:]) == word(c.key[8:]) && word(text[18:]) == word(c.key[18:]) &&
		text[16] == c.key[16] && text[17] == c.key[17]
}

// word returns the first eight bytes of text as a number.
func word(text []byte) uint64 { return binary.LittleEndian.Uint64(text) }

func (c *clock) remember(text []byte, us int64) {
	if len(text) <= len(c.key) {
		c.n = copy(c.key[:], text)
		c.value = us
	}
}

// read accepts every notation of time that a web or app log uses: Nginx's $time_local with or
// without brackets, ISO 8601 (without a zone it is taken as UTC), and seconds, milliseconds,
// microseconds or nanoseconds since the epoch, told apart by their magnitude.
func (c *clock) read(text []byte) (us int64, ok bool) {
	if len(text) > 2 && text[0] == '[' && text[len(text)-1] == ']' {
		text = text[1 : len(text)-1]
	}
	if len(text) < 3 {
		return collectors.NoTime, false
	}
	if text[2] == '/' {
		return c.local(text)
	}
	if len(text) >= 19 && text[4] == '-' {
		return c.iso(text)
	}
	return epoch(text)
}

// local reads "22/Nov/2026:21:14:41 +0000".
func (c *clock) local(text []byte) (us int64, ok bool) {
	if c.cachedLocal(text) {
		return c.value, true
	}
	if len(text) != 26 || text[2] != '/' || text[6] != '/' || text[11] != ':' || text[20] != ' ' {
		return collectors.NoTime, false
	}
	day, ok1 := digits(text[0:2])
	year, ok2 := digits(text[7:11])
	second, ok3 := timeOfDay(text[12:20])
	zone, ok4 := offset(text[21:26])
	days, ok5 := civil(year, month(text[3:6]), day)
	us = (days*86400 + second - zone) * 1_000_000
	if !(ok1 && ok2 && ok3 && ok4 && ok5) || us < 0 || us >= maxInstant {
		return collectors.NoTime, false
	}
	c.remember(text, us)
	return us, true
}

// iso reads "2026-11-22T21:14:41" and what may follow: a fraction after "." or ",", and a zone.
func (c *clock) iso(text []byte) (us int64, ok bool) {
	if len(text) < 19 {
		return collectors.NoTime, false
	}
	if c.cached(text[:19]) {
		us = c.value
	} else {
		if text[4] != '-' || text[7] != '-' || (text[10] != 'T' && text[10] != ' ' && text[10] != 't') {
			return collectors.NoTime, false
		}
		year, ok1 := digits(text[0:4])
		mon, ok2 := digits(text[5:7])
		day, ok3 := digits(text[8:10])
		second, ok4 := timeOfDay(text[11:19])
		days, ok5 := civil(year, mon, day)
		if !(ok1 && ok2 && ok3 && ok4 && ok5) {
			return collectors.NoTime, false
		}
		us = (days*86400 + second) * 1_000_000
		c.remember(text[:19], us)
	}
	rest := text[19:]
	if len(rest) > 1 && (rest[0] == '.' || rest[0] == ',') {
		unit := int64(100_000)
		i := 1
		for ; i < len(rest) && rest[i]-'0' <= 9; i++ {
			us += int64(rest[i]-'0') * unit
			unit /= 10
		}
		if i == 1 {
			return collectors.NoTime, false
		}
		rest = rest[i:]
	}
	zone, ok := offset(rest)
	us -= zone * 1_000_000
	if !ok || us < 0 || us >= maxInstant {
		return collectors.NoTime, false
	}
	return us, true
}

// epoch reads a number of seconds, ms, µs or ns since 1970.
func epoch(text []byte) (us int64, ok bool) {
	whole := 0
	for whole < len(text) && text[whole]-'0' <= 9 {
		whole++
	}
	exp := seconds
	switch {
	case whole < 5: // a year, a count, anything but an instant
		return collectors.NoTime, false
	case whole <= 11:
	case whole <= 14:
		exp = milliseconds
	case whole <= 17:
		exp = microseconds
	default:
		exp = nanoseconds
	}
	us, ok = scaled(text, exp)
	if !ok || us >= maxInstant {
		return collectors.NoTime, false
	}
	return us, true
}

// offset reads a zone as seconds east of UTC: "", "Z", "UTC", "+0000", "+00:00" or "+00", with or
// without a space before it.
func offset(text []byte) (s int64, ok bool) {
	if len(text) > 0 && text[0] == ' ' {
		text = text[1:]
	}
	switch len(text) {
	case 0:
		return 0, true
	case 1:
		return 0, text[0] == 'Z' || text[0] == 'z'
	case 3:
		if string(text) == "UTC" || string(text) == "GMT" {
			return 0, true
		}
	case 5:
	case 6:
		if text[3] != ':' {
			return 0, false
		}
	default:
		return 0, false
	}
	h, ok := digits(text[1:3])
	var m int64
	if len(text) > 3 {
		var okM bool
		m, okM = digits(text[len(text)-2:])
		ok = ok && okM
	}
	s = h*3600 + m*60
	if text[0] == '-' {
		s = -s
	} else if text[0] != '+' {
		return 0, false
	}
	return s, ok && h < 24 && m < 60
}

// timeOfDay reads "21:14:41" as seconds since midnight; a leap second counts as the next second.
func timeOfDay(text []byte) (s int64, ok bool) {
	h, ok1 := digits(text[0:2])
	m, ok2 := digits(text[3:5])
	s, ok3 := digits(text[6:8])
	ok = ok1 && ok2 && ok3 && text[2] == ':' && text[5] == ':' && h < 24 && m < 60 && s <= 60
	return h*3600 + m*60 + s, ok
}

func digits(text []byte) (n int64, ok bool) {
	for _, b := range text {
		if b-'0' > 9 {
			return 0, false
		}
		n = n*10 + int64(b-'0')
	}
	return n, true
}

func month(name []byte) int64 {
	switch string(name) {
	case "Jan":
		return 1
	case "Feb":
		return 2
	case "Mar":
		return 3
	case "Apr":
		return 4
	case "May":
		return 5
	case "Jun":
		return 6
	case "Jul":
		return 7
	case "Aug":
		return 8
	case "Sep":
		return 9
	case "Oct":
		return 10
	case "Nov":
		return 11
	case "Dec":
		return 12
	}
	return 0
}

// civil counts the days from 1970-01-01 to a date of the Gregorian calendar. Years begin in March
// here, so that the leap day is the last one and the days before a month follow one line.
func civil(year, month, day int64) (days int64, ok bool) {
	leap := year%4 == 0 && (year%100 != 0 || year%400 == 0)
	last := int64(31)
	switch month {
	case 4, 6, 9, 11:
		last = 30
	case 2:
		last = 28
		if leap {
			last = 29
		}
	}
	if month < 1 || month > 12 || day < 1 || day > last {
		return 0, false
	}
	if month <= 2 {
		year, month = year-1, month+12
	}
	beforeMonth := (153*(month-3) + 2) / 5
	return 365*year + year/4 - year/100 + year/400 + beforeMonth + day - 1 - 719468, true
}
