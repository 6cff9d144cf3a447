//go:build linux || darwin || freebsd

package store

import "golang.org/x/sys/unix"

func freeSpace(dir string) (free, total uint64, err error) {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return 0, 0, err
	}
	block := uint64(st.Bsize)
	return uint64(max(st.Bavail, 0)) * block, uint64(st.Blocks) * block, nil
}
