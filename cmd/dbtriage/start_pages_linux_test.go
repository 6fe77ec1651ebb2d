package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
)

// What is given back can be used again, and is less than before.
func TestShed(t *testing.T) {
	files := func() (n int) { // pages of files that are resident
		text, err := os.ReadFile("/proc/self/statm")
		if err != nil {
			t.Skip(err)
		}
		if _, err := fmt.Sscan(string(text), new(int), new(int), &n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	list := func() string {
		var out, stderr bytes.Buffer
		if code := run([]string{"rules", "list"}, strings.NewReader(""), &out, &stderr); code != 0 {
			t.Fatalf("exit %d: %s", code, stderr.String())
		}
		return out.String()
	}
	text := list()
	before := files()
	releaseStartPages()
	if after := files(); after >= before {
		t.Errorf("%d pages of files before, %d after", before, after)
	}
	if list() != text {
		t.Error("the program answers differently")
	}
}
