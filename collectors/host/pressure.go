package host

import (
	"bytes"
	"fmt"
)

// pressures are the files of pressure stall information. Of the processors "full" means nothing for
// a whole machine.
var pressures = []struct {
	file, metric string
	full         bool
}{
	{"cpu", "psi.cpu", false},
	{"memory", "psi.memory", true},
	{"io", "psi.io", true},
}

// readPressure reads how long tasks stalled, from the totals: the averages of the kernel lag by ten
// seconds and more.
func readPressure(p *pass) {
	for _, res := range pressures {
		path := p.inProc("pressure/" + res.file)
		text, err := p.read(path)
		if absent(err) {
			p.miss("pressure stall information", fmt.Errorf("%s is not there: the kernel is older than 4.20 or has it off", path), "boot with psi=1")
			return
		}
		if err != nil {
			// Kernels built with it but started without answer "operation not supported".
			p.miss("pressure stall information", err, "boot with psi=1")
			return
		}
		for line := range bytes.Lines(text) {
			kind, rest := field(line)
			_, total, ok := bytes.Cut(rest, []byte("total="))
			w, _ := field(total)
			us, isNumber := number(w)
			if !ok || !isNumber || string(kind) == "full" && !res.full {
				continue
			}
			switch string(kind) {
			case "some", "full":
				name := res.metric + "." + string(kind)
				if by, seconds, ok := p.grown(name, "", us); ok {
					p.put(name, "", min(by/1e6/seconds, 1))
				}
			}
		}
	}
}
