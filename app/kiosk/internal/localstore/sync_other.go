//go:build !unix

package localstore

// syncFolder does nothing: Windows has no such call, NTFS journals its names.
func syncFolder(string) error { return nil }
