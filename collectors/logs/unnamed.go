package logs

import (
	"bytes"

	"dbtriage/collectors"
)

// unnamedNumbers says what is to do about numbers without a name behind the user agent, as
//
//	"$http_user_agent" "$http_x_forwarded_for" $request_time $upstream_response_time
//
// or Apache's %D writes them. Whether such a number is a time, of what and in which unit, a line does not tell, and
// a wrong guess would blame the wrong layer. It is empty where most lines have none, or tell their time by name.
func unnamedNumbers(sample [][]byte, opt Options) string {
	p := newCombinedParser(newNames(keyValueSynonyms, opt.Fields))
	var req collectors.Request
	lines, with := 0, 0
	var first []byte
	for _, line := range sample {
		if p.parse(line, &req) != "" {
			continue
		}
		lines++
		if req.RequestTime != collectors.Unknown || len(req.Tries) > 0 {
			continue
		}
		if numbers := numbersBehindAgent(line); len(numbers) > 0 {
			if with++; first == nil {
				first = numbers
			}
		}
	}
	if with == 0 || with*2 < lines {
		return ""
	}
	return "numbers without a name behind the user agent (" + string(first) + ") are not read: name them by --log-format or --nginx-conf"
}

// numbersBehindAgent returns the numbers behind the last two quoted strings that are a referer and an agent, joined
// by blanks. They may be in quotes.
func numbersBehindAgent(line []byte) []byte {
	var out []byte
	quoted := 0 // strings so far: the request, the referer, the agent
	for at := 0; at < len(line); at++ {
		var text []byte
		switch {
		case line[at] == '"':
			end := closingQuote(line[at+1:])
			if end < 0 {
				return out
			}
			text = line[at+1 : at+1+end]
			at += 1 + end
			quoted++
		case separators[line[at]]:
			continue
		default:
			end := at
			for end < len(line) && !separators[line[end]] && line[end] != '"' {
				end++
			}
			text = line[at:end]
			at = end - 1
		}
		if quoted >= 3 && isNumber(text) {
			if out = append(out, text...); len(out) > 40 {
				return out[:40]
			}
			out = append(out, ' ')
		}
	}
	return bytes.TrimRight(out, " ")
}

// isNumber reports whether text is digits with at most one point among them.
func isNumber(text []byte) bool {
	points := 0
	for _, c := range text {
		if c == '.' {
			points++
		} else if c-'0' > 9 {
			return false
		}
	}
	return len(text) > points && points <= 1
}
