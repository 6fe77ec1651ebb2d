package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// A Lab runs incidents, one at a time.
type Lab struct {
	dir    string // temporary: all servers and their data
	keep   string // where recorded incidents stay; empty when they do not
	scale  float64
	span   Terms
	log    io.Writer
	worlds map[uint64]string // data of a world, by seed
}

// NewLab makes a lab whose tables are scaled by scale.
func NewLab(keep string, scale float64, span Terms, log io.Writer) (*Lab, error) {
	dir, err := os.MkdirTemp("", "dbtriage-lab-")
	if err != nil {
		return nil, err
	}
	return &Lab{dir: dir, keep: keep, scale: scale, span: span, log: log, worlds: map[uint64]string{}}, nil
}

// Close removes all that the lab has not been told to keep.
func (l *Lab) Close() error { return os.RemoveAll(l.dir) }

// Run performs one fault in the world of a seed and judges what was recorded.
func (l *Lab) Run(ctx context.Context, f Fault, seed uint64) (Result, error) {
	fmt.Fprintf(l.log, "%s seed %d: ", f.Name, seed)
	begun := time.Now()
	template, err := l.world(seed)
	if err != nil {
		return Result{}, err
	}
	name := fmt.Sprintf("%s-%d", f.Name, seed)
	p := Plan{Fault: f.Name, Seed: seed, Scale: l.scale, Dir: filepath.Join(l.dir, name), AppPorts: make([]int, 2)}
	for _, port := range []*int{&p.WebPort, &p.AppPorts[0], &p.AppPorts[1]} {
		if *port, err = freePort(); err != nil {
			return Result{}, err
		}
	}
	defer os.RemoveAll(p.Dir)
	out := filepath.Join(l.dir, name+".recorded")
	if l.keep != "" {
		out = filepath.Join(l.keep, name)
		if err := os.RemoveAll(out); err != nil {
			return Result{}, err
		}
	} else {
		defer os.RemoveAll(out)
	}
	if err := os.MkdirAll(p.Dir, 0o755); err != nil {
		return Result{}, err
	}
	others, err := perform(ctx, f, p, l.span, template, out)
	if err != nil {
		return Result{}, err
	}
	if p, err = readPlan(filepath.Join(p.Dir, "plan.json")); err != nil { // with its times and ports
		return Result{}, err
	}
	p.Others = others
	if err := p.write(filepath.Join(out, "plan.json")); err != nil {
		return Result{}, err
	}
	res, err := judge(ctx, f, p, out, Cut{})
	fmt.Fprintf(l.log, "%.0f s, others took %.1f cores\n", time.Since(begun).Seconds(), others)
	return res, err
}

// world returns the data of a world, made when first asked for. The lab keeps few.
func (l *Lab) world(seed uint64) (string, error) {
	if dir, ok := l.worlds[seed]; ok {
		return dir, nil
	}
	for old, dir := range l.worlds {
		os.RemoveAll(dir)
		delete(l.worlds, old)
	}
	dir := filepath.Join(l.dir, fmt.Sprintf("world-%d", seed))
	if err := install(NewWorld(seed, l.scale), dir); err != nil {
		return "", fmt.Errorf("making the world of seed %d: %w", seed, err)
	}
	l.worlds[seed] = dir
	return dir, nil
}

// print tells how a diagnosis went.
func (res Result) print(out io.Writer) {
	state := "ok   "
	if len(res.Complaints) > 0 {
		state = "WRONG"
	}
	fmt.Fprintf(out, "%s %s seed %d: %s %.2f, %s\n", state, res.Fault, res.Seed, res.Verdict.Layer, res.Verdict.Confidence, res.Verdict.Summary)
	for _, c := range res.Complaints {
		fmt.Fprintf(out, "      - %s\n", c)
	}
	for i, line := range res.First {
		fmt.Fprintf(out, "      %d. %s\n", i+1, line)
	}
}
