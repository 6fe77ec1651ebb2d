//go:build !linux

package main

func releaseStartPagesLater() {}
