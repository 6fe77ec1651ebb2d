package logs

import (
	"os"
	"syscall"
	"testing"
)

// No vector reads beyond the memory of its text: what follows may not be there.
func TestVectorsStayInside(t *testing.T) {
	page := os.Getpagesize()
	pages, err := syscall.Mmap(-1, 0, 2*page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Munmap(pages)
	if err := syscall.Mprotect(pages[page:], syscall.PROT_NONE); err != nil {
		t.Fatal(err)
	}
	var q quotes
	var l lineEnds
	for n := 1; n < 700; n++ {
		text := pages[page-n : page : page]
		for i := range text {
			text[i] = 'x'
		}
		text[n-1] = '"'
		if q.reset(text); q.next(0) != n-1 {
			t.Errorf("the quote at the end of %d bytes is at %d", n, q.next(0))
		}
		if !mayOpen(text) {
			t.Errorf("the quote at the end of %d bytes opens nothing", n)
		}
		text[n-1] = '\n'
		if l.reset(text); l.next(0) != n-1 {
			t.Errorf("the line of %d bytes ends at %d", n, l.next(0))
		}
	}
}
