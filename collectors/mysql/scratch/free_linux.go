package scratch

import "syscall"

// freeBytes returns how much room the disk of a folder has for those who are not root.
func freeBytes(folder string) (n int64, ok bool) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(folder, &s); err != nil {
		return 0, false
	}
	return int64(s.Bavail) * s.Bsize, true
}
