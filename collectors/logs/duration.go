package logs

// A unit says what a number in a log counts, as the power of ten that makes it microseconds.
type unit int8

const (
	nanoseconds  unit = -3
	microseconds unit = 0
	milliseconds unit = 3
	seconds      unit = 6
)

// maxDuration bounds what is believed, in µs: some three years. It keeps sums far from overflow.
const maxDuration = 100_000_000_000_000

var powersOfTen = [...]int64{1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18}

// scaled reads a number without sign, such as 0.003 or 1.5e-05, and scales it to microseconds.
// What is smaller than a microsecond is cut off. No floats: 0.001 is exactly 1000.
func scaled(text []byte, u unit) (us int64, ok bool) {
	if len(text) == 5 && text[1] == '.' && u == seconds { // 0.003, as Nginx writes nearly all times
		a, b, c, d := text[0]-'0', text[2]-'0', text[3]-'0', text[4]-'0'
		if a <= 9 && b <= 9 && c <= 9 && d <= 9 {
			return int64(a)*1e6 + int64(b)*1e5 + int64(c)*1e4 + int64(d)*1e3, true
		}
	}
	var n int64
	places, width := 0, 0
	i := 0
	for ; i < len(text); i++ {
		d := text[i] - '0'
		if d > 9 {
			break
		}
		if n >= 9e17 { // the next digit might not fit
			return 0, false
		}
		n = n*10 + int64(d)
	}
	width = i
	if i < len(text) && text[i] == '.' {
		for i++; i < len(text); i++ {
			d := text[i] - '0'
			if d > 9 {
				break
			}
			width++
			if n < 1e17 { // later places are far below a microsecond
				n = n*10 + int64(d)
				places++
			}
		}
	}
	if width == 0 {
		return 0, false
	}
	shift := int(u) - places
	if i < len(text) {
		e, ok := exponent(text[i:])
		if !ok {
			return 0, false
		}
		shift += e
	}
	switch {
	case n == 0:
		return 0, true
	case shift <= -len(powersOfTen):
		return 0, true
	case shift < 0:
		return n / powersOfTen[-shift], true
	case shift >= len(powersOfTen) || n > (1<<63-1)/powersOfTen[shift]:
		return 0, false
	}
	return n * powersOfTen[shift], true
}

// exponent reads "e-05" and the like, to the end of text.
func exponent(text []byte) (e int, ok bool) {
	if text[0] != 'e' && text[0] != 'E' {
		return 0, false
	}
	text = text[1:]
	negative := false
	if len(text) > 0 && (text[0] == '-' || text[0] == '+') {
		negative = text[0] == '-'
		text = text[1:]
	}
	if len(text) == 0 || len(text) > 3 {
		return 0, false
	}
	n, ok := digits(text)
	if negative {
		n = -n
	}
	return int(n), ok
}

// duration reads a plain number of units, or a number that names its own unit as Go and many
// loggers print it: "12.5ms", "1.2s", "1m3.5s".
func duration(text []byte, u unit) (us int64, ok bool) {
	us, ok = scaled(text, u)
	if !ok {
		us, ok = namedDuration(text)
	}
	return us, ok && us <= maxDuration
}

func namedDuration(text []byte) (us int64, ok bool) {
	for len(text) > 0 {
		i := 0
		for i < len(text) && (text[i]-'0' <= 9 || text[i] == '.') {
			i++
		}
		number := text[:i]
		text = text[i:]
		for i = 0; i < len(text) && text[i] != '.' && text[i]-'0' > 9; i++ {
		}
		u, factor := microseconds, int64(1)
		name := text[:i]
		if i > 1 && name[0] == ' ' {
			name = name[1:] // "12 ms"
		}
		switch string(name) {
		case "ns":
			u = nanoseconds
		case "us", "µs", "μs":
		case "ms":
			u = milliseconds
		case "s":
			u = seconds
		case "m":
			u, factor = seconds, 60
		case "h":
			u, factor = seconds, 3600
		default:
			return 0, false
		}
		n, numOK := scaled(number, u)
		if !numOK || n > maxDuration/factor {
			return 0, false
		}
		us += n * factor
		if us > maxDuration {
			return 0, false
		}
		text, ok = text[i:], true
	}
	return us, ok
}
