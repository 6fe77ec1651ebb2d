package analyzers

import "slices"

// Clone returns a copy of d that can be closed while d goes on growing.
func (d *Digest) Clone() *Digest {
	n := NewDigest()
	n.steps = d.steps
	for key, c := range d.Classes {
		n.Classes[key] = c.clone()
	}
	for key, e := range d.Endpoints {
		n.endpoint(key).merge(e)
	}
	n.cold = d.cold.clone()
	for addr, p := range d.Peers {
		n.peer(addr).merge(p)
	}
	for name, u := range d.Users {
		n.user(name).add(*u)
	}
	n.Statements.merge(&d.Statements)
	n.Web.merge(&d.Web)
	n.App.merge(&d.App)
	n.Series.Merge(d.Series)
	n.threads = slices.Clone(d.threads)
	n.tail, n.promoteAbove = d.tail.clone(), d.promoteAbove
	n.runs = d.runs.clone(n.own)
	return n
}

func (c *Class) clone() *Class {
	n := *c
	n.Worst = c.Worst.kept()
	n.Time.sketch = c.Time.sketch.clone()
	n.Slices.Cells = slices.Clone(c.Slices.Cells)
	n.Databases = c.Databases.clone()
	n.Repeats = c.Repeats.clone()
	return &n
}
