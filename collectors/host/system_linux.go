package host

import (
	"fmt"
	"os"
	"syscall"
	"time"
)

// threadTime is the processor time of the calling thread.
func threadTime() time.Duration {
	const thread = 1 // RUSAGE_THREAD
	var use syscall.Rusage
	if syscall.Getrusage(thread, &use) != nil {
		return 0
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}

// usage asks a file system how full it is.
func usage(path string) (u fsUse, err error) {
	var st syscall.Statfs_t
	if err := syscall.Statfs(path, &st); err != nil {
		return u, fmt.Errorf("statfs %s: %w", path, err)
	}
	u.size = float64(st.Blocks) * float64(st.Bsize)
	used := float64(st.Blocks - min(st.Bfree, st.Blocks))
	// What is kept for root is neither used nor free for others.
	if usable := used + float64(st.Bavail); usable > 0 {
		u.used = used / usable
	}
	u.inodes = -1
	if st.Files > 0 {
		u.inodes = 1 - float64(min(st.Ffree, st.Files))/float64(st.Files)
	}
	return u, nil
}

// clockState asks the kernel how its clock is kept, which changes nothing.
func clockState() (synchronised bool, offset float64, err error) {
	const (
		unsynchronised = 0x40   // STA_UNSYNC
		nanoseconds    = 0x2000 // STA_NANO
	)
	var t syscall.Timex
	if _, err := syscall.Adjtimex(&t); err != nil {
		return false, 0, fmt.Errorf("adjtimex: %w", err)
	}
	offset = float64(t.Offset) / 1e6
	if t.Status&nanoseconds != 0 {
		offset = float64(t.Offset) / 1e9
	}
	return t.Status&unsynchronised == 0, offset, nil
}

// owner returns the user id of a file.
func owner(info os.FileInfo) (uid int64, ok bool) {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, false
	}
	return int64(st.Uid), true
}
