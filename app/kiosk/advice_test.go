package kiosk

import (
	"fmt"
	"testing"
	"unicode"

	"hallkiosk/app/kiosk/internal/uplink"
)

func TestProblemAdvice(t *testing.T) {
	seen := map[string]bool{}
	for _, problem := range []error{uplink.ErrCloned, uplink.ErrOtherTerminal, uplink.ErrStoreReplaced, fmt.Errorf("new kind")} {
		said := problemAdvice(fmt.Errorf("wrapped: %w", problem))
		if said == "" || seen[said] {
			t.Errorf("%v: %q", problem, said)
		}
		seen[said] = true
		for _, r := range said {
			if unicode.IsLetter(r) && r < 0x3000 {
				t.Errorf("%q is not all Chinese", said)
				break
			}
		}
	}
	if problemAdvice(nil) != "" {
		t.Error("advice without a problem")
	}
}
