package advise

import (
	"slices"
	"strings"

	"dbtriage/analyzers/sqlshape"
)

// entryOverhead is what a cache keeps beside key and value of an entry, in bytes: dictionary entry,
// object header and expiry of Redis; memcached's item header is of the same size.
const entryOverhead = 80

// A Cache is what caching the answers of one class would save.
type Cache struct {
	// HitShare is the share of executions that came within RepeatSpan seconds of one with the same
	// parameters: what a cache with so short a lifetime saves at least. HitShareEver is the same without
	// any limit: what it can save at most.
	HitShare, HitShareEver float64
	Keys                   float64 // different parameter sets, an estimate
	ValueBytes             float64 // mean size of an answer; 0 when not logged
	Bytes                  float64 // memory for all keys; 0 when the size of an answer is not known
	// Key is a template: tables, then the columns compared with constants.
	Key string
	// Reads and Writes are logged statements on its tables.
	Reads, Writes int64
	// Locking says that it is a FOR UPDATE: its answer must not come from a cache.
	Locking bool
}

// CacheOf says what caching a class would save; ok is false for what is no read, or where repeats
// were not counted.
func CacheOf(st *Statement, all []Statement, catalog *Catalog) (c Cache, ok bool) {
	r := &st.Class.Repeats
	if st.Shape.Verb != "select" || len(st.Shape.Reads) == 0 || r.Calls == 0 {
		return c, false
	}
	perSpan, timed := r.PerSpan()
	if !timed {
		return c, false
	}
	c.HitShare = 1 - 1/perSpan
	c.Keys = max(r.Distinct(), 1)
	c.HitShareEver = max(1-c.Keys/float64(r.Calls), c.HitShare)
	if n := st.Class.BytesSentKnown; n > 0 {
		c.ValueBytes = float64(st.Class.BytesSent) / float64(n)
		c.Bytes = CacheBytes(c.Keys, c.ValueBytes)
	}
	c.Key = keyTemplate(&st.Shape)
	c.Locking = slices.ContainsFunc(st.Shape.Blocks, func(b sqlshape.Block) bool { return b.Locks })
	for i := range all {
		o := &all[i]
		touches := func(list []sqlshape.Table) bool {
			return slices.ContainsFunc(list, func(t sqlshape.Table) bool {
				return slices.ContainsFunc(st.Shape.Reads, func(mine sqlshape.Table) bool { return sameTable(mine, st.Schema, t, o.Schema, catalog) })
			})
		}
		switch {
		case touches(o.Shape.Writes):
			c.Writes += o.Class.Time.Count
		case touches(o.Shape.Reads):
			c.Reads += o.Class.Time.Count
		}
	}
	return c, true
}

// CacheBytes is the memory that so many answers of a size take.
func CacheBytes(keys, valueBytes float64) float64 { return keys * (valueBytes + entryOverhead) }

// sameTable reports whether two statements name one table.
func sameTable(a sqlshape.Table, schemaA string, b sqlshape.Table, schemaB string, catalog *Catalog) bool {
	if !strings.EqualFold(a.Name, b.Name) {
		return false
	}
	if x, y := catalog.Find(a, schemaA), catalog.Find(b, schemaB); x != nil && y != nil {
		return x == y
	}
	if a.Schema != "" {
		schemaA = a.Schema
	}
	if b.Schema != "" {
		schemaB = b.Schema
	}
	return schemaA == schemaB || schemaA == "" || schemaB == ""
}

// maxKeyParts bounds what a key template names.
const maxKeyParts = 4

func keyTemplate(s *sqlshape.Shape) string {
	var tables, columns []string
	for _, t := range s.Reads[:min(len(s.Reads), maxKeyParts)] {
		tables = append(tables, t.Name)
	}
	for i := range s.Blocks {
		for _, p := range s.Blocks[i].Where {
			if p.Kind != sqlshape.Unlike && len(columns) < maxKeyParts && !slices.Contains(columns, p.Column.Name) {
				columns = append(columns, p.Column.Name)
			}
		}
	}
	key := strings.Join(tables, "+")
	for _, c := range columns {
		key += ":{" + c + "}"
	}
	return key
}
