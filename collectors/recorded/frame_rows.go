package recorded

import "dbtriage/collectors"

// A fields lists the fields of one row of a list, of a process say, so that rows are compared and
// written in one way.
type fields struct {
	key     *int64 // what a row is known by from one tick to the next
	ints    []*int64
	floats  []*float64
	strings []*string
}

func processFields(p *collectors.Process, f *fields) {
	f.key = &p.PID
	f.ints = append(f.ints[:0], &p.Parent, &p.Memory, &p.Swapped, &p.Threads, &p.OpenFiles, &p.FilesLimit)
	f.floats = append(f.floats[:0], &p.CPU, &p.ReadBytes, &p.WriteBytes, &p.BusiestCore)
	f.strings = append(f.strings[:0], &p.Name, &p.User, &p.State, &p.Command, &p.Allocator)
}

func sessionFields(s *collectors.Session, f *fields) {
	f.key = &s.ID
	f.ints = append(f.ints[:0], &s.TimeUS, &s.TransactionUS, &s.RowsExamined, &s.ThreadOS)
	f.strings = append(f.strings[:0], &s.User, &s.Client, &s.Database, &s.Command, &s.State, &s.SQL)
}

func waitFields(w *collectors.Wait, f *fields) {
	f.key = &w.Waiting
	f.ints = append(f.ints[:0], &w.Blocking, &w.WaitUS)
	f.strings = append(f.strings[:0], &w.Kind, &w.Object, &w.Index, &w.Mode)
}

// writeRows writes a list; before is the one of the tick before. Of a row that was in it, only the
// fields that changed are written.
func writeRows[T any](w *tickWriter, rows, before []T, of func(*T, *fields)) {
	var now, old fields
	var zero T
	w.uint(uint64(len(rows)))
	known := rowsByKey(before, of)
	last := int64(0)
	for i := range rows {
		of(&rows[i], &now)
		w.int(*now.key - last)
		last = *now.key
		of(&zero, &old)
		if n, have := known[*now.key]; have {
			of(&before[n], &old)
		}
		mask := uint64(0)
		bit := uint64(1)
		mark := func(changed bool) {
			if changed {
				mask |= bit
			}
			bit <<= 1
		}
		for k := range now.ints {
			mark(*now.ints[k] != *old.ints[k])
		}
		for k := range now.floats {
			mark(*now.floats[k] != *old.floats[k])
		}
		for k := range now.strings {
			mark(*now.strings[k] != *old.strings[k])
		}
		w.uint(mask)
		bit = 1
		next := func() bool { is := mask&bit != 0; bit <<= 1; return is }
		for k := range now.ints {
			if next() {
				w.int(*now.ints[k] - *old.ints[k])
			}
		}
		for k := range now.floats {
			if next() {
				w.number(0, *now.floats[k], *old.floats[k])
			}
		}
		for k := range now.strings {
			if next() {
				w.string(*now.strings[k])
			}
		}
	}
}

func readRows[T any](r *tickReader, before []T, of func(*T, *fields)) []T {
	n := r.count()
	if r.listed += n; n > maxList || r.listed > maxListed {
		r.fail()
		return nil
	}
	if n == 0 {
		return []T{}
	}
	var now fields
	rows := make([]T, 0, min(n, 4096))
	known := rowsByKey(before, of)
	last := int64(0)
	for range n {
		var row T
		last += r.int()
		if i, have := known[last]; have {
			row = before[i]
		}
		of(&row, &now)
		*now.key = last
		mask := r.uint()
		next := func() bool { is := mask&1 != 0; mask >>= 1; return is }
		for _, p := range now.ints {
			if next() {
				*p += r.int()
			}
		}
		for _, p := range now.floats {
			if next() {
				*p = r.number(r.uint()&3, *p)
			}
		}
		for _, p := range now.strings {
			if next() {
				*p = r.string()
			}
		}
		if r.wrong {
			return nil
		}
		rows = append(rows, row)
	}
	return rows
}

func rowsByKey[T any](rows []T, of func(*T, *fields)) map[int64]int {
	var f fields
	known := make(map[int64]int, len(rows))
	for i := range rows {
		of(&rows[i], &f)
		known[*f.key] = i
	}
	return known
}
