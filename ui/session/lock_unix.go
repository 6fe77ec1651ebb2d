//go:build unix

package session

import (
	"errors"
	"os"
	"syscall"
)

// lockFile takes a lock that ends with the program. Where the file system has none it takes none.
func lockFile(f *os.File) (busy bool) {
	return errors.Is(syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB), syscall.EWOULDBLOCK)
}
