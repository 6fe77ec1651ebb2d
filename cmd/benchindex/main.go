// Command benchindex proves the index advice: it takes the indexes that an expert gave away from
// applications, has their statements logged by a real server, lets dbtriage read that log, makes the
// indexes that the report tells to make, and measures how much of what was lost comes back. It is no
// part of the product.
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
	"slices"
	"strings"
	"syscall"
)

// The advisers of the table.
const (
	ours          = "dbtriage"
	expertName    = "expert"
	noneName      = "none"
	perColumnName = "per column"
	equalOnlyName = "equal only"
)

// schemas are the applications, in the order of the table.
var schemas = []*Schema{&shop, &forum, &game, &warehouse, &helpdesk, &sbtest}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var o options
	flag.StringVar(&o.bin, "bin", "bin/dbtriage", "the program whose advice is measured")
	flag.Float64Var(&o.scale, "scale", 1, "rows of the tables, as a share of the full size")
	flag.Uint64Var(&o.seed, "seed", 1, "of data, literals and order")
	flag.StringVar(&o.verbosity, "verbosity", "full", "log_slow_verbosity of the server: what the log tells of plans and pages")
	flag.StringVar(&o.only, "only", "", "only schemas of these names, comma-separated")
	flag.BoolVar(&o.detail, "detail", false, "print each index and the cost of each template too")
	flag.StringVar(&o.keep, "keep", "", "leave the slow logs and dictionaries in this folder")
	flag.Parse()
	all, err := bench(ctx, os.Stdout, o)
	if err != nil {
		fmt.Fprintln(os.Stderr, "benchindex:", err)
		os.Exit(2)
	}
	if failed := judge(all); len(failed) > 0 {
		fmt.Printf("\nthe gate is not reached:\n- %s\n", strings.Join(failed, "\n- "))
		os.Exit(1)
	}
	fmt.Println("\nthe gate is reached")
}

type options struct {
	bin       string
	scale     float64
	seed      uint64
	verbosity string
	only      string
	detail    bool
	keep      string
}

// bench measures the schemas one after the other and prints the table.
func bench(ctx context.Context, w io.Writer, o options) (all []result, err error) {
	bin, err := filepath.Abs(o.bin)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(bin); err != nil {
		return nil, fmt.Errorf("%w; make build makes it", err)
	}
	for _, p := range programs {
		if _, err := exec.LookPath(p); err != nil {
			return nil, fmt.Errorf("%w; on Debian: make deps", err)
		}
	}
	o.bin = bin
	dir, err := os.MkdirTemp("/tmp", "dbti") // the path of a socket must be short
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	s, err := startServer(ctx, dir, o.verbosity)
	if err != nil {
		return nil, err
	}
	defer s.stop()
	for _, schema := range schemas {
		if o.only != "" && !slices.Contains(strings.Split(o.only, ","), schema.Name) {
			continue
		}
		results, err := benchSchema(ctx, s, schema, o, w)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", schema.Name, err)
		}
		all = append(all, results...)
	}
	if len(all) == 0 {
		return nil, errors.New("no schema is named " + o.only)
	}
	print(w, all)
	return all, nil
}

// benchSchema loads a schema, has its workload logged, and measures each set of indexes.
func benchSchema(ctx context.Context, s *server, schema *Schema, o options, w io.Writer) (out []result, err error) {
	c, err := s.db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	if err := load(ctx, c, schema, o.scale, o.seed); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, run(context.WithoutCancel(ctx), c, "DROP DATABASE "+schema.Name)) }()
	if err := analyzeTables(ctx, c, schema); err != nil {
		return nil, err
	}
	slow, err := workload(ctx, s, schema, o.scale, o.seed)
	if err != nil {
		return nil, err
	}
	files, err := dictionary(ctx, c, schema, s.dir)
	if err != nil {
		return nil, err
	}
	files = append([]string{slow}, files...)
	if o.keep != "" {
		if err := keep(o.keep, files); err != nil {
			return nil, err
		}
	}
	advice, seconds, err := advise(ctx, o.bin, files...)
	if err != nil {
		return nil, err
	}
	var byExpert []string
	for i, x := range schema.Expert {
		byExpert = append(byExpert, statement(x, i))
	}
	sets := []struct {
		name string
		ddl  []string
	}{{noneName, nil}, {expertName, byExpert}, {ours, advice}, {perColumnName, perColumn(schema)}, {equalOnlyName, equalOnly(schema)}}
	var came []measured
	for _, set := range sets {
		m, err := measure(ctx, s, schema, set.ddl, o.scale, o.seed)
		if err != nil {
			return nil, fmt.Errorf("indexes of %s: %w", set.name, err)
		}
		came = append(came, m)
	}
	for i, set := range sets {
		r := score(schema, set.name, came[i], came[0], came[1])
		if r.DDL = set.ddl; set.name == ours {
			r.AdviserSeconds = seconds
		}
		out = append(out, r)
	}
	if o.detail {
		detail(w, schema, out)
	}
	return out, nil
}

// keep copies files into a folder.
func keep(dir string, files []string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(file)), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// detail writes the indexes and what each template costs with each set of them.
func detail(w io.Writer, schema *Schema, all []result) {
	for _, r := range all {
		if r.Adviser == ours {
			fmt.Fprintf(w, "%s\n  %s\n", schema.Name, strings.Join(r.DDL, "\n  "))
		}
	}
	for _, r := range all {
		fmt.Fprintf(w, "%12s", r.Adviser)
	}
	fmt.Fprintln(w, "  pages")
	for i, t := range schema.Templates {
		for _, r := range all {
			fmt.Fprintf(w, "%12.1f", r.Costs[i].Pages)
		}
		fmt.Fprintf(w, "  %d × %s\n", t.Calls, t.SQL)
	}
	fmt.Fprintln(w)
}
