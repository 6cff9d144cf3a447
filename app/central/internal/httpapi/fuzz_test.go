package httpapi

import (
	"encoding/json"
	"reflect"
	"testing"

	"hallkiosk/app/centralapi"
)

// Whatever decode accepts means the same after another trip through JSON, and
// nothing makes it panic.
func fuzzDecode[T any](f *testing.F, seeds ...string) {
	for _, s := range append(seeds, "", "null", "{}", "[]", `{"id":null}`, `{"a":1}`, `{}{}`, "\xff", `{"id":"\ud800"}`) {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var v T
		if err := decode(data, &v); err != nil {
			if e := refusal(err); e.Code != centralapi.CodeMalformed && e.Code != centralapi.CodeInvalid {
				t.Errorf("code %s", e.Code)
			}
			return
		}
		again, err := json.Marshal(v)
		if err != nil {
			t.Fatalf("accepted and cannot be written: %v", err)
		}
		var w T
		if err := decode(again, &w); err != nil {
			t.Fatalf("accepted %q, its own JSON %q is refused: %v", data, again, err)
		}
		twice, err := json.Marshal(w)
		if err != nil || !reflect.DeepEqual(again, twice) {
			t.Errorf("%q became %q, then %q (%v)", data, again, twice, err)
		}
	})
}

func FuzzTicketRequest(f *testing.F) {
	fuzzDecode[centralapi.TicketRequest](f,
		`{"id":"01900000-0000-7000-8000-000000000001","business":"a"}`,
		`{"id":"01900000-0000-7000-8000-000000000001","business":"a","item":"x","language":"en","holder":{"key":"00","name":"测*员","number":"110***","source":"card"}}`)
}

func FuzzEventBatch(f *testing.F) {
	fuzzDecode[centralapi.EventBatch](f,
		`{"terminal":"t1","monotonic_now":5,"boot_id":"b","events":[]}`,
		`{"terminal":"t1","monotonic_now":5,"boot_id":"b","events":[{"id":"01900000-0000-7000-8000-000000000001","seq":1,"kind":"help-called","monotonic":1,"boot_id":"b","wall":"2026-11-23T10:00:00+08:00","body":{"page":"home"}}]}`,
		`{"events":[{"body":null}]}`, `{"events":[{"wall":"0000-01-01T00:00:00Z"}]}`, `{"monotonic_now":1e400}`)
}

func FuzzWindowLogin(f *testing.F) {
	fuzzDecode[centralapi.WindowLogin](f, `{"window":"w1","pin":"100001"}`, `{"window":"w1","pin":100001}`)
}

func FuzzIncarnationRequest(f *testing.F) {
	fuzzDecode[centralapi.IncarnationRequest](f, `{"have":""}`, `{"have":"00ff","nonce":"A"}`, `{"have":null}`)
}
