package samv_test

import (
	"os"
	"testing"

	"hallkiosk/devices/porttest"
	"hallkiosk/devices/samv"
	"hallkiosk/devices/serialport"
)

// With HALL_READER=/dev/serial/by-id/… this asks a real reader for its status
// and shows the conversation as a vector. It reads no card: nobody's card
// belongs into a recording.
func TestLive(t *testing.T) {
	path := os.Getenv("HALL_READER")
	if path == "" {
		t.Skip("HALL_READER does not name a reader")
	}
	port, err := serialport.Open(serialport.Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	defer port.Close()
	r := samv.New(porttest.NewRecord(port, t.Output()), samv.Opts{})
	if err := r.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
}
