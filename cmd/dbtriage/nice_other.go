//go:build !linux

package main

// beNice does nothing where it is not known how.
func beNice() {}
