//go:build unix

package logs

import (
	"os"
	"syscall"
)

// fileNumber returns what stays the same when a file is renamed.
func fileNumber(info os.FileInfo) (device, inode uint64) {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, 0
	}
	return uint64(st.Dev), uint64(st.Ino)
}

// unlinked reports whether an open file has no name any more.
func unlinked(info os.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && st.Nlink == 0
}
