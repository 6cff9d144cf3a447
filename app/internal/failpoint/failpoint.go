// Package failpoint lets a test end, hold up or fail a real program at an exact
// place of its code. In a normal build [Hit] does nothing and costs nothing; built
// with the tag failpoints, it looks whether its name has been armed by the
// environment variable HALLKIOSK_FAILPOINTS:
//
//	HALLKIOSK_FAILPOINTS="store.before-commit=kill@3,uplink.answered=wait:50ms"
//
// Each entry is name=action, where @n means the n-th time only (default: the
// first). Actions: kill (SIGKILL to this process: no deferred call runs, as when
// it is killed from outside), wait:DURATION, error (Hit returns an error).
// Names are package.place; the kill tests find them in the source and arm each of
// them in turn. A release is never built with the tag.
//
// Compared: pingcap/failpoint and etcd's gofail rewrite the source before a
// build; this is one call and one tag.
package failpoint
