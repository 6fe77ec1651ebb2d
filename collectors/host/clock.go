package host

import "errors"

// readClock asks how the clock is kept. It is a call, not a file: of a recorded tree nothing is known.
func readClock(p *pass) {
	if p.root != "/" {
		return
	}
	synchronised, offset, err := clockState()
	switch {
	case err != nil:
		p.miss("state of the clock", err, "timedatectl")
	case !synchronised:
		p.miss("offset of the clock", errors.New("nothing keeps the clock, or it has not been set yet"), "timedatectl; chronyc tracking")
	case offset == 0:
		// chrony keeps its offset to itself: the kernel's is then no measurement.
		p.miss("offset of the clock", errors.New("the kernel is not told"), "chronyc tracking")
	default:
		p.put("clock.offset", "", offset)
	}
}
