package main

import "syscall"

// ownGroup puts a child in a group of its own that the kernel kills when we die without a word.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
