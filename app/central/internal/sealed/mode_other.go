//go:build !unix

package sealed

import "io/fs"

// unsafeMode knows nothing where permissions are not bits of the file.
func unsafeMode(fs.FileMode) bool { return false }
