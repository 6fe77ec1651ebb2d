//go:build !linux

package main

func shedLater() {}
