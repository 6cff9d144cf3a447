//go:build !linux

package localstore

func systemMonotonic() (boot string, ms func() int64) { return processMonotonic() }
