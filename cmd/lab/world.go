package main

import (
	"hash/fnv"
	"math/rand/v2"
)

// A World is what a seed makes of the application: names, sizes, rates and how its servers log. It is
// derived from the seed alone, so that every process of an incident has the same one.
type World struct {
	Words
	Seed uint64

	Rows Rows

	Rate      float64 // requests a second of the healthy application
	Pool      int     // connections of the application
	LogFormat int     // index into logFormats
	Verbosity string  // log_slow_verbosity
	Prepared  bool    // the driver prepares statements on the server
	Zone      string  // of the host's clock
	Stamped   bool    // pt-stalk stamps its lists, as its older releases did
}

// Rows are the sizes of the tables.
type Rows struct{ People, Groups, Items, Records, Journal int64 }

// NewWorld derives the world of a seed; scale shrinks its tables.
func NewWorld(seed uint64, scale float64) World {
	r := rand.New(rand.NewPCG(seed, 1))
	rows := func(from, to float64) int64 { return max(int64(scale*(from+(to-from)*r.Float64())), 100) }
	return World{
		Words: vocabularies[seed%uint64(len(vocabularies))],
		Seed:  seed,
		Rows: Rows{
			People: rows(30_000, 90_000), Groups: rows(100, 400), Items: rows(20_000, 60_000),
			Records: rows(250_000, 450_000), Journal: rows(60_000, 120_000),
		},
		Rate:      50 + 60*r.Float64(),
		Pool:      16 + r.IntN(24),
		LogFormat: int(seed+seed/3) % len(logFormats),
		Verbosity: []string{"query_plan,innodb,explain", "query_plan", "query_plan,explain"}[r.IntN(3)],
		Prepared:  r.IntN(3) == 0,
		Zone:      []string{"UTC", "Asia/Shanghai", "America/New_York"}[seed/2%3],
		Stamped:   r.IntN(3) > 0,
	}
}

// Dice returns the numbers that a fault of this world draws its sizes and rates from.
func (w World) Dice(fault string) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(fault))
	return rand.New(rand.NewPCG(w.Seed, h.Sum64()))
}

// between draws a number from a range.
func between(r *rand.Rand, from, to float64) float64 { return from + (to-from)*r.Float64() }
