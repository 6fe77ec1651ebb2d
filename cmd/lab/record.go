package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"time"
)

// A Recorder keeps what someone on call would have of an incident: logs, sar, and what pt-stalk
// collects of a server.
type Recorder struct {
	stage   *Stage
	out     string
	prefix  string // of the files of one capture
	zone    *time.Location
	step    time.Duration // between two lists
	sar     *process
	polling []*process
}

const sadc = "/usr/lib/sysstat/sadc"

// record starts the recorders that run by themselves.
func (s *Stage) record(out string) (*Recorder, error) {
	if err := os.MkdirAll(filepath.Join(out, "stalk"), 0o755); err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation(s.World.Zone)
	if err != nil {
		return nil, err
	}
	r := &Recorder{stage: s, out: out, zone: zone, prefix: s.Plan.Start.In(zone).Format("2006_01_02_15_04_05") + "-", step: 5 * time.Second}
	if !s.World.Stamped {
		r.step = time.Second
	}
	if err := r.client("variables", "-e", "SHOW GLOBAL VARIABLES"); err != nil {
		return nil, err
	}
	if r.sar, err = s.procs.Start("sadc", nil, sadc, "-S", "XALL", "1", filepath.Join(s.Plan.Dir, "sar.data")); err != nil {
		return nil, err
	}
	for _, p := range []struct {
		file, program string
		args          []string
	}{
		{"mysqladmin", "mysqladmin", []string{"--no-defaults", "-uroot", "-S", s.DB.Socket, "ext", "-i1"}},
		{"top", "top", []string{"-b", "-d", "5", "-w", "160"}},
	} {
		file, err := os.Create(r.stalk(p.file))
		if err != nil {
			return nil, err
		}
		proc, err := s.procs.Start(p.file, file, p.program, p.args...)
		file.Close()
		if err != nil {
			return nil, err
		}
		r.polling = append(r.polling, proc)
	}
	return r, s.DB.Run("SET GLOBAL slow_query_log=ON")
}

func (r *Recorder) stalk(name string) string { return filepath.Join(r.out, "stalk", r.prefix+name) }

// run asks the server for its lists, step by step, until the incident ends.
func (r *Recorder) run(ctx context.Context) error {
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-r.stage.DB.proc.done:
			return fmt.Errorf("the database ended: %v", r.stage.DB.proc.err)
		case <-time.After(time.Until(r.stage.Plan.Start.Add(time.Duration(n) * r.step))):
		}
		if time.Now().After(r.stage.Plan.End) {
			return nil
		}
		for _, q := range lists() {
			if q.replica && r.stage.Primary == nil {
				continue
			}
			if err := r.client(q.file, "-E", "-e", q.sql); err != nil {
				return err
			}
		}
		if err := r.stampedOutput("df", "df", "-k"); err != nil {
			return err
		}
		if every := int(10 * time.Second / r.step); n%every == 0 {
			if err := r.client(fmt.Sprintf("innodbstatus%d", n/every+1), "-E", "-e", "SHOW ENGINE INNODB STATUS"); err != nil {
				return err
			}
		}
	}
}

type list struct {
	file, sql string
	replica   bool // asked of replicas only
}

// lists are what is asked for again and again.
func lists() []list {
	m := maker()
	return []list{
		{"processlist", "SHOW FULL PROCESSLIST", false},
		{"transactions", m.transactions, false},
		{"lock-waits", m.whoBlocks + "; " + m.lockWaits, false},
		{"slave-status", m.replicaStatus, true},
	}
}

// client appends what the mysql client prints to a file of the capture, under a stamp where pt-stalk
// of this world writes one.
func (r *Recorder) client(name string, args ...string) error {
	stamp := ""
	if slices.ContainsFunc(lists(), func(l list) bool { return l.file == name }) && r.stage.World.Stamped {
		stamp = r.stamp()
	}
	return r.append(name, stamp, maker().client, append([]string{"--no-defaults", "-uroot", "-S", r.stage.DB.Socket}, args...)...)
}

// stampedOutput appends what a program prints under a stamp.
func (r *Recorder) stampedOutput(name, program string, args ...string) error {
	return r.append(name, r.stamp(), program, args...)
}

func (r *Recorder) stamp() string {
	now := time.Now().In(r.zone)
	return fmt.Sprintf("TS %d.%09d %s\n", now.Unix(), now.Nanosecond(), now.Format(time.DateTime))
}

func (r *Recorder) append(name, stamp, program string, args ...string) error {
	cmd := exec.Command(program, args...)
	cmd.SysProcAttr = ownGroup()
	cmd.Env = environment(r.stage.World.Zone)
	var text, complaint bytes.Buffer
	text.WriteString(stamp)
	cmd.Stdout, cmd.Stderr = &text, &complaint
	// A server that is full refuses its own observers too: then there is a stamp and nothing else.
	if err := cmd.Run(); err != nil && !bytes.Contains(complaint.Bytes(), []byte("Too many connections")) {
		return fmt.Errorf("%s: %w: %s", name, err, lastLine(complaint.Bytes()))
	}
	file, err := os.OpenFile(r.stalk(name), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = file.Write(text.Bytes())
	return errors.Join(err, file.Close())
}

// finish ends the recorders and gathers the files.
func (r *Recorder) finish() error {
	s := r.stage
	for _, p := range r.polling {
		p.Stop(syscall.SIGTERM)
	}
	r.sar.Stop(syscall.SIGINT)
	if err := s.DB.Run("SET GLOBAL slow_query_log=OFF"); err != nil {
		return err
	}
	sar, err := os.Create(filepath.Join(r.out, "sar.json"))
	if err != nil {
		return err
	}
	defer sar.Close()
	if err := output(sar, "sadf", "-j", filepath.Join(s.Plan.Dir, "sar.data"), "--", "-u", "ALL", "-q", "ALL", "-r", "-S", "-W", "-B", "-b", "-d", "-n", "DEV", "-w"); err != nil {
		return err
	}
	schema, err := os.Create(filepath.Join(r.out, "schema.sql"))
	if err != nil {
		return err
	}
	defer schema.Close()
	if err := output(schema, maker().dump, "--no-defaults", "-uroot", "-S", s.DB.Socket, "--no-data", "--databases", s.World.Words.Schema); err != nil {
		return err
	}
	for file, query := range map[string]string{
		"table-stats.tsv": "SELECT TABLE_SCHEMA, TABLE_NAME, ENGINE, ROW_FORMAT, TABLE_ROWS, AVG_ROW_LENGTH, DATA_LENGTH, INDEX_LENGTH, DATA_FREE, AUTO_INCREMENT FROM information_schema.TABLES WHERE TABLE_SCHEMA = '" + s.World.Words.Schema + "'",
		"index-stats.tsv": "SELECT TABLE_SCHEMA, TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX, COLUMN_NAME, NON_UNIQUE, CARDINALITY, INDEX_TYPE FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = '" + s.World.Words.Schema + "'",
	} {
		f, err := os.Create(filepath.Join(r.out, file))
		if err != nil {
			return err
		}
		err = output(f, maker().client, "--no-defaults", "-uroot", "-S", s.DB.Socket, "-B", "-e", query)
		if err := errors.Join(err, f.Close()); err != nil {
			return err
		}
	}
	for _, name := range []string{"slow.log", "access.log", "nginx.conf", "nginx-error.log", "my.cnf", "mysqld.err", "app.log"} {
		if err := copyFile(filepath.Join(s.Plan.Dir, name), filepath.Join(r.out, name)); err != nil {
			return err
		}
	}
	return nil
}

func output(to io.Writer, program string, args ...string) error {
	cmd := exec.Command(program, args...)
	var complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = to, &complaint
	cmd.SysProcAttr = ownGroup()
	cmd.Env = environment("UTC") // sadf -j gives times in UTC unless asked otherwise
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w: %s", program, err, lastLine(complaint.Bytes()))
	}
	return nil
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
