//go:build !failpoints

package failpoint

// Hit marks a place. It does nothing in this build and returns nil.
func Hit(string) error { return nil }

// Armed reports whether this build has failpoints at all.
const Armed = false
