package session

import (
	"fmt"

	"dbtriage/analyzers"
	"dbtriage/collectors"
)

// A likeness is what two logs have in common when one is a copy of the other, packed or under another name.
type likeness struct {
	role                                  string
	bytes, events, from, to, tookUS, sent int64
}

// copies are the logs that were read, by their likeness.
type copies map[likeness]string

// warn adds a warning to a source whose log was read before under another name.
func (c copies) warn(src *collectors.Source, d *analyzers.Digest) {
	if src.Events == 0 {
		return
	}
	is := likeness{
		role: src.Role, bytes: src.Bytes, events: src.Events, from: src.From, to: src.To,
		tookUS: d.Statements.TimeUS + d.Web.Time.Sum + d.App.Time.Sum, sent: d.Statements.BytesSent + d.Web.BytesSent,
	}
	if first, ok := c[is]; ok {
		src.Warnings = append(src.Warnings, fmt.Sprintf("it is a copy of %s: what both hold is counted twice; name one of them", first))
		return
	}
	c[is] = src.Path
}
