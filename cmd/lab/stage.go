package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// A Stage is an incident that runs: its servers, its application and its users.
type Stage struct {
	Plan  Plan
	World World
	Fault Fault
	DB    *Database // which is recorded
	// Primary is what DB replicates; nil when it is no replica.
	Primary *Database
	procs   Processes
	exe     string // this program, which is also the application and the users
}

// Terms are how long the parts of an incident last, and how it stands to the host's other work.
type Terms struct {
	Nice           int // of all processes of the incident
	Healthy, Fault time.Duration
}

// lastAnswers is how long after the end the users' last requests may take.
const lastAnswers = 6 * time.Second

// perform runs one incident in dir, whose data is a copy of template, and records it in out. It returns
// how many cores others than the incident used meanwhile.
func perform(ctx context.Context, f Fault, p Plan, t Terms, template, out string) (others float64, err error) {
	s := &Stage{Plan: p, World: p.World(f), Fault: f}
	s.procs.Nice, s.procs.Zone = t.Nice, s.World.Zone
	if s.exe, err = os.Executable(); err != nil {
		return 0, err
	}
	defer s.procs.StopAll()
	if err := s.start(ctx, template); err != nil {
		return 0, err
	}
	defer s.DB.Admin.Close()
	if s.Primary != nil {
		defer s.Primary.Admin.Close()
	}

	s.Plan.Start = time.Now().Add(1500 * time.Millisecond)
	s.Plan.Onset = s.Plan.Start.Add(t.Healthy)
	s.Plan.End = s.Plan.Onset.Add(t.Fault)
	plan := filepath.Join(p.Dir, "plan.json")
	if err := s.Plan.write(plan); err != nil {
		return 0, err
	}
	app, err := s.self(s.World.Service, "app", plan)
	if err != nil {
		return 0, err
	}
	for _, port := range p.AppPorts {
		if err := app.wait(10*time.Second, dial(port)); err != nil {
			return 0, err
		}
	}
	load, err := s.self("users", "load", plan)
	if err != nil {
		return 0, err
	}
	r, err := s.record(out)
	if err != nil {
		return 0, err
	}
	besides, quit := context.WithDeadline(ctx, s.Plan.End)
	defer quit()
	beside := make(chan error, 1)
	go func() { beside <- s.beside(besides) }()

	before := s.meter()
	if err := r.run(ctx); err != nil {
		return 0, err
	}
	others = s.meter().others(before)
	quit()
	if err := <-beside; err != nil && !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, context.Canceled) {
		return 0, fmt.Errorf("%s: %w", f.Name, err)
	}
	select {
	case <-load.done:
	case <-time.After(lastAnswers): // who still waits is sent home
	}
	load.Stop(syscall.SIGTERM)
	app.Stop(syscall.SIGTERM)
	return others, r.finish()
}

// start brings up the servers and warms them.
func (s *Stage) start(ctx context.Context, template string) (err error) {
	dir := s.Plan.Dir
	if err := copyData(template, dir); err != nil {
		return err
	}
	if s.Fault.Replica {
		if err := s.startPrimary(template); err != nil {
			return err
		}
	}
	if s.DB, err = startDatabase(&s.procs, s.World, dir, append([]string{"server_id=2"}, s.Fault.Settings...)); err != nil {
		return err
	}
	s.Plan.DBPort = s.DB.Port
	prepared := s.DB
	if s.Primary != nil {
		prepared = s.Primary
	}
	if s.Fault.Prepare != nil {
		if err := prepared.Run(s.words("USE {schema}", s.Fault.Prepare(s.World)...)...); err != nil {
			return err
		}
	}
	if s.Primary != nil {
		if err := s.DB.follow(s.Primary); err != nil {
			return err
		}
	}
	// What the application reads is in memory before anything is recorded.
	if err := s.DB.Run(s.words("USE {schema}", "CHECK TABLE {people}, {items}, {records}, {totals}, {journal}")...); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return startNginx(&s.procs, s.World, s.Fault, dir, s.Plan.WebPort, s.Plan.AppPorts)
}

// startPrimary starts the server that the recorded one replicates; both begin with the same data.
func (s *Stage) startPrimary(template string) (err error) {
	dir := filepath.Join(s.Plan.Dir, "primary")
	if err := copyData(template, dir); err != nil {
		return err
	}
	s.Primary, err = startDatabase(&s.procs, s.World, dir, append([]string{"server_id=1", "log_bin=" + filepath.Join(dir, "data", "bin")}, s.Fault.Settings...))
	if err != nil {
		return err
	}
	s.Plan.PrimaryPort = s.Primary.Port
	return s.Primary.Run("CREATE USER repl@'127.0.0.1'", "GRANT REPLICATION SLAVE ON *.* TO repl@'127.0.0.1'")
}

// words fills the world's words into statements.
func (s *Stage) words(first string, more ...string) []string {
	out := []string{s.World.SQL(first)}
	for _, stmt := range more {
		out = append(out, s.World.SQL(stmt))
	}
	return out
}

func (s *Stage) beside(ctx context.Context) error {
	if s.Fault.Beside == nil {
		return nil
	}
	select {
	case <-ctx.Done():
		return nil
	case <-time.After(time.Until(s.Plan.Onset)):
	}
	return s.Fault.Beside(ctx, s)
}

// self starts this program under another name, as top and ps will show it.
func (s *Stage) self(name string, args ...string) (*process, error) {
	link := filepath.Join(s.Plan.Dir, name)
	if err := os.Symlink(s.exe, link); err != nil && !errors.Is(err, os.ErrExist) {
		return nil, err
	}
	log, err := os.OpenFile(filepath.Join(s.Plan.Dir, "app.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	return s.procs.Start(name, log, link, append([]string{"-as"}, args...)...)
}

// Role runs one of the roles of this program beside the incident until ctx ends.
func (s *Stage) Role(ctx context.Context, name, role string) error {
	proc, err := s.self(name, role, s.Plan.Dir)
	if err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		proc.Stop(syscall.SIGTERM)
		return nil
	case <-proc.done:
		return fmt.Errorf("%s ended early: %v", name, proc.err)
	}
}

// AppConn is a connection of the application's user that its pool does not know.
func (s *Stage) AppConn(ctx context.Context) (*sql.Conn, error) {
	db, err := sql.Open("mysql", fmt.Sprintf("app@tcp(127.0.0.1:%d)/%s?interpolateParams=true", s.Plan.DBPort, s.World.Words.Schema))
	if err != nil {
		return nil, err
	}
	return db.Conn(ctx)
}

func dial(port int) func() error {
	return func() error {
		c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			c.Close()
		}
		return err
	}
}
