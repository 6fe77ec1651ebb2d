package session

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"dbtriage/collectors"
)

// An Offset is what is added to the times of a source: a file by its path or name, or every log of a
// role (web, app, db or host).
type Offset struct {
	Source string
	By     time.Duration
}

// ParseOffset reads SOURCE=±DURATION, such as db=-3s.
func ParseOffset(s string) (Offset, error) {
	source, by, ok := strings.Cut(s, "=")
	d, err := time.ParseDuration(by)
	if !ok || source == "" || err != nil {
		return Offset{}, fmt.Errorf("%q is no offset such as db=-3s or slow.log=+1h", s)
	}
	return Offset{source, d}, nil
}

// Roles are the roles that a user may give a log or name in an offset.
var Roles = []string{"web", "app", "db"}

// Fits reports whether an offset names one of the inputs, or a role, of which only reading says whether
// there is one. Standard input may be any role's.
func (o Offset) Fits(inputs []Input) bool {
	return slices.Contains(Roles, o.Source) || o.Source == "host" || slices.ContainsFunc(inputs, func(in Input) bool {
		return o.Source == in.Path || o.Source == filepath.Base(in.Path)
	})
}

// shiftOf returns the microseconds to add to the times of a source.
func shiftOf(offsets []Offset, path, role string) (us int64) {
	for _, o := range offsets {
		if o.Source == path || o.Source == filepath.Base(path) || o.Source == role {
			us += o.By.Microseconds()
		}
	}
	return us
}

// shifted moves an instant, if it is known.
func shifted(at, by int64) int64 {
	if at == collectors.NoTime {
		return at
	}
	return at + by
}
