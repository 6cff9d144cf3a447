package store

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"hallkiosk/app/centralapi"
)

// The words of the ledger are kept for years: what an entry says is pinned here.
func TestFactsInWords(t *testing.T) {
	changed := fact{what: ticketChange, row: make(row, len(ticketTable.columns)), wasDay: "2026-11-20", wasBusiness: "a"}
	changed.row[0], changed.row[atDay], changed.row[atState] = "h", testDay, "issued"
	// A ticket with all that a plain one leaves out, and calls that say how they were made.
	directed := ticket(1)
	directed.Class, directed.ClassReason, directed.Line = centralapi.Priority, "老年人", WindowLine("w3")
	directed.PlaceAt, directed.BackAt = time.UnixMicro(5), time.UnixMicro(7)
	called := fact{what: ticketChange, row: make(row, len(ticketTable.columns)), choice: Choice{Lines: []string{"a", "window:w3"}, Why: ChoseTurn, Passed: map[string]int64{"a": 0}}}
	called.row[0], called.row[atState] = "h", "called"
	// What moves to another business, or is dated anew, leaves out what follows from it,
	// and says what does not.
	moved := fact{what: ticketChange, row: make(row, len(ticketTable.columns)), wasDay: testDay, wasBusiness: "a"}
	moved.row[0], moved.row[atBusiness], moved.row[atLine], moved.row[atIssued], moved.row[atPlace] = "h", "b", "b", int64(7), int64(7)
	sent := fact{what: ticketChange, row: slices.Clone(moved.row), wasDay: testDay, wasBusiness: "a"}
	sent.row[atLine], sent.row[atPlace] = "window:w3", int64(9)
	changed.row[atLine], changed.row[atPlace] = nil, nil
	for want, f := range map[string]fact{
		`{"ticket":{"id":"id-1","day":"2026-11-21","prefix":"A","series":"","number":1,"label":"A001","business":"b","item":"","language":"",` +
			`"terminal":"","slot":0,"seq":1,"fingerprint":"AQ==","state":"issued","reason":"","print_unknown":false,"issued_at":1000001,` +
			`"called_at":0,"started_at":0,"ended_at":0,"window_id":"","calls":0,"class":"priority","class_reason":"老年人","line":"window:w3",` +
			`"place_at":5,"back_at":7}}`: {what: ticketNew, row: directed.values()},
		`{"change":{"state":"called"},"choice":{"lines":["a","window:w3"],"why":"turn","passed":{"a":0}}}`:                    called,
		`{"change":{"business":"b","issued_at":7},"was":{"day":"2026-11-21","business":"a"}}`:                                 moved,
		`{"change":{"business":"b","issued_at":7,"line":"window:w3","place_at":9},"was":{"day":"2026-11-21","business":"a"}}`: sent,
		`{"pause":{"business":"b","since":7,"reason":"停电"}}`:                                                                  {what: paused, row: row{"h", "b", int64(7), "停电"}},
		`{"close":{"window_id":"w3","since":7,"reason":"停电"}}`:                                                                {what: windowClosed, row: row{"h", "w3", int64(7), "停电"}},
		`{"open":{"window_id":"w3"}}`: {what: windowOpened, row: row{"h", "w3"}},
		`{}`:                          {},
		`{"ticket":{"id":"id-1","day":"2026-11-21","prefix":"A","series":"","number":1,"label":"A001","business":"b","item":"","language":"",` +
			`"terminal":"","slot":0,"seq":1,"fingerprint":"AQ==","state":"issued","reason":"","print_unknown":false,"issued_at":1000001,` +
			`"called_at":0,"started_at":0,"ended_at":0,"window_id":"","calls":0}}`: {what: ticketNew, row: ticket(1).values()},
		`{"change":{"day":"2026-11-21","state":"issued"},"was":{"day":"2026-11-20","business":"a"}}`:        changed,
		`{"same_holder":{"id":"i","ticket":"k","fingerprint":"AQ=="}}`:                                      {what: sameHolder, row: row{"h", "i", "k", []byte{1}}},
		`{"tombstone":{"id":"i","terminal":"t1","reason":"abandoned","at":7}}`:                              {what: tombstoned, row: row{"h", "i", "t1", "abandoned", int64(7)}},
		`{"pause":{"business":"b","since":7}}`:                                                              {what: paused, row: row{"h", "b", int64(7), ""}},
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
		`{"choice":{"lines":["a"],"why":"first"}}`, `{"change":{"calls":1},"choice":{"lines":["a"],"why":"chance"}}`,
		`{"change":{"calls":1},"choice":{"lines":[],"why":"first"}}`, `{"change":{"calls":1},"choice":{"lines":["a"],"why":"first","passed":{"a":-1}}}`,
		`{"change":{"calls":1},"choice":{"lines":["a"],"why":"first","because":1}}`, `{"change":{"class":null}}`, `{"close":{"window_id":"w3","since":7}}`,
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
	f.Add(`{"change":{"business":"b","line":"window:w1","place_at":7},"choice":{"lines":["a"],"why":"class","passed":{"a":1,"b":0}}}`)
	f.Add(`{"change":{"issued_at":7,"place_at":7,"class":"priority","class_reason":"x","back_at":9}}`)
	f.Add(`{"close":{"window_id":"w3","since":7,"reason":""}}`)
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
