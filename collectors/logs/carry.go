package logs

import "dbtriage/collectors"

// A Carry is where the reading of an input stands between two scans of it, and what its next record
// inherits. The zero value is the beginning of the input.
type Carry struct {
	Offset int64 `json:"offset"` // of the first byte that is still to be consumed
	// Lines counts the lines before it; -1 when unknown.
	Lines int64 `json:"lines"`
	// Time is of the record before it, when HasTime.
	Time    int64  `json:"time,omitempty"`
	HasTime bool   `json:"has_time,omitempty"`
	Schema  string `json:"schema,omitempty"`
	// SchemaUnknown says that reading began somewhere inside a slow log, and no schema was named since.
	SchemaUnknown bool `json:"schema_unknown,omitempty"`
	// Torn says that the offset lies in a record too long to hold.
	Torn bool `json:"torn,omitempty"`
}

func (c *Carry) state() slowState {
	s := slowState{time: collectors.NoTime, timeKnown: true, schema: []byte(c.Schema), schemaKnown: !c.SchemaUnknown}
	if c.HasTime {
		s.time = c.Time
	}
	return s
}

func (s *scanner[P]) carry() Carry {
	c := Carry{Offset: s.chunks.base - int64(len(s.rest)), Lines: s.lines, Torn: s.chunks.torn}
	if s.reader != nil {
		c.Schema, c.SchemaUnknown = string(s.state.schema), !s.state.schemaKnown
		if c.HasTime = s.state.time != collectors.NoTime; c.HasTime {
			c.Time = s.state.time
		}
	}
	return c
}
