package analyzers

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"

	"dbtriage/collectors"
)

// A Filter says which events a digest takes in; the zero value lets in all. DB, User and Host are
// asked of statements only, Route and Status of requests only: what has no such thing passes.
type Filter struct {
	// Window leaves out what ended outside of it. What has no time is let in only when the window is
	// open at both ends.
	Window Window

	DB   string // default schema
	User string
	Host string // of the client, as the log names it

	Route  string // normalised, see AppendRoute; "*" stands for any text
	Status StatusRange

	// MinTime is the shortest query or request time in microseconds; with one, a request whose log
	// carries no time is left out.
	MinTime int64

	// NotOurs leaves out what dbtriage asked a server.
	NotOurs bool
}

// A StatusRange is a closed range of HTTP status codes; the zero value holds all. It is made by ParseStatus.
type StatusRange struct {
	from, to int64
	asked    bool // 000 is a code too
}

// ParseStatus reads "404", "5xx", "500-504", or what Nginx writes of requests that had no whole answer:
// "000" and "009".
func ParseStatus(text string) (StatusRange, error) {
	from, to, isRange := strings.Cut(text, "-")
	if class, ok := strings.CutSuffix(strings.ToLower(text), "xx"); ok {
		from, to, isRange = class+"00", class+"99", true
	}
	if !isRange {
		to = from
	}
	a, err := strconv.ParseUint(from, 10, 16)
	b, err2 := strconv.ParseUint(to, 10, 16)
	if err != nil || err2 != nil || len(from) != 3 || len(to) != 3 || a > b {
		return StatusRange{}, fmt.Errorf("%q is no status", text)
	}
	return StatusRange{int64(a), int64(b), true}, nil
}

func (r StatusRange) String() string {
	if r.from == r.to {
		return fmt.Sprintf("%03d", r.from)
	}
	return fmt.Sprintf("%03d-%03d", r.from, r.to)
}

// ParseRoute makes the route of a Filter: a pattern stays as it is, a path becomes its normal form.
func ParseRoute(text string) string {
	if strings.Contains(text, "*") {
		return text
	}
	return string(AppendRoute(nil, []byte(text)))
}

// String names all that the filter asks but the window, which reports show by themselves.
func (f *Filter) String() string {
	var words []string
	for _, w := range []struct{ name, value string }{{"db", f.DB}, {"user", f.User}, {"host", f.Host}, {"route", f.Route}} {
		if w.value != "" {
			words = append(words, w.name+" "+w.value)
		}
	}
	if f.Status.asked {
		words = append(words, "status "+f.Status.String())
	}
	if f.MinTime > 0 {
		words = append(words, "min-time "+(time.Duration(f.MinTime)*time.Microsecond).String())
	}
	return strings.Join(words, ", ")
}

// Asked names all that the filter asks as the flags that ask it; empty when it lets in all.
func (f *Filter) Asked() string {
	var words []string
	for _, end := range []struct {
		flag string
		at   int64
	}{{"--since ", f.Window.From}, {"--until ", f.Window.To}} {
		if f.Window != (Window{}) && end.at != collectors.NoTime {
			words = append(words, end.flag+time.UnixMicro(end.at).UTC().Format(time.RFC3339))
		}
	}
	if others := f.String(); others != "" {
		words = append(words, "--"+strings.ReplaceAll(others, ", ", " --"))
	}
	return strings.Join(words, " ")
}

var ownComment = []byte(collectors.OwnComment)

// statement judges all but the schema, which the reader of a part may not know.
func (f *Filter) statement(st *collectors.Statement) bool {
	return st.QueryTime >= f.MinTime && !f.Window.outside(st.End) &&
		(f.User == "" || f.User == string(st.User)) &&
		(f.Host == "" || f.Host == string(st.Host)) &&
		!(f.NotOurs && bytes.HasPrefix(st.SQL, ownComment))
}

// request judges all but the route, which is not yet known.
func (f *Filter) request(req *collectors.Request) bool {
	return (f.MinTime <= 0 || req.RequestTime >= f.MinTime) && !f.Window.outside(req.End) &&
		(!f.Status.asked || req.Status >= f.Status.from && req.Status <= f.Status.to)
}

// see widens the closed span [From, To] to include an instant; the zero span is empty.
func (w *Window) see(at int64) {
	switch {
	case at == collectors.NoTime:
	case *w == (Window{}):
		*w = Window{at, at}
	default:
		w.From, w.To = min(w.From, at), max(w.To, at)
	}
}

func (w Window) outside(at int64) bool {
	if w == (Window{}) {
		return false
	}
	return at == collectors.NoTime || w.From != collectors.NoTime && at < w.From || w.To != collectors.NoTime && at >= w.To
}

// matches reports whether text is what pattern says, in which "*" stands for any text.
func matches(pattern string, text []byte) bool {
	p, t, star, from := 0, 0, -1, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, from = p, t
			p++
		case p < len(pattern) && pattern[p] == text[t]:
			p++
			t++
		case star >= 0:
			from++
			p, t = star+1, from
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}
