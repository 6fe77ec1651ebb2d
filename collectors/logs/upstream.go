package logs

import (
	"bytes"

	"dbtriage/collectors"
)

// The upstream variables of Nginx are lists with one element for each attempt. Elements are
// separated by ", " when the next peer was tried and by " : " when an internal redirect began
// another upstream request. "-" stands for nothing. A unix socket's address has ':' but no spaces.

// upstreamLists holds the lists of one line as they were logged.
type upstreamLists struct {
	addr, status, connect, header, response []byte
	connectUnit, headerUnit, responseUnit   unit
}

// blankTry is an attempt of which nothing is known.
var blankTry = collectors.Try{
	Status:   collectors.Unknown,
	Connect:  collectors.Unknown,
	Header:   collectors.Unknown,
	Response: collectors.Unknown,
}

// zip makes one try of each position of the lists and returns how many there are. statusLogged says that the
// log has their status, even if it reads "-".
func (l *upstreamLists) zip(r *record, statusLogged bool) int {
	tries := &r.tries
	n := 0
	if !nothing(l.addr) && l.plausibleAddr() {
		n = zipAddr(tries, n, l.addr)
	}
	n, answers := zipStatus(tries, n, l.status)
	if answers < 0 {
		r.odd(upstreamStatusField)
	}
	n = zipTime(r, n, upstreamResponseField, l.response, l.responseUnit, func(t *collectors.Try) *int64 { return &t.Response })
	n = zipTime(r, n, upstreamConnectField, l.connect, l.connectUnit, func(t *collectors.Try) *int64 { return &t.Connect })
	n = zipTime(r, n, upstreamHeaderField, l.header, l.headerUnit, func(t *collectors.Try) *int64 { return &t.Header })
	told := statusLogged && (answers == 0 || answers >= n)
	if n > 1 {
		n = dropBlank(tries, n)
	}
	if told {
		for i := range tries[:n] {
			if tries[i].Status == collectors.Unknown {
				tries[i].Status = collectors.Unanswered
			}
		}
	}
	return n
}

// nothing says that a value is how Nginx writes "there is none".
func nothing(v []byte) bool {
	return len(v) == 0 || len(v) == 1 && v[0] == '-'
}

// plausibleAddr turns down a user agent, which some formats call by the same short name. A slash in
// an address stands behind a colon: unix:/path, http://host. A word alone is one only where the log says more
// of the upstream: Nginx writes the name of a group of which no peer is alive.
func (l *upstreamLists) plausibleAddr() bool {
	if slash := bytes.IndexByte(l.addr, '/'); slash >= 0 {
		return slash > 0 && l.addr[slash-1] == ':'
	}
	return bytes.IndexByte(l.addr, ':') >= 0 || bytes.IndexByte(l.addr, '.') >= 0 ||
		!nothing(l.status) || !nothing(l.response) || !nothing(l.connect) || !nothing(l.header)
}

func zipAddr(tries *[collectors.MaxTries]collectors.Try, n int, list []byte) int {
	for i := 0; ; i++ {
		elem, rest, redirect, more := cutElement(list)
		if at := min(i, collectors.MaxTries-1); more || i == 0 || len(elem) > 0 { // beyond, the last is kept
			n = reach(tries, n, at)
			if !nothing(elem) {
				tries[at].Addr = elem
			}
		}
		if !more {
			return n
		}
		list = rest
		if redirect && i+1 < collectors.MaxTries {
			n = reach(tries, n, i+1)
			tries[i+1].Redirected = true
		}
	}
}

// zipStatus also returns how many elements the list has: 0 for none at all, -1 when one is no status.
func zipStatus(tries *[collectors.MaxTries]collectors.Try, n int, list []byte) (reached, answers int) {
	if nothing(list) {
		return n, 0
	}
	if status, ok := status(list); ok { // one attempt, as nearly always
		n = reach(tries, n, 0)
		tries[0].Status = status
		return n, 1
	}
	odd := false
	for i := 0; ; i++ {
		elem, rest, redirect, more := cutElement(list)
		status, ok := status(elem)
		if ok {
			at := min(i, collectors.MaxTries-1)
			n = reach(tries, n, at)
			tries[at].Status = status
		}
		odd = odd || !ok && !nothing(elem)
		if !more {
			if odd {
				return n, -1
			}
			return n, i + 1
		}
		list = rest
		if redirect && i+1 < collectors.MaxTries {
			n = reach(tries, n, i+1)
			tries[i+1].Redirected = true
		}
	}
}

func zipTime(r *record, n int, f field, list []byte, u unit, of func(*collectors.Try) *int64) int {
	if nothing(list) {
		return n
	}
	tries := &r.tries
	if us, ok := scaled(list, u); ok { // one attempt, as nearly always
		if us > maxDuration {
			r.odd(f)
			return n
		}
		n = reach(tries, n, 0)
		*of(&tries[0]) = us
		return n
	}
	for i := 0; ; i++ {
		elem, rest, redirect, more := cutElement(list)
		if us, ok := duration(elem, u); ok {
			at := min(i, collectors.MaxTries-1)
			n = reach(tries, n, at)
			if t := of(&tries[at]); *t == collectors.Unknown {
				*t = us
			} else {
				*t += us
			}
			if i == collectors.MaxTries && r.req.Odd == "" {
				r.req.Odd = oddTries
			}
		} else if !nothing(elem) {
			r.odd(f)
		}
		if !more {
			return n
		}
		list = rest
		if redirect && i+1 < collectors.MaxTries {
			n = reach(tries, n, i+1)
			tries[i+1].Redirected = true
		}
	}
}

// reach makes tries[i] part of the first n.
func reach(tries *[collectors.MaxTries]collectors.Try, n, i int) int {
	for ; n <= i; n++ {
		tries[n] = blankTry
	}
	return n
}

// cutElement cuts the first element off a list.
func cutElement(list []byte) (elem, rest []byte, redirect, more bool) {
	for from := 0; ; {
		p := bytes.IndexByte(list[from:], ' ')
		if p < 0 {
			return list, nil, false, false
		}
		p += from
		switch after := list[p+1:]; {
		case p > 0 && list[p-1] == ',':
			return list[:p-1], after, false, true
		case len(after) > 0 && after[0] == ':' && (len(after) == 1 || after[1] == ' '):
			return list[:p], after[min(2, len(after)):], true, true
		}
		from = p + 1
	}
}

// dropBlank takes out attempts of which nothing is known: Nginx ends a list with " : " when the
// redirect led to no upstream.
func dropBlank(tries *[collectors.MaxTries]collectors.Try, n int) int {
	kept := 0
	redirected := false
	for i := range n {
		t := tries[i]
		redirected = redirected || t.Redirected
		t.Redirected = false
		if len(t.Addr) == 0 && t.Status == collectors.Unknown && t.Connect == collectors.Unknown &&
			t.Header == collectors.Unknown && t.Response == collectors.Unknown {
			continue
		}
		t.Redirected = redirected
		redirected = false
		tries[kept] = t
		kept++
	}
	return kept
}

// endOfBareList finds where an unquoted list ends that other fields follow after a space.
func endOfBareList(text []byte) int {
	for from := 0; ; {
		p := bytes.IndexByte(text[from:], ' ')
		if p < 0 {
			return len(text)
		}
		p += from
		switch after := text[p+1:]; {
		case p > 0 && text[p-1] == ',':
			from = p + 1
		case len(after) > 1 && after[0] == ':' && after[1] == ' ':
			from = p + 3
		default:
			return p
		}
	}
}

// status reads three digits: 200, but also Nginx's 009 (HTTP/0.9) and 000 (none sent).
func status(text []byte) (int64, bool) {
	if len(text) != 3 {
		if len(text) != 5 || text[3] != '.' || text[4] != '0' { // 200.0, of who keeps numbers as floats
			return collectors.Unknown, false
		}
	}
	a, b, c := text[0]-'0', text[1]-'0', text[2]-'0'
	if a > 9 || b > 9 || c > 9 {
		return collectors.Unknown, false
	}
	return int64(a)*100 + int64(b)*10 + int64(c), true
}
