package store

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// The projections, in the order in which a report names them.
var (
	ticketTable = table{"ticket", 2, []column{
		{"hall", text}, {"id", text}, {"day", text}, {"prefix", text}, {"series", text}, {"number", num}, {"label", text},
		{"business", text}, {"item", text}, {"language", text}, {"terminal", text}, {"slot", num}, {"seq", num},
		{"fingerprint", blob}, {"state", text}, {"reason", text}, {"print_unknown", flag}, {"issued_at", num},
		{"called_at", num}, {"started_at", num}, {"ended_at", num}, {"window_id", text}, {"calls", num},
	}}
	counterTable = table{"counter", 3, []column{
		{"hall", text}, {"day", text}, {"prefix", text}, {"last", num}, {"last_at", num},
	}}
	queueLengthTable = table{"queue_length", 3, []column{
		{"hall", text}, {"day", text}, {"business", text}, {"waiting", num},
	}}
	sameHolderTable = table{"same_holder", 2, []column{
		{"hall", text}, {"id", text}, {"ticket", text}, {"fingerprint", blob},
	}}
	tombstoneTable = table{"tombstone", 2, []column{
		{"hall", text}, {"id", text}, {"terminal", text}, {"reason", text}, {"at", num},
	}}
	pauseTable = table{"pause", 2, []column{
		{"hall", text}, {"business", text}, {"since", num},
	}}
	deviceTable = table{"device", 3, []column{
		{"hall", text}, {"terminal", text}, {"device", text}, {"state", text}, {"fault", text}, {"since", num}, {"seq", num},
	}}
	helpCallTable = table{"help_call", 2, []column{
		{"hall", text}, {"id", text}, {"terminal", text}, {"page", text}, {"at", num}, {"answered_at", num}, {"answered_by", text},
	}}

	projections = []table{ticketTable, counterTable, queueLengthTable, sameHolderTable, tombstoneTable, pauseTable, deviceTable, helpCallTable}
)

// change is what happened to a projection. The words are in the ledger.
type change string

const (
	ticketNew    change = "ticket"      // row of ticket
	ticketChange change = "change"      // changed columns of the entry's ticket
	sameHolder   change = "same_holder" // row of same_holder
	tombstoned   change = "tombstone"   // row of tombstone
	paused       change = "pause"       // row of pause
	resumed      change = "resume"      // key of pause
	deviceState  change = "device"      // row of device, replacing the one with its key
	helpCalled   change = "help"        // row of help_call
	helpAnswered change = "help_answer" // id, answered_at, answered_by of help_call
	noChange     change = ""            // the entry is told for its own sake
)

// shapes says what the row of a change looks like. Of ticketChange any of the
// columns of ticket can be there.
var shapes = map[change]table{
	ticketNew: ticketTable, ticketChange: ticketTable, sameHolder: sameHolderTable, tombstoned: tombstoneTable,
	paused: pauseTable, deviceState: deviceTable, helpCalled: helpCallTable,
	resumed:      {"pause", 2, pauseTable.columns[:2]},
	helpAnswered: {"help_call", 2, []column{{"hall", text}, {"id", text}, {"answered_at", num}, {"answered_by", text}}},
}

// fact is what an entry of the ledger changes: enough to do it again, and nothing
// that must be forgotten one day. In the ledger it is JSON such as
//
//	{"tombstone":{"id":"0190…","terminal":"t7","reason":"abandoned","at":1700000000000000}}
//	{"change":{"state":"called","called_at":1700000000000000,"window_id":"w3","calls":1}}
//
// with the columns' names, without hall, bytes in base64, and {} for noChange.
type fact struct {
	what change
	row  row // with hall; nil values are columns that are not changed
	// Of a ticketChange that moves a ticket to another day or business, the ones
	// it had; otherwise empty.
	wasDay, wasBusiness string
}

// encode returns the JSON of f.
func (f fact) encode() string {
	if f.what == noChange {
		return "{}"
	}
	b := make([]byte, 0, 512)
	b = append(b, `{"`...)
	b = append(b, f.what...)
	b = append(b, `":{`...)
	first := true
	for i, c := range shapes[f.what].columns {
		if i == 0 || f.row[i] == nil {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(append(append(b, '"'), c.name...), `":`...)
		value, err := json.Marshal(f.row[i])
		if err != nil {
			panic(fmt.Sprintf("store: fact: %v", err)) // strings, numbers, bytes
		}
		b = append(b, value...)
	}
	b = append(b, '}')
	if f.wasDay != "" || f.wasBusiness != "" {
		was, err := json.Marshal(struct {
			Day      string `json:"day"`
			Business string `json:"business"`
		}{f.wasDay, f.wasBusiness})
		if err != nil {
			panic(fmt.Sprintf("store: fact: %v", err))
		}
		b = append(append(b, `,"was":`...), was...)
	}
	return string(append(b, '}'))
}

// decodeFact is the reverse of encode. A fact that names a column or a change this
// program does not know is refused: what would be made of it is not what was.
func decodeFact(hall, data string) (fact, error) {
	bad := func(why string, err error) (fact, error) {
		if err != nil {
			return fact{}, fmt.Errorf("store: fact: %s: %w", why, err)
		}
		return fact{}, fmt.Errorf("store: fact: %s", why)
	}
	var parts map[string]json.RawMessage
	if err := json.Unmarshal([]byte(data), &parts); err != nil {
		return bad("not an object", err)
	}
	f := fact{}
	for name, raw := range parts {
		if name == "was" {
			var was struct{ Day, Business string }
			if err := json.Unmarshal(raw, &was); err != nil {
				return bad("was", err)
			}
			f.wasDay, f.wasBusiness = was.Day, was.Business
			continue
		}
		shape, ok := shapes[change(name)]
		if !ok || f.what != noChange {
			return bad(fmt.Sprintf("unknown change %q", name), nil)
		}
		f.what = change(name)
		var err error
		if f.row, err = decodeRow(shape, hall, raw, f.what == ticketChange); err != nil {
			return bad(name, err)
		}
	}
	if (f.wasDay != "" || f.wasBusiness != "") && f.what != ticketChange {
		return bad("was without a change", nil)
	}
	return f, nil
}

// decodeRow reads the columns of shape but hall; with partial, some may be absent.
func decodeRow(shape table, hall string, raw json.RawMessage, partial bool) (row, error) {
	var values map[string]json.RawMessage
	if err := json.Unmarshal(raw, &values); err != nil {
		return nil, err
	}
	out := make(row, len(shape.columns))
	out[0] = hall
	found := 0
	for i, c := range shape.columns[1:] {
		v, ok := values[c.name]
		if !ok || bytes.Equal(v, []byte("null")) {
			if partial && !ok {
				continue
			}
			return nil, fmt.Errorf("no %s", c.name)
		}
		found++
		var err error
		switch c.kind {
		case text:
			out[i+1], err = decode[string](v)
		case num:
			out[i+1], err = decode[int64](v)
		case flag:
			out[i+1], err = decode[bool](v)
		case blob:
			out[i+1], err = decode[[]byte](v)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.name, err)
		}
	}
	if found != len(values) {
		return nil, fmt.Errorf("has columns that are not known")
	}
	return out, nil
}

func decode[T any](raw json.RawMessage) (T, error) {
	var v T
	err := json.Unmarshal(raw, &v)
	return v, err
}
