package store

import (
	"fmt"
	"testing"
)

// The words of the ledger are kept for years: what an entry says is pinned here.
func TestFactsInWords(t *testing.T) {
	changed := fact{what: ticketChange, row: make(row, len(ticketTable.columns)), wasDay: "2026-11-20", wasBusiness: "a"}
	changed.row[0], changed.row[atDay], changed.row[atState] = "h", testDay, "issued"
	for want, f := range map[string]fact{
		`{}`: {},
		`{"ticket":{"id":"id-1","day":"2026-11-21","prefix":"A","series":"","number":1,"label":"A001","business":"b","item":"","language":"",` +
			`"terminal":"","slot":0,"seq":1,"fingerprint":"AQ==","state":"issued","reason":"","print_unknown":false,"issued_at":1000001,` +
			`"called_at":0,"started_at":0,"ended_at":0,"window_id":"","calls":0}}`: {what: ticketNew, row: ticket(1).values()},
		`{"change":{"day":"2026-11-21","state":"issued"},"was":{"day":"2026-11-20","business":"a"}}`:        changed,
		`{"same_holder":{"id":"i","ticket":"k","fingerprint":"AQ=="}}`:                                      {what: sameHolder, row: row{"h", "i", "k", []byte{1}}},
		`{"tombstone":{"id":"i","terminal":"t1","reason":"abandoned","at":7}}`:                              {what: tombstoned, row: row{"h", "i", "t1", "abandoned", int64(7)}},
		`{"pause":{"business":"b","since":7}}`:                                                              {what: paused, row: row{"h", "b", int64(7)}},
		`{"resume":{"business":"b"}}`:                                                                       {what: resumed, row: row{"h", "b"}},
		`{"device":{"terminal":"t1","device":"printer","state":"fault","fault":"cover","since":7,"seq":9}}`: {what: deviceState, row: row{"h", "t1", "printer", "fault", "cover", int64(7), int64(9)}},
		`{"help":{"id":"i","terminal":"t1","page":"home","at":7,"answered_at":0,"answered_by":""}}`:         {what: helpCalled, row: row{"h", "i", "t1", "home", int64(7), int64(0), ""}},
		`{"help_answer":{"id":"i","answered_at":7,"answered_by":"window:w1"}}`:                              {what: helpAnswered, row: row{"h", "i", int64(7), "window:w1"}},
	} {
		if got := f.encode(); got != want {
			t.Errorf("encoded %s\nwant    %s", got, want)
		}
		got, err := decodeFact("h", want)
		if err != nil || fmt.Sprintf("%#v", got) != fmt.Sprintf("%#v", f) {
			t.Errorf("%s\ndecoded %#v, %v\nwant    %#v", want, got, err, f)
		}
	}
}

func TestFactsNotUnderstood(t *testing.T) {
	for _, data := range []string{
		``, `[]`, `{"surprise":{}}`, `{"pause":{"business":"b"}}`, `{"pause":{"business":"b","since":1,"until":2}}`,
		`{"pause":{"business":"b","since":"1"}}`, `{"pause":{"business":null,"since":1}}`, `{"resume":{"business":"b"},"pause":{"business":"b","since":1}}`,
		`{"change":{"surprise":1}}`, `{"change":{"state":null}}`, `{"was":{"day":"x","business":"y"}}`,
	} {
		if f, err := decodeFact("h", data); err == nil {
			t.Errorf("%s decoded as %#v", data, f)
		}
	}
}

func FuzzDecodeFact(f *testing.F) {
	f.Add(`{}`)
	f.Add(`{"pause":{"business":"b","since":7}}`)
	f.Add(`{"change":{"state":"called","calls":1,"print_unknown":true},"was":{"day":"d","business":"b"}}`)
	f.Add(`{"same_holder":{"id":"\u0000","ticket":"\ud800","fingerprint":"AQ=="}}`)
	f.Fuzz(func(t *testing.T, data string) {
		one, err := decodeFact("h", data)
		if err != nil {
			return
		}
		two, err := decodeFact("h", one.encode())
		if err != nil || fmt.Sprintf("%#v", one) != fmt.Sprintf("%#v", two) {
			t.Errorf("%#v\nagain %#v, %v", one, two, err)
		}
	})
}
