package main

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"sync/atomic"
	"time"
)

// An App is the application of an incident: an HTTP server on two ports with one pool of database
// connections. It runs in a process of its own.
type App struct {
	Plan  Plan
	World World
	Fault Fault
	DB    *sql.DB
	// Primary is where it writes: the same, or what DB is a replica of.
	Primary *sql.DB
}

// A Call is one request that the application answers.
type Call struct {
	*App
	Context context.Context
	Dice    *rand.Rand
	request *http.Request
	out     *bufio.Writer
	tx      *sql.Tx
	conn    *sql.Conn
	serial  int64
}

// ID is the {id} of the path.
func (c *Call) ID() int64 {
	n, _ := strconv.ParseInt(c.Value("id"), 10, 64)
	return n
}

// Value is a part of the path.
func (c *Call) Value(name string) string { return c.request.PathValue(name) }

// Faulty reports whether the fault has begun.
func (c *Call) Faulty() bool { return !time.Now().Before(c.Plan.Onset) }

// querier is what runs a statement: the pool, a connection or a transaction.
func (c *Call) querier() interface {
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
	ExecContext(context.Context, string, ...any) (sql.Result, error)
} {
	switch {
	case c.tx != nil:
		return c.tx
	case c.conn != nil:
		return c.conn
	}
	return c.DB
}

// Rows runs a query and writes its rows to the client.
func (c *Call) Rows(query string, args ...any) error {
	_, err := c.Column(query, args...)
	return err
}

// Column is Rows, and returns the numbers of the first column.
func (c *Call) Column(query string, args ...any) ([]int64, error) {
	rows, err := c.querier().QueryContext(c.Context, c.World.SQL(query), args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	cells, into := make([]sql.RawBytes, len(names)), make([]any, len(names))
	for i := range cells {
		into[i] = &cells[i]
	}
	var first []int64
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		for _, cell := range cells {
			c.out.Write(cell)
			c.out.WriteByte('\t')
		}
		c.out.WriteByte('\n')
		if n, err := strconv.ParseInt(string(cells[0]), 10, 64); err == nil {
			first = append(first, n)
		}
	}
	return first, rows.Err()
}

// Exec runs a statement that changes something.
func (c *Call) Exec(query string, args ...any) error {
	if c.tx == nil && c.conn == nil {
		_, err := c.Primary.ExecContext(c.Context, c.World.SQL(query), args...)
		return err
	}
	_, err := c.querier().ExecContext(c.Context, c.World.SQL(query), args...)
	return err
}

// Insert adds a record for the item of the path.
func (c *Call) Insert() error {
	w := c.World
	return c.Exec("INSERT INTO {records} ({person}, {item}, {code}, {state}, {amount}, {due}, {created}, {note}) VALUES (?, ?, ?, ?, ?, NOW(), NOW(), ?)",
		1+c.Dice.Int64N(w.Rows.People), 1+c.Dice.Int64N(w.Rows.Items), strconv.FormatInt(900_000_000_000+c.serial, 10), w.States[0], c.Dice.IntN(9000), "as agreed")
}

// Tx runs do in a transaction.
func (c *Call) Tx(do func() error) error {
	tx, err := c.Primary.BeginTx(c.Context, nil)
	if err != nil {
		return err
	}
	c.tx = tx
	defer func() { c.tx = nil }()
	if err := do(); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

// Hold runs do with a connection that nothing else can use meanwhile.
func (c *Call) Hold(do func() error) error {
	conn, err := c.DB.Conn(c.Context)
	if err != nil {
		return err
	}
	defer conn.Close()
	c.conn = conn
	defer func() { c.conn = nil }()
	return do()
}

// Wait is time in which the application waits for something that is not in our logs.
func (c *Call) Wait(from, to time.Duration) error {
	select {
	case <-c.Context.Done():
		return c.Context.Err()
	case <-time.After(from + time.Duration(c.Dice.Int64N(int64(to-from)+1))):
		return nil
	}
}

// runApp is the process of the application; it ends with ctx.
func runApp(ctx context.Context, p Plan) error {
	f, err := findFault(p.Fault)
	if err != nil {
		return err
	}
	a := &App{Plan: p, World: p.World(f), Fault: f}
	if a.DB, err = a.connect(p.DBPort); err != nil {
		return err
	}
	defer a.DB.Close()
	a.Primary = a.DB
	if p.PrimaryPort != 0 {
		if a.Primary, err = a.connect(p.PrimaryPort); err != nil {
			return err
		}
		defer a.Primary.Close()
	}

	mux := http.NewServeMux()
	var serial atomic.Int64
	for _, route := range append(healthy(a.World), f.routes(a.World)...) {
		mux.HandleFunc(route.Method+" "+route.Path, func(w http.ResponseWriter, r *http.Request) {
			n := serial.Add(1)
			c := &Call{
				App: a, Context: r.Context(), Dice: rand.New(rand.NewPCG(p.Seed, uint64(n))), request: r,
				out: bufio.NewWriterSize(w, 64<<10), serial: n,
			}
			if err := a.serve(c, route); err != nil {
				fmt.Fprintln(os.Stderr, time.Now().UTC().Format(time.RFC3339Nano), r.Method, r.URL.Path, err)
				http.Error(w, "error", http.StatusInternalServerError)
				return
			}
			c.out.Flush()
		})
	}
	servers := make([]*http.Server, len(p.AppPorts))
	failed := make(chan error, len(servers))
	for i, port := range p.AppPorts {
		servers[i] = &http.Server{Addr: fmt.Sprintf("127.0.0.1:%d", port), Handler: mux}
		go func() {
			if err := servers[i].ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
				failed <- err
			}
		}()
	}
	if f.AppChange != nil {
		time.AfterFunc(time.Until(p.Onset), func() { f.AppChange(a, servers) })
	}
	select {
	case <-ctx.Done():
	case err := <-failed:
		return err
	}
	for _, s := range servers {
		s.Close()
	}
	return nil
}

// connect makes a pool for the server at a port.
func (a *App) connect(port int) (*sql.DB, error) {
	db, err := sql.Open("mysql", fmt.Sprintf("app@tcp(127.0.0.1:%d)/%s?interpolateParams=%t", port, a.World.Words.Schema, !a.World.Prepared))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(a.World.Pool)
	db.SetMaxIdleConns(a.World.Pool)
	return db, nil
}

// serve answers a call; a fault may stand around every route.
func (a *App) serve(c *Call, route Route) error {
	do := func() error { return route.Serve(c) }
	if a.Fault.Around != nil && c.Faulty() {
		return a.Fault.Around(c, route, do)
	}
	return do()
}
