package peripherals

import (
	"context"

	"hallkiosk/devices/codescan"
	"hallkiosk/devices/serialport"
)

// Scanner keeps the code scanner open. What it reads is handed on as it is: it
// may be somebody's electronic ID, so it is never parsed or logged here.
type Scanner struct {
	teller
	port    PortConfig
	profile codescan.Profile
	scanned func(codescan.Code)
}

// NewScanner prepares a scanner; Run opens it.
func NewScanner(port PortConfig, profile codescan.Profile, scanned func(codescan.Code), changed func(Condition)) *Scanner {
	return &Scanner{teller: teller{change: changed, path: port.Path}, port: port, profile: profile, scanned: scanned}
}

// Run keeps the scanner open until ctx ends.
func (s *Scanner) Run(ctx context.Context) {
	supervise(ctx, &s.teller, s.port.open, s.use, func(err error) { s.tell(absent(err)) })
}

func (s *Scanner) use(ctx context.Context, port *serialport.Port) error {
	dev := codescan.New(port, codescan.Opts{Profile: s.profile})
	s.tell(Condition{State: Ready})
	for {
		code, err := dev.Next(ctx)
		if err != nil {
			return err
		}
		s.scanned(code)
	}
}
