package main

import "syscall"

// beNice lowers the priority of this process for CPU and disk: batch work must not hurt the sick
// server it runs on. It is a courtesy, so what the kernel refuses is let go.
func beNice() {
	_ = syscall.Setpriority(syscall.PRIO_PROCESS, 0, 10)
	const (
		ioprioWhoProcess = 1
		bestEffortLowest = 2<<13 | 7
	)
	_, _, _ = syscall.Syscall(syscall.SYS_IOPRIO_SET, ioprioWhoProcess, 0, bestEffortLowest)
}
