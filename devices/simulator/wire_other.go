//go:build !linux

package simulator

import "errors"

// A wire needs pseudo-terminals, which this system does not have in the form
// that serial programs can open.
type wire struct{ link string }

var errNoPty = errors.New("simulator: simulated devices need Linux: use real devices here, or run the simulator on a Linux machine")

func newWire(string, int, func([]byte)) *wire { return new(wire) }
func (*wire) replug() error                   { return errNoPty }
func (*wire) unplug()                         {}
func (*wire) plugged() bool                   { return false }
func (*wire) close()                          {}
func (*wire) send([]byte)                     {}
func lockDir(string) (func(), error)          { return nil, errNoPty }
