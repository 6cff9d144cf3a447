package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// The projections, in the order in which a report names them.
var (
	ticketTable = table{"ticket", 2, []column{
		{"hall", text}, {"id", text}, {"day", text}, {"prefix", text}, {"series", text}, {"number", num}, {"label", text},
		{"business", text}, {"item", text}, {"language", text}, {"terminal", text}, {"slot", num}, {"seq", num},
		{"fingerprint", blob}, {"state", text}, {"reason", text}, {"print_unknown", flag}, {"issued_at", num},
		{"called_at", num}, {"started_at", num}, {"ended_at", num}, {"window_id", text}, {"calls", num},
		{"class", text}, {"class_reason", text}, {"line", text}, {"place_at", num}, {"back_at", num},
	}}
	counterTable = table{"counter", 3, []column{
		{"hall", text}, {"day", text}, {"prefix", text}, {"last", num}, {"last_at", num},
	}}
	queueLengthTable = table{"queue_length", 3, []column{
		{"hall", text}, {"day", text}, {"business", text}, {"waiting", num}, {"taken", num},
	}}
	passedOverTable = table{"passed_over", 3, []column{
		{"hall", text}, {"day", text}, {"line", text}, {"calls", num},
	}}
	closedWindowTable = table{"closed_window", 2, []column{
		{"hall", text}, {"window_id", text}, {"since", num}, {"reason", text},
	}}
	sameHolderTable = table{"same_holder", 2, []column{
		{"hall", text}, {"id", text}, {"ticket", text}, {"fingerprint", blob},
	}}
	tombstoneTable = table{"tombstone", 2, []column{
		{"hall", text}, {"id", text}, {"terminal", text}, {"reason", text}, {"at", num},
	}}
	pauseTable = table{"pause", 2, []column{
		{"hall", text}, {"business", text}, {"since", num}, {"reason", text},
	}}
	deviceTable = table{"device", 3, []column{
		{"hall", text}, {"terminal", text}, {"device", text}, {"state", text}, {"fault", text}, {"since", num}, {"seq", num},
	}}
	helpCallTable = table{"help_call", 2, []column{
		{"hall", text}, {"id", text}, {"terminal", text}, {"page", text}, {"at", num}, {"answered_at", num}, {"answered_by", text},
	}}

	projections = []table{ticketTable, counterTable, queueLengthTable, sameHolderTable, tombstoneTable, pauseTable, deviceTable, helpCallTable,
		passedOverTable, closedWindowTable}
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
	windowClosed change = "close"       // row of closed_window
	windowOpened change = "open"        // key of closed_window
	noChange     change = ""            // the entry is told for its own sake
)

// shapes says what the row of a change looks like. Of ticketChange any of the
// columns of ticket can be there.
var shapes = map[change]table{
	ticketNew: ticketTable, ticketChange: ticketTable, sameHolder: sameHolderTable, tombstoned: tombstoneTable,
	paused: pauseTable, deviceState: deviceTable, helpCalled: helpCallTable,
	resumed:      {"pause", 2, pauseTable.columns[:2]},
	windowClosed: closedWindowTable,
	windowOpened: {"closed_window", 2, closedWindowTable.columns[:2]},
	helpAnswered: {"help_call", 2, []column{{"hall", text}, {"id", text}, {"answered_at", num}, {"answered_by", text}}},
}

// fact is what an entry of the ledger changes: enough to do it again, and nothing
// that must be forgotten one day. In the ledger it is JSON such as
//
//	{"tombstone":{"id":"0190…","terminal":"t7","reason":"abandoned","at":1700000000000000}}
//	{"change":{"state":"called","called_at":1700000000000000,"window_id":"w3","calls":1},"choice":{"lines":["a","b"],"why":"first"}}
//
// with the columns' names, without hall, bytes in base64, and {} for noChange. What
// follows from other columns is left out, see inferred.
type fact struct {
	what change
	row  row // with hall; nil values are columns that are not changed
	// Of a ticketChange that moves a ticket to another day or business, the ones
	// it had; otherwise empty.
	wasDay, wasBusiness string
	choice              Choice // of a ticketChange that calls the ticket; else zero
}

// Choice says among whom a ticket was chosen to be called, and by which rule.
type Choice struct {
	Lines []string `json:"lines"` // Ticket.Line of all the window could call from
	Why   string   `json:"why"`   // ChoseFirst, ChoseClass or ChoseTurn
	// Passed are new values of how many tickets of a class have been called in a row
	// over the heads of the ordinary ones of a line. Lines that are not there keep
	// theirs.
	Passed map[string]int64 `json:"passed,omitempty"`
}

// The values of Choice.Why.
const (
	ChoseFirst = "first" // it had the first place, and nobody of the other kind waited
	ChoseClass = "class" // its class goes before the ordinary tickets that waited
	ChoseTurn  = "turn"  // it was the ordinary tickets' turn, though others of a class waited
)

func (c Choice) made() bool { return c.Why != "" }

func (c Choice) check() error {
	switch c.Why {
	case ChoseFirst, ChoseClass, ChoseTurn:
	default:
		return fmt.Errorf("unknown reason %q", c.Why)
	}
	if len(c.Lines) == 0 {
		return errors.New("no lines")
	}
	for line, n := range c.Passed {
		if line == "" || n < 0 {
			return fmt.Errorf("line %q passed %d times", line, n)
		}
	}
	return nil
}

// inferred is what a fact means by not naming a column, nil for nothing: an ordinary
// ticket waits in the line of its business at the place of its time. So plain
// tickets take no more room than before there were classes, and ledgers of that time
// are understood. The same goes for why a business is paused.
func (f fact) inferred(i int) any {
	switch {
	case f.what == paused && i == atWhyPaused:
		return ""
	case f.what != ticketNew && f.what != ticketChange:
	case i == atLine:
		return f.row[atBusiness]
	case i == atPlace:
		return f.row[atIssued]
	case f.what == ticketChange:
	case i == atClass, i == atClassReason:
		return ""
	case i == atBack:
		return int64(0)
	}
	return nil
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
		if i == 0 || f.row[i] == nil || f.row[i] == f.inferred(i) {
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
	if f.choice.made() {
		choice, err := json.Marshal(f.choice)
		if err != nil {
			panic(fmt.Sprintf("store: fact: %v", err))
		}
		b = append(append(b, `,"choice":`...), choice...)
	}
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
		if name == "choice" {
			var err error
			if f.choice, err = decodeChoice(raw); err != nil {
				return bad("choice", err)
			}
			continue
		}
		shape, ok := shapes[change(name)]
		if !ok || f.what != noChange {
			return bad(fmt.Sprintf("unknown change %q", name), nil)
		}
		f.what = change(name)
		var err error
		if err = f.decodeRow(shape, hall, raw); err != nil {
			return bad(name, err)
		}
	}
	if (f.wasDay != "" || f.wasBusiness != "") && f.what != ticketChange {
		return bad("was without a change", nil)
	}
	if f.choice.made() && f.what != ticketChange {
		return bad("choice without a change", nil)
	}
	return f, nil
}

// decodeChoice reads a choice; one that says more than this program knows is refused.
func decodeChoice(raw json.RawMessage) (Choice, error) {
	var c Choice
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&c); err != nil {
		return Choice{}, err
	}
	if len(c.Passed) == 0 {
		c.Passed = nil
	}
	return c, c.check()
}

// decodeRow reads the columns of shape but hall. Of a ticketChange some may be
// absent, and those that are inferred of any.
func (f *fact) decodeRow(shape table, hall string, raw json.RawMessage) error {
	var values map[string]json.RawMessage
	if err := json.Unmarshal(raw, &values); err != nil {
		return err
	}
	out := make(row, len(shape.columns))
	out[0] = hall
	f.row = out
	found := 0
	for i, c := range shape.columns[1:] {
		v, ok := values[c.name]
		if !ok || bytes.Equal(v, []byte("null")) {
			if !ok && (f.what == ticketChange || f.what == ticketNew && i+1 >= atClass || f.what == paused && i+1 == atWhyPaused) {
				continue // or inferred below
			}
			return fmt.Errorf("no %s", c.name)
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
			return fmt.Errorf("%s: %w", c.name, err)
		}
	}
	if found != len(values) {
		return fmt.Errorf("has columns that are not known")
	}
	for i := range out {
		if out[i] == nil {
			out[i] = f.inferred(i)
		}
	}
	return nil
}

func decode[T any](raw json.RawMessage) (T, error) {
	var v T
	err := json.Unmarshal(raw, &v)
	return v, err
}
