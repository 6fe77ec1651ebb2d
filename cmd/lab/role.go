package main

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"unsafe"
)

// burn keeps eight threads busy until ctx ends.
func burn(ctx context.Context) {
	var all sync.WaitGroup
	for range 8 {
		all.Add(1)
		go func() {
			defer all.Done()
			x := uint64(88172645463325252)
			for ctx.Err() == nil {
				for range 1 << 16 {
					x ^= x << 13
					x ^= x >> 7
					x ^= x << 17
				}
			}
		}()
	}
	all.Wait()
}

// writeDisk writes blocks past the page cache and syncs, in a few files that it rewrites, until ctx
// ends.
func writeDisk(ctx context.Context, dir string) error {
	const block, blocks, writers = 1 << 20, 16, 32
	errs := make([]error, writers)
	var all sync.WaitGroup
	for i := range writers {
		all.Add(1)
		go func() {
			defer all.Done()
			path := filepath.Join(dir, "backup."+string(rune('0'+i)))
			file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|syscall.O_DIRECT|syscall.O_DSYNC, 0o644)
			if err != nil {
				errs[i] = err
				return
			}
			defer os.Remove(path)
			defer file.Close()
			buf := aligned(block)
			for n := int64(0); ctx.Err() == nil; n++ {
				if _, err := file.WriteAt(buf, n%blocks*block); err != nil {
					errs[i] = err
					return
				}
			}
		}()
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// aligned returns size bytes at an address that direct I/O takes.
func aligned(size int) []byte {
	const align = 4096
	buf := make([]byte, size+align)
	skip := align - int(uintptr(unsafe.Pointer(&buf[0]))%align)
	return buf[skip : skip+size]
}
