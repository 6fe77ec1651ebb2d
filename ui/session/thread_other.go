//go:build !linux

package session

import "time"

func threadTime() (time.Duration, bool) { return 0, false }
