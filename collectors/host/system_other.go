//go:build !linux

package host

import (
	"errors"
	"os"
	"time"
)

var errLinux = errors.New("only Linux is read")

func threadTime() time.Duration              { return 0 }
func usage(string) (fsUse, error)            { return fsUse{}, errLinux }
func clockState() (bool, float64, error)     { return false, 0, errLinux }
func owner(os.FileInfo) (uid int64, ok bool) { return 0, false }
