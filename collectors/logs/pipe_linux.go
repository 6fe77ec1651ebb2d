package logs

import (
	"io"
	"os"
	"syscall"
)

const (
	setPipeSize = 1031 // F_SETPIPE_SZ of fcntl(2)
	pipeSize    = 1 << 20
)

// widen gives a pipe more room than the usual 64 KiB, so that writer and reader take turns less
// often. It is no matter if that is not allowed.
func widen(r io.Reader) {
	f, ok := r.(*os.File)
	if !ok {
		return
	}
	if info, err := f.Stat(); err != nil || info.Mode()&os.ModeNamedPipe == 0 {
		return
	}
	if c, err := f.SyscallConn(); err == nil {
		c.Control(func(fd uintptr) { syscall.Syscall(syscall.SYS_FCNTL, fd, setPipeSize, pipeSize) })
	}
}
