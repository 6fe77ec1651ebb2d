package host

// What a program must use to have series when it is no part of a web system.
const (
	leastCores  = 0.01
	leastMemory = 64 << 20
)

// A programSum is all processes of one program together.
type programSum struct {
	count               int
	cores               float64
	memory, swapped     int64
	swapKnown           bool
	files, filesLimit   int64
	coresKnown, isShown bool
}

// putPrograms puts the series of programs: every process counts under the name of its program.
func (p *pass) putPrograms(all []*process) {
	sums := map[string]*programSum{}
	total, known := 0.0, false
	for _, q := range all {
		s := sums[q.program]
		if s == nil {
			s = &programSum{isShown: kindOf(q.program) != ""}
			sums[q.program] = s
		}
		s.count++
		s.memory += q.Memory
		if q.CPU >= 0 {
			s.cores, s.coresKnown = s.cores+q.CPU, true
			total, known = total+q.CPU, true
		}
		if q.Swapped >= 0 {
			s.swapped, s.swapKnown = s.swapped+q.Swapped, true
		}
		// Of several processes the one that is nearest to its limit counts.
		if q.OpenFiles >= 0 && q.FilesLimit > 0 && (s.filesLimit == 0 || moreOf(q.OpenFiles, q.FilesLimit, s.files, s.filesLimit)) {
			s.files, s.filesLimit = q.OpenFiles, q.FilesLimit
		}
	}
	if known {
		p.put("process.cpu", "", total)
	}
	for name, s := range sums {
		if s.coresKnown && (s.isShown || s.cores >= leastCores) {
			p.put("process.cpu", name, s.cores)
		}
		if !s.isShown && s.memory < leastMemory {
			continue
		}
		p.put("process.memory", name, float64(s.memory))
		p.put("process.count", name, float64(s.count))
		if s.swapKnown {
			p.put("process.swapped", name, float64(s.swapped))
		}
		if s.filesLimit > 0 {
			p.put("process.open_files", name, float64(s.files))
			p.put("process.files_limit", name, float64(s.filesLimit))
		}
	}
}

// moreOf reports whether a/b is more than c/d.
func moreOf(a, b, c, d int64) bool {
	return float64(a)/float64(b) > float64(c)/float64(d)
}
