// Command dbtriage says which layer of a web system holds it back, and proves it.
package main

import (
	"os"
	"runtime"
)

func main() {
	runtime.MemProfileRate = 0 // nobody asks which code allocates, and half a percent of the time went there
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
