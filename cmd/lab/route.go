package main

import (
	"fmt"
	"math/rand/v2"
)

// A Route is one thing that the application does for its users.
type Route struct {
	Method string
	Path   string  // as net/http's ServeMux has it: "/topic/{id}"
	Rate   float64 // requests a second
	Make   func(r *rand.Rand) string
	Serve  func(c *Call) error
	// Always says that a fault's route was there before the onset.
	Always bool
	// Slow is how many bytes a second its clients take; 0 is all at once.
	Slow int
}

// healthy are the routes of an application that works, with what they take of its requests.
func healthy(w World) []Route {
	id := func(prefix string, rows int64) func(*rand.Rand) string {
		return func(r *rand.Rand) string { return fmt.Sprintf(prefix, popular(r, rows)) }
	}
	share := func(s float64) float64 { return s * w.Rate }
	return []Route{
		{
			Method: "GET", Path: w.SQL("/{items}/{id}"), Rate: share(0.35), Make: id(w.SQL("/{items}/%d"), w.Rows.Items),
			Serve: func(c *Call) error {
				if err := c.Rows("SELECT id, {group}, {title}, {score}, {created} FROM {items} WHERE id = ?", c.ID()); err != nil {
					return err
				}
				return c.Rows("SELECT id, {person}, {state}, {created} FROM {records} WHERE {item} = ? ORDER BY id DESC LIMIT 10", c.ID())
			},
		},
		{
			Method: "GET", Path: w.SQL("/{people}/{id}/{records}"), Rate: share(0.2), Make: id(w.SQL("/{people}/%d/{records}"), w.Rows.People),
			Serve: func(c *Call) error {
				return c.Rows("SELECT id, {item}, {state}, {amount}, {created} FROM {records} WHERE {person} = ? ORDER BY {created} DESC LIMIT 20", c.ID())
			},
		},
		{
			Method: "GET", Path: w.SQL("/{groups}/{id}"), Rate: share(0.15), Make: id(w.SQL("/{groups}/%d"), w.Rows.Groups),
			Serve: func(c *Call) error {
				if err := c.Rows("SELECT name FROM {groups} WHERE id = ?", c.ID()); err != nil {
					return err
				}
				return c.Rows("SELECT id, {title}, {score} FROM {items} WHERE {group} = ? ORDER BY {created} DESC LIMIT 20", c.ID())
			},
		},
		{
			Method: "GET", Path: w.SQL("/{records}/by/") + "{code}", Rate: share(0.12),
			Make: func(r *rand.Rand) string { return w.SQL("/{records}/by/") + codeOf(1+r.Int64N(w.Rows.Records)) },
			Serve: func(c *Call) error {
				return c.Rows("SELECT id, {person}, {item}, {state}, {created} FROM {records} WHERE {code} = ?", c.Value("code"))
			},
		},
		{
			Method: "POST", Path: w.SQL("/{items}/{id}/{records}"), Rate: share(0.1), Make: id(w.SQL("/{items}/%d/{records}"), w.Rows.Items),
			Serve: func(c *Call) error {
				return c.Tx(func() error {
					if err := c.Insert(); err != nil {
						return err
					}
					return c.Exec("UPDATE {people} SET {created} = {created} WHERE id = ?", 1+c.Dice.Int64N(w.Rows.People))
				})
			},
		},
		{
			Method: "GET", Path: "/me/{id}", Rate: share(0.08), Make: id("/me/%d", w.Rows.People),
			Serve: func(c *Call) error { return c.Rows("SELECT id, name, email FROM {people} WHERE id = ?", c.ID()) },
		},
	}
}

// popular draws one of n ids; the low ones come more often, as the new and the famous do.
func popular(r *rand.Rand, n int64) int64 {
	x := r.Float64()
	return 1 + int64(x*x*float64(n-1))
}
