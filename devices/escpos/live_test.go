package escpos_test

import (
	"os"
	"testing"

	"hallkiosk/devices/escpos"
	"hallkiosk/devices/porttest"
	"hallkiosk/devices/serialport"
)

// With HALL_PRINTER=/dev/serial/by-id/… this asks a real printer for its
// status and prints one line, and shows the conversation as a vector that can
// be put into testdata.
func TestLive(t *testing.T) {
	path := os.Getenv("HALL_PRINTER")
	if path == "" {
		t.Skip("HALL_PRINTER does not name a printer")
	}
	port, err := serialport.Open(serialport.Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	defer port.Close()
	p := escpos.New(porttest.NewRecord(port, t.Output()), escpos.Opts{})
	s, err := p.Status(t.Context())
	if err != nil || s.Code() != "" {
		t.Fatalf("%+v, %v", s, err)
	}
	if err := p.Print(t.Context(), escpos.Document{escpos.Text{Text: "测试 TEST"}}); err != nil {
		t.Fatal(err)
	}
}
