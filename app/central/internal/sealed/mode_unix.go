//go:build unix

package sealed

import "io/fs"

// unsafeMode reports whether others may read or write the file.
func unsafeMode(m fs.FileMode) bool { return m.Perm()&0o077 != 0 }
