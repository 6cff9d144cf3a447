//go:build !unix

package postgrestest

import "os/exec"

// owner is the user a server runs as: this process's.
type owner struct{}

func unprivileged(string) (*owner, error) { return nil, errMissing }

func (*owner) apply(*exec.Cmd) {}
