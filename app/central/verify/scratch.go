package verify

import (
	"fmt"
	"time"

	"hallkiosk/app/hall"
)

// ScratchHall makes a hall in which numbers may be wasted: always open, with the
// windows w1, w2 … that all open with pin. Every second window serves all
// businesses, the others two of them, so that windows compete in more than one
// way. Its business day does not change within an hour of now.
func ScratchHall(windows, businesses int, pin string, now time.Time) (*hall.Hall, error) {
	if windows < 1 || businesses < 1 || businesses > hall.MaxPrefixes {
		return nil, fmt.Errorf("verify: a scratch hall of %d windows and %d businesses", windows, businesses)
	}
	hash, err := hall.HashPIN(pin)
	if err != nil {
		return nil, fmt.Errorf("verify: scratch hall: %w", err)
	}
	h := &hall.Hall{ID: ScratchPrefix + "-verify", Name: "核对用大厅", TimeZone: "Asia/Shanghai",
		SupervisionPhone: "010-5550-0199", // a number nobody has
		Areas:            []hall.Area{{ID: "x", Name: "一区", Place: "一楼"}}, Hours: hall.Hours{Week: map[string][]string{}}}
	for _, day := range []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"} {
		h.Hours.Week[day] = []string{"00:00-24:00"}
	}
	if hour := now.In(h.Location()).Hour(); hour >= 22 || hour < 2 {
		h.CutOver = 6
	}
	for i := range businesses {
		h.Businesses = append(h.Businesses, hall.Business{ID: fmt.Sprintf("b%d", i+1), Name: fmt.Sprintf("业务%d", i+1),
			Prefix: hall.PrefixAt(i), Area: "x", AskID: hall.AskOptional})
	}
	for i := range windows {
		w := hall.Window{ID: fmt.Sprintf("w%d", i+1), Name: fmt.Sprint(i + 1), Area: "x", PINHash: hash}
		h.Windows = append(h.Windows, w)
		for j := range h.Businesses {
			if i%2 == 0 || j == i%businesses || j == (i+1)%businesses {
				h.Businesses[j].Windows = append(h.Businesses[j].Windows, w.ID)
			}
		}
	}
	return h, nil
}
