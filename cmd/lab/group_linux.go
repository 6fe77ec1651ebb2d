package main

import "syscall"

// ownGroup puts a child in a session and so in a group of its own, and has the kernel kill it when we die
// without a word. A session of its own keeps its niceness from what else runs in ours.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGKILL}
}
