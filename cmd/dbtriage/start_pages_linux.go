package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"
	"unsafe"
)

// startIsOver is when a program that runs for long has done what it does once.
const startIsOver = 5 * time.Second

// releaseStartPagesLater gives back the pages of the program's file that only its start needed: two thirds of what
// a recorder would hold. Those that are used again come back from the page cache.
func releaseStartPagesLater() { time.AfterFunc(startIsOver, releaseStartPages) }

func releaseStartPages() {
	exe, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return
	}
	maps, err := os.Open("/proc/self/maps")
	if err != nil {
		return
	}
	defer maps.Close()
	for lines := bufio.NewScanner(maps); lines.Scan(); {
		var from, to uintptr
		var may string
		if _, err := fmt.Sscanf(lines.Text(), "%x-%x %s", &from, &to, &may); err != nil || !strings.HasSuffix(lines.Text(), exe) {
			continue
		}
		if strings.Contains(may, "w") || !strings.HasSuffix(may, "p") { // what was written is nowhere else
			continue
		}
		// The address is the kernel's, of pages that no collector moves.
		pages := unsafe.Slice((*byte)(*(*unsafe.Pointer)(unsafe.Pointer(&from))), to-from)
		_ = syscall.Madvise(pages, syscall.MADV_DONTNEED) // memory is spared, or not
	}
}
