//go:build !linux && !darwin && !freebsd

package store

import "errors"

func freeSpace(string) (free, total uint64, err error) { return 0, 0, errors.ErrUnsupported }
