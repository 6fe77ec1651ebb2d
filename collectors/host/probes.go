package host

import "time"

// A probe reads one subject.
type probe struct {
	name  string
	every time.Duration // 0 is with every reading
	read  func(p *pass)
}

// probes is what is read, in this order: what a cgroup allows comes before what it bounds.
var probes = []probe{
	{"cgroup limits", 10 * time.Second, readLimits},
	{"cpu", 0, readCPU},
	{"throttling", 0, readThrottling},
	{"load", 0, readLoad},
	{"pressure", 0, readPressure},
	{"memory", 0, readMemory},
	{"paging", 0, readPaging},
	{"disks", 0, readDisks},
	{"network", 0, readNetwork},
	{"tcp", 0, readTCP},
	{"limits", 0, readHandles},
	{"filesystems", 10 * time.Second, readFilesystems},
	{"ports", 30 * time.Second, readPorts},
	{"raid", 10 * time.Second, readRAID},
	{"clock", 10 * time.Second, readClock},
	{"kernel settings", time.Minute, readSettings},
	{"processes", 0, readProcesses},
	{"containers", 0, readContainers},
	{"threads", 5 * time.Second, readThreads},
}
