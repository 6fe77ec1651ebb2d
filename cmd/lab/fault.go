package main

import (
	"context"
	"fmt"
	"net/http"
)

// A Fault is one thing that goes wrong, and what a diagnosis of it should say. All but the label may
// be left out; the healthy system is the fault that leaves all of it out.
type Fault struct {
	Name  string
	Label Label

	// From the start of the recording.
	World           func(w *World)         // other rates, pools and sizes
	Settings        []string               // lines of my.cnf
	Prepare         func(w World) []string // statements run on the filled tables
	Replica         bool                   // the application reads from a replica, whose host is recorded
	UpstreamOptions string                 // of each server in nginx.conf
	ListenOptions   string                 // of listen there

	// From the onset.
	Routes    func(w World) []Route                             // more requests
	Around    func(c *Call, route Route, do func() error) error // what every request goes through
	AppChange func(a *App, servers []*http.Server)              // done once to the application
	Beside    func(ctx context.Context, s *Stage) error         // runs beside everything until ctx ends
}

// A Label is what a diagnosis of a fault should say.
type Label struct {
	Layer  string
	AlsoOK []string
	// Cause is matched against each of the first three findings, as "RULE title subject advice"; all
	// of its patterns must match in one of them. Words of the world are filled in.
	Cause []string
	// Not is what no advice of a warning or worse may say.
	Not string
}

func (f Fault) routes(w World) []Route {
	if f.Routes == nil {
		return nil
	}
	return f.Routes(w)
}

// faults is the table of what the lab breaks.
var faults = []Fault{
	missingIndex,
	fullPool,
	missingComposite,
	smallBufferPool,
	noPool,
	hotRow,
	slowApp,
	appCPU,
	deadUpstream,
	cpuHog,
	counters,
	cacheable,
	myisam,
	tmpTables,
	maxConnections,
	nPlusOne,
	idleTransaction,
	implicitCast,
	slowClients,
	deepOffset,
	olap,
	replicaLag,
	diskHog,
	healthyModerate,
	healthyQuiet,
	healthyBusy,
}

func findFault(name string) (Fault, error) {
	for _, f := range faults {
		if f.Name == name {
			return f, nil
		}
	}
	return Fault{}, fmt.Errorf("no fault is called %q", name)
}
