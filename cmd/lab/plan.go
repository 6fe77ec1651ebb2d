package main

import (
	"encoding/json"
	"os"
	"time"
)

// A Plan is all that the processes of one incident must agree on.
type Plan struct {
	Fault string
	Seed  uint64
	Scale float64 // of the tables
	Dir   string

	Start, Onset, End time.Time

	WebPort  int
	AppPorts []int
	DBPort   int
	// PrimaryPort is where the application writes when DBPort is a replica; 0 when there is none.
	PrimaryPort int

	// Others is how many cores strangers used meanwhile, known at the end; negative when it is not.
	Others float64
}

// World is the plan's world with what its fault makes different from the start.
func (p Plan) World(f Fault) World {
	w := NewWorld(p.Seed, p.Scale)
	if f.World != nil {
		f.World(&w)
	}
	return w
}

func (p Plan) write(path string) error {
	text, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o644)
}

func readPlan(path string) (Plan, error) {
	var p Plan
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, &p)
	}
	return p, err
}
