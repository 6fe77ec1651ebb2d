package rules

// A Truth is a value of Kleene's three-valued logic. The zero value is Unknown.
type Truth int8

// The truth values, ordered so that And is the minimum.
const (
	False   Truth = -1
	Unknown Truth = 0
	True    Truth = 1
)

// And is false if either is false, else unknown if either is unknown.
func (t Truth) And(o Truth) Truth { return min(t, o) }

// Not leaves unknown unknown.
func (t Truth) Not() Truth { return -t }

// String returns "true", "false" or "unknown".
func (t Truth) String() string { return [...]string{"false", "unknown", "true"}[t+1] }

func truthOf(b bool) Truth {
	if b {
		return True
	}
	return False
}
