package analyzers

import "iter"

// Databases are the calls and time of a class by default schema; "" is "none selected, or not
// logged". Most classes know one schema, so the first ones are a list and only more make a map. The
// zero value is empty.
type Databases struct {
	few  []databaseUse
	many map[string]*Usage
}

type databaseUse struct {
	name string
	Usage
}

const fewDatabases = 8

// Add counts calls in one schema.
func (d *Databases) Add(name string, u Usage) {
	if have := d.find(name); have != nil {
		have.add(u)
		return
	}
	if len(d.few) < fewDatabases {
		d.few = append(d.few, databaseUse{name, u})
		return
	}
	if d.many == nil {
		d.many = map[string]*Usage{}
	}
	d.many[name] = &u
}

// addBytes is Add without making a string of a schema that is known. It returns the name.
func (d *Databases) addBytes(name []byte, u Usage) string {
	for i := range d.few {
		if d.few[i].name == string(name) {
			d.few[i].add(u)
			return d.few[i].name
		}
	}
	text := string(name)
	d.Add(text, u)
	return text
}

func (d *Databases) find(name string) *Usage {
	for i := range d.few {
		if d.few[i].name == name {
			return &d.few[i].Usage
		}
	}
	return d.many[name]
}

// Len returns how many schemas there are.
func (d *Databases) Len() int { return len(d.few) + len(d.many) }

// All yields every schema with its use, in no particular order.
func (d *Databases) All() iter.Seq2[string, Usage] {
	return func(yield func(string, Usage) bool) {
		for _, u := range d.few {
			if !yield(u.name, u.Usage) {
				return
			}
		}
		for name, u := range d.many {
			if !yield(name, *u) {
				return
			}
		}
	}
}

func (d *Databases) clone() (n Databases) {
	for name, u := range d.All() {
		n.Add(name, u)
	}
	return n
}
