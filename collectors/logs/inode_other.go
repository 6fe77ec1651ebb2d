//go:build !unix

package logs

import "os"

// fileNumber knows no number here: files are known by their marks.
func fileNumber(os.FileInfo) (device, inode uint64) { return 0, 0 }

// unlinked is not known here.
func unlinked(os.FileInfo) bool { return false }
