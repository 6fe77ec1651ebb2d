package host

import "github.com/prometheus/procfs"

// readRAID reads /proc/mdstat: arrays that run with fewer disks than they need.
func readRAID(p *pass) {
	machine, err := procfs.NewFS(p.proc)
	if err != nil {
		p.miss("software RAID", err, "")
		return
	}
	arrays, err := machine.MDStat()
	if absent(err) {
		return // no software RAID
	}
	if err != nil {
		p.miss("software RAID", err, "cat /proc/mdstat")
		return
	}
	degraded := 0
	for _, a := range arrays {
		if a.ActivityState != "inactive" && a.DisksActive < a.DisksTotal {
			degraded++
		}
	}
	if len(arrays) > 0 {
		p.put("raid.degraded", "", float64(degraded))
	}
}
