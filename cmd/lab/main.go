// Command lab breaks a small web application on purpose and holds the diagnosis against what was
// broken. Each incident has a private MariaDB, an Nginx, an application and its users, with names,
// sizes and rates made from a seed; about ten healthy seconds are followed by the fault. All that
// someone on call would have is recorded and diagnosed as dbtriage analyze would.
//
//	lab [-only NAMES] [-times N] [-seed S] [-keep DIR] [-healthy 10s] [-fault 28s] [-nice N]
//	lab -judge DIR [-without FILES] [-fault-only]     judge again what -keep has kept, or a part of it
//
// Everything is on 127.0.0.1 and in a temporary folder, and ends with the lab.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "lab: error:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out, log io.Writer) error {
	quiet()
	if len(args) == 3 && args[0] == "-as" {
		return runAs(ctx, args[1], args[2])
	}
	flags := flag.NewFlagSet("lab", flag.ContinueOnError)
	flags.SetOutput(log)
	only := flags.String("only", "", "run only these faults, parted by commas")
	times := flags.Int("times", 3, "how often each fault runs, each time with another seed")
	seed := flags.Uint64("seed", 1, "seed of the first run")
	keep := flags.String("keep", "", "keep the recorded incidents in this folder")
	again := flags.String("judge", "", "run nothing; judge the incidents that -keep left in this folder")
	without := flags.String("without", "", "with -judge: leave out files of these names, parted by commas, as slow.log,sar.json,*-top")
	cut := Cut{}
	flags.BoolVar(&cut.FaultOnly, "fault-only", false, "with -judge: leave out the time before the fault")
	span := Terms{}
	flags.DurationVar(&span.Healthy, "healthy", 10*time.Second, "time before the fault")
	flags.DurationVar(&span.Fault, "fault", 28*time.Second, "time of the fault")
	flags.IntVar(&span.Nice, "nice", 0, "niceness of all that an incident starts; below 0 it holds its own beside strangers")
	if err := flags.Parse(args); err != nil {
		return err
	}
	chosen, err := choose(*only)
	if err != nil {
		return err
	}
	if *again != "" {
		if *without != "" {
			cut.Files = strings.Split(*without, ",")
		}
		return judgeAgain(ctx, *again, cut, chosen, out)
	}
	if missing := missingPrograms(); len(missing) > 0 {
		return fmt.Errorf("the lab needs %s; on Debian: make deps", strings.Join(missing, ", "))
	}
	lab, err := NewLab(*keep, 1, span, log)
	if err != nil {
		return err
	}
	defer lab.Close()
	var results []Result
	var failed []error
	for n := range *times {
		for _, f := range chosen {
			res, err := lab.Run(ctx, f, *seed+uint64(n))
			if ctx.Err() != nil {
				summary(out, results)
				return ctx.Err()
			}
			if err != nil { // the others are worth having
				err = fmt.Errorf("%s with seed %d: %w", f.Name, *seed+uint64(n), err)
				fmt.Fprintln(log, "lab: error:", err)
				failed = append(failed, err)
				continue
			}
			res.print(out)
			results = append(results, res)
		}
	}
	summary(out, results)
	return errors.Join(failed...)
}

// runAs makes this process one of the incident's: its application, its users, or the trouble.
func runAs(ctx context.Context, role, arg string) error {
	switch role {
	case "burn":
		burn(ctx)
		return nil
	case "write":
		return writeDisk(ctx, arg)
	}
	p, err := readPlan(arg)
	if err != nil {
		return err
	}
	switch role {
	case "app":
		return runApp(ctx, p)
	case "load":
		return runLoad(ctx, p)
	}
	return fmt.Errorf("no role is called %q", role)
}

func choose(names string) ([]Fault, error) {
	if names == "" {
		return faults, nil
	}
	var chosen []Fault
	for name := range strings.SplitSeq(names, ",") {
		f, err := findFault(name)
		if err != nil {
			return nil, err
		}
		chosen = append(chosen, f)
	}
	return chosen, nil
}

func missingPrograms() []string {
	var missing []string
	for _, program := range []string{maker().program, nginx(), maker().installer, maker().client, "mysqladmin", maker().dump, sadc, "sadf", "top"} {
		if _, err := exec.LookPath(program); err != nil {
			missing = append(missing, filepath.Base(program))
		}
	}
	return missing
}

// judgeAgain judges kept incidents, or what a cut leaves of them, with the rules as they are now.
func judgeAgain(ctx context.Context, dir string, cut Cut, chosen []Fault, out io.Writer) error {
	plans, err := filepath.Glob(filepath.Join(dir, "*", "plan.json"))
	if err != nil {
		return err
	}
	if len(plans) == 0 {
		return errors.New("no incidents there; -keep leaves them")
	}
	var results []Result
	for _, path := range plans {
		p, err := readPlan(path)
		if err != nil {
			return err
		}
		for _, f := range chosen {
			if f.Name != p.Fault {
				continue
			}
			res, err := judge(ctx, f, p, filepath.Dir(path), cut)
			if err != nil {
				return err
			}
			res.print(out)
			results = append(results, res)
		}
	}
	summary(out, results)
	return nil
}
