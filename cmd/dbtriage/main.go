// Command dbtriage says which layer of a web system holds it back, and proves it.
package main

import (
	"os"
)

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }
