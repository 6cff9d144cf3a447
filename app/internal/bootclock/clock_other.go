//go:build !linux

package bootclock

func system() (boot string, ms func() int64) { return process() }
