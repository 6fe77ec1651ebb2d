//go:build unix

package recorded

import (
	"os"
	"syscall"
)

// lockFile takes a lock that ends with the program.
func lockFile(f *os.File) error {
	if syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == syscall.EWOULDBLOCK {
		return ErrLocked
	}
	return nil // other errors mean that the file system has no locks
}
