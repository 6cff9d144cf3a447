package centralapi

import (
	"encoding/json"
	"time"

	"hallkiosk/app/hall"
	"hallkiosk/app/handoff"
)

// Catalogue is a hall as terminals may know it. Served at
// GET /v1/halls/{hall}/catalogue with a strong ETag over its bytes.
type Catalogue struct {
	Revision string    `json:"revision"` // SHA-256 of the canonical hall, hex; equals the ETag
	Hall     hall.Hall `json:"hall"`
}

// Status is what changes by the minute. Served at GET /v1/halls/{hall}/status.
type Status struct {
	// Now is the centre's clock. Terminals show it and never set theirs by it.
	Now         time.Time `json:"now"`
	BusinessDay string    `json:"business_day"` // 2026-11-21
	// Queues has one entry per business, in catalogue order.
	Queues []QueueStatus `json:"queues"`
	// GuidesRevision is the revision of the hall's guides, as [Guides].Revision;
	// empty while the centre has none.
	GuidesRevision string `json:"guides_revision,omitempty"`
	// HandoffKey is the ID of the key that signs phone addresses now, nil while the
	// hall has none: a terminal that has not got it reads its [Terminal] anew.
	HandoffKey *uint8 `json:"handoff_key,omitempty"`
	// SealKey is the ID of the key that seals complaints now, empty where the centre
	// takes none: a terminal that has another one reads its [Terminal] anew.
	SealKey string `json:"seal_key,omitempty"`
}

// QueueStatus is the state of one business' queue.
type QueueStatus struct {
	Business string `json:"business"`
	Waiting  int    `json:"waiting"` // tickets in state issued
	// Windows are the windows that serve this business and have somebody logged
	// in, by Window.ID. Empty means that nobody serves it at present.
	Windows []string `json:"windows"`
	Paused  bool     `json:"paused"` // closed by the hall, whatever its hours say
	// PausedWhy is a sentence for the public, at most 60 characters; may be empty.
	PausedWhy string `json:"paused_why,omitempty"`
	// EstimatedMinutes is how long somebody who takes a number now will wait, rounded
	// up: the median time of today's finished tickets × Waiting ÷ Windows. It is
	// [EstimateUnknown] with fewer than three finished tickets or without windows.
	EstimatedMinutes int `json:"estimated_minutes"`
}

// EstimateUnknown is what QueueStatus.EstimatedMinutes is when the wait cannot be
// told. It is a number of its own because 0 minutes is an answer.
const EstimateUnknown = -1

// UnmarshalJSON reads a QueueStatus. A centre older than estimates does not know the
// wait, which is not the same as none.
func (q *QueueStatus) UnmarshalJSON(data []byte) error {
	type plain QueueStatus // without this method
	p := plain{EstimatedMinutes: EstimateUnknown}
	if err := json.Unmarshal(data, &p); err != nil {
		return err
	}
	*q = QueueStatus(p)
	return nil
}

// Terminal is one installed machine as the centre knows it. Served to that
// terminal only, at GET /v1/halls/{hall}/terminal.
type Terminal struct {
	ID   string `json:"id"`   // stable: t7
	Hall string `json:"hall"` // Hall.ID
	Name string `json:"name"` // as staff know it: 一楼大厅 1 号机
	// Slot is the number of the terminal's own series, 1 and up: A7-03 is from
	// slot 7. No other terminal of the hall ever has the same slot.
	Slot int `json:"slot"`
	// HolderSecret is the hall's secret for Holder.Key, 64 hex digits: the key of
	// a business day is HMAC-SHA-256(secret, day), and Holder.Key is
	// HMAC-SHA-256(that key, document number). See [HolderKey].
	HolderSecret string `json:"holder_secret"`
	// AckedThrough is the highest Event.Seq up to which the centre holds
	// everything of this terminal.
	AckedThrough int64 `json:"acked_through"`
	// HandoffKeys sign and open the addresses behind QR codes (package handoff),
	// newest first. Empty from a centre older than they are.
	HandoffKeys []handoff.Key `json:"handoff_keys,omitempty"`
	// SealKey seals what people write in confidence ([Complaint]); nil where the centre
	// takes no complaints, or is older than they are.
	SealKey *SealKey `json:"seal_key,omitempty"`
}

// TicketRequest asks for the next number. POST /v1/halls/{hall}/tickets.
// The same ID may be sent any number of times: the answer is the same ticket.
type TicketRequest struct {
	ID       string `json:"id"` // UUIDv7 made at the tap, durable on the terminal before it is sent
	Business string `json:"business"`
	Item     string `json:"item,omitempty"`
	// Holder is nil for a ticket without identity.
	Holder *Holder `json:"holder,omitempty"`
	// Language is zh or en: the language of the paper and of later messages.
	Language string `json:"language,omitempty"`
	// Class asks to be called by another rule than first come first served; only the
	// classes in Business.Classes are granted. ClassReason says why (老年人), at most
	// 60 characters, nothing that names the person; it is for staff.
	Class       TicketClass `json:"class,omitempty"`
	ClassReason string      `json:"class_reason,omitempty"`
}

// TicketClass is by which rule a ticket is called; see package queue.
type TicketClass = hall.Class

// Ticket classes, as hall files have them.
const (
	Ordinary    = hall.Ordinary
	Priority    = hall.Priority
	Appointment = hall.Appointment
)

// Holder is all the centre ever learns of the person: nothing in it is a whole
// number or a whole name.
type Holder struct {
	// Key is an HMAC of the document number under the hall's key of this
	// business day: it finds a second live ticket of the same person today and
	// links nothing across days. 64 hex digits.
	Key string `json:"key"`
	// Name is masked (张*三); empty for a typed number.
	Name string `json:"name,omitempty"`
	// Number is masked (110***********1234).
	Number string `json:"number"`
	// Source is card or typed.
	Source string `json:"source"`
}

// TicketState is the state of a ticket; see package queue for the rules.
type TicketState string

// Ticket states. Void is for numbers that nobody holds, always with a reason.
const (
	Issued    TicketState = "issued"
	Called    TicketState = "called"
	Started   TicketState = "started"
	Held      TicketState = "held" // called before, and waits beside the window for its turn to go on
	Finished  TicketState = "finished"
	NoShow    TicketState = "no-show"
	Cancelled TicketState = "cancelled"
	Void      TicketState = "void"
)

// Ticket is a number taken.
type Ticket struct {
	ID       string `json:"id"`
	Hall     string `json:"hall"`
	Day      string `json:"day"`   // business day, 2026-11-21
	Label    string `json:"label"` // A023, or A7-03 from terminal slot 7's own series
	Business string `json:"business"`
	Item     string `json:"item,omitempty"`
	// HolderName and HolderNumber are masked, see Holder.
	HolderName   string      `json:"holder_name,omitempty"`
	HolderNumber string      `json:"holder_number,omitempty"`
	State        TicketState `json:"state"`
	IssuedAt     time.Time   `json:"issued_at"`
	// Ahead is how many people wait before this ticket, at the time of the answer.
	Ahead int `json:"ahead"`
	// Window is the Window.ID that called it; empty before.
	Window   string    `json:"window,omitempty"`
	CalledAt time.Time `json:"called_at,omitzero"`
	Calls    int       `json:"calls,omitempty"` // 1 = called once, more = recalled
	// Existing is set in the answer to a TicketRequest when this person already
	// holds this live ticket for the same business: no new number was made, and
	// ID differs from the one asked for.
	Existing bool `json:"existing,omitempty"`
	// Class is empty for an ordinary ticket. ClassReason says why it has one and is told
	// to windows only.
	Class       TicketClass `json:"class,omitempty"`
	ClassReason string      `json:"class_reason,omitempty"`
	// ForWindow is the Window.ID of the only window that may call it; empty = all of the
	// business.
	ForWindow string `json:"for_window,omitempty"`
	// CameBack is set when it was passed over and came back; that happens once.
	CameBack bool `json:"came_back,omitempty"`
	// Reason says why a void or cancelled ticket is so.
	Reason string `json:"reason,omitempty"`
	// PrintUnknown marks a ticket of which nobody knows whether paper came out.
	PrintUnknown bool `json:"print_unknown,omitempty"`
	// Terminal is the id of the terminal it was taken at.
	Terminal string `json:"terminal,omitempty"`
}

// EventBatch carries what happened at one terminal, oldest first.
// POST /v1/halls/{hall}/events: at most 100 events and 256 KiB.
type EventBatch struct {
	Terminal string `json:"terminal"`
	// Incarnation is the newest [Incarnation] the terminal has kept durably; empty
	// only for a terminal that has never had one.
	Incarnation string `json:"incarnation,omitempty"`
	// MonotonicNow is the terminal's monotonic clock at sending, in
	// milliseconds since its boot BootID; with Event.Monotonic it gives each
	// event's age without trusting any wall clock.
	MonotonicNow int64   `json:"monotonic_now"`
	BootID       string  `json:"boot_id"`
	Events       []Event `json:"events"`
}

// IncarnationRequest asks for the terminal's next incarnation.
// POST /v1/halls/{hall}/terminal/incarnation. The same request may be sent again
// until the terminal has kept the answer.
type IncarnationRequest struct {
	// Have is the newest incarnation the terminal has kept durably; empty only for
	// a terminal that has never had one.
	Have string `json:"have"`
	// Nonce is random, at most 64 characters, kept durably before it is sent and
	// used until the answer is kept: the same question again has the same nonce. It
	// tells two disks apart that have the same incarnation, of which one is a copy.
	// Without it such two are found out only when one has gone on from the other's
	// incarnation, or both have written an event of the same number.
	Nonce string `json:"nonce,omitempty"`
}

// Incarnation answers an [IncarnationRequest]: a token that tells a terminal's
// own disk from a copy of it. The terminal keeps it durably before it sends
// anything else, asks for a new one at the first contact after each start and
// once a business day, and puts it into every [EventBatch]. A disk that comes
// back with an older one, or asks for the next one with another nonce, is a copy, or
// the one that was copied: the centre cannot tell which, and closes the terminal's
// own series until the terminal is enrolled anew ([CodeRetired]).
type Incarnation struct {
	Token string `json:"incarnation"` // 64 hex digits
}

// EventKind names what happened at a terminal.
type EventKind string

// Event kinds. A kind the centre does not know is kept and acknowledged.
const (
	// TicketTaken: a number of the terminal's own series was given out. Body: TakenTicket.
	TicketTaken EventKind = "ticket-taken"
	// TicketAbandoned: an intent whose holder was told nothing; the centre voids
	// or refuses that id. Body: AbandonedTicket.
	TicketAbandoned EventKind = "ticket-abandoned"
	// TicketPrinted: what became of the paper. Body: PrintResult.
	TicketPrinted EventKind = "ticket-printed"
	// DeviceChanged: a device of the terminal changed its state. Body: DeviceState.
	DeviceChanged EventKind = "device-changed"
	// HelpCalled: somebody pressed 请人帮忙. Body: HelpCall.
	HelpCalled EventKind = "help-called"
	// SearchMissed: what people looked for among the guides and did not find. Body:
	// MissedSearches.
	SearchMissed EventKind = "search-missed"
)

// Event is one row of a terminal's outbox.
type Event struct {
	ID        string          `json:"id"`  // UUIDv7, primary key at the centre
	Seq       int64           `json:"seq"` // 1, 2, 3 … per terminal store
	Kind      EventKind       `json:"kind"`
	Monotonic int64           `json:"monotonic"` // ms since boot BootID
	BootID    string          `json:"boot_id"`
	Wall      time.Time       `json:"wall"` // terminal's wall clock; a hint only
	Body      json.RawMessage `json:"body"`
}

// TakenTicket is the body of TicketTaken.
type TakenTicket struct {
	Ticket TicketRequest `json:"ticket"`
	Label  string        `json:"label"`
	Series string        `json:"series"` // the terminal's slot, decimal
	Number int           `json:"number"`
	// Day is the business day the number is of, in the terminal's view. No two
	// numbers of one series and day are the same, even where a clock strayed.
	Day string `json:"day"`
	// At is the hall's time when the number was given: the centre's clock, counted
	// on by the monotonic clock of that boot, and Day is the centre's day then. It
	// is absent when the terminal had not heard the centre since its machine was
	// started; then Day is a guess by the wall clock.
	At time.Time `json:"at,omitzero"`
}

// AbandonedTicket is the body of TicketAbandoned.
type AbandonedTicket struct {
	ID     string `json:"id"`
	Reason string `json:"reason"`
}

// PrintResult is the body of TicketPrinted.
type PrintResult struct {
	TicketID string `json:"ticket_id"`
	// Outcome is confirmed, failed or unknown.
	Outcome string `json:"outcome"`
	Copy    bool   `json:"copy"` // marked 补打
}

// DeviceState is the body of DeviceChanged.
type DeviceState struct {
	Device string `json:"device"` // printer, reader, scanner
	// State is ready, fault or absent.
	State string `json:"state"`
	// Fault is a stable code such as paper-out; empty when ready.
	Fault string `json:"fault,omitempty"`
}

// HelpCall is the body of HelpCalled.
type HelpCall struct {
	Page string `json:"page"` // where the person was, never what they typed
}

// EventReceipt answers an EventBatch. An answer of status 200 means that every event
// of the batch is stored durably, also those behind a hole that AckedThrough waits
// for, and those in quarantine; any other means that none was stored by it.
type EventReceipt struct {
	// AckedThrough is the highest Seq up to which everything is stored durably.
	AckedThrough int64 `json:"acked_through"`
	// Quarantined lists events that were kept but not understood.
	Quarantined []string `json:"quarantined"`
}

// WindowLogin opens a window session. POST /v1/halls/{hall}/window-sessions.
type WindowLogin struct {
	Window string `json:"window"`
	PIN    string `json:"pin"`
}

// WindowSession answers a WindowLogin. Token is a bearer token for the
// operations under /v1/halls/{hall}/windows/{window}.
type WindowSession struct {
	Token   string    `json:"token"`
	Expires time.Time `json:"expires"`
}

// CallNext says which press of the button a call is. The body of
// POST /v1/halls/{hall}/windows/{window}/call-next may be left out.
type CallNext struct {
	// Press counts the presses of a session; each is higher than the one before. A press
	// that comes again is answered as it was; one that comes after a later one, because
	// the network kept it back, calls nobody ([CodeConflict]). 0 = not said: then a late
	// copy of the request calls whoever is next.
	Press int64 `json:"press,omitempty"`
}

// TransferTo is where a ticket goes: to another business, to a window that alone may
// call it, or both. One is required. It keeps its place by the time it was taken.
type TransferTo struct {
	Business string `json:"business,omitempty"` // Business.ID; empty = its own
	Window   string `json:"window,omitempty"`   // Window.ID; empty = any of the business
}

// WrongMatter says that a number was taken for the wrong business (取错事项). Without a
// place to go the ticket ends. Reason is at most 60 characters and names nobody.
type WrongMatter struct {
	TransferTo
	Reason string `json:"reason"`
}

// Prioritise gives a waiting ticket a class, or with an empty one takes it back. Reason
// is at most 60 characters and names nobody.
type Prioritise struct {
	Class  TicketClass `json:"class"`
	Reason string      `json:"reason"`
}

// Change is one line of a hall's feed: a number was taken, called, served or made
// void, or something else in the hall is different. It carries numbers only,
// nothing of the person.
type Change struct {
	N        int64     `json:"n"` // 1, 2, 3 … per hall, no gaps: the cursor
	At       time.Time `json:"at"`
	Action   string    `json:"action"` // issued, called, finished … see package queue
	Label    string    `json:"label,omitempty"`
	Business string    `json:"business,omitempty"` // Business.ID
	Window   string    `json:"window,omitempty"`   // Window.ID
	// To is the ticket's state afterwards; empty when no ticket changed.
	To TicketState `json:"to,omitempty"`
}

// Changes is the answer of the long poll at GET /v1/halls/{hall}/changes with
// Accept: application/json. The same path with Accept: text/event-stream is the
// stream of the same changes, each an event named change with its n as id.
type Changes struct {
	// Cursor is the N to ask after the next time: that of the last change here, or
	// the hall's present one when Reset is set.
	Cursor  int64    `json:"cursor"`
	Changes []Change `json:"changes"` // oldest first, at most 1,000
	// Reset means that the changes after the cursor asked for cannot be told one
	// by one, because they are too many or the centre has never been there: read
	// the snapshot anew and go on from Cursor.
	Reset bool `json:"reset,omitempty"`
}

// DayNumbers accounts for every number of one business day of a hall. Served at
// GET /v1/halls/{hall}/days/{day}/numbers to the windows of that hall.
type DayNumbers struct {
	Hall string `json:"hall"`
	Day  string `json:"day"` // 2026-11-21
	// Series are the hall's own series by prefix, then those of terminals.
	Series []SeriesNumbers `json:"series"`
}

// SeriesNumbers accounts for the numbers of one series. Every number from First
// to Last is served, a no-show, cancelled, void, open or missing.
type SeriesNumbers struct {
	Prefix    string       `json:"prefix"`
	Series    string       `json:"series"` // "" = the hall's own, else the terminal's slot
	First     string       `json:"first"`  // label
	Last      string       `json:"last"`   // label
	Served    int          `json:"served"`
	NoShow    int          `json:"no_show"`
	Cancelled int          `json:"cancelled"`
	Open      int          `json:"open"` // issued, called, started or held
	Void      []VoidNumber `json:"void"`
	// Missing are labels nobody can account for. It is always empty for the hall's
	// own series; in a terminal's series a number is missing until the terminal
	// has reported it.
	Missing []string `json:"missing"`
}

// VoidNumber is a number that nobody holds, and why.
type VoidNumber struct {
	Label  string `json:"label"`
	Reason string `json:"reason"` // abandoned, superseded
}

// Board is a snapshot for TV boards and the window console; live changes follow
// on GET /v1/halls/{hall}/board/stream (server-sent events named board, each a
// whole Board).
type Board struct {
	Hall    string        `json:"hall"`
	Now     time.Time     `json:"now"`
	Calls   []BoardCall   `json:"calls"` // newest first, at most 12
	Waiting []AreaWaiting `json:"waiting"`
	Notice  string        `json:"notice,omitempty"`
}

// BoardCall is one line of a TV board: numbers only, never a name.
type BoardCall struct {
	Label  string    `json:"label"`
	Window string    `json:"window"` // Window.Name
	Area   string    `json:"area"`   // Area.ID
	At     time.Time `json:"at"`
	Calls  int       `json:"calls"`
}

// AreaWaiting counts the people waiting in one area.
type AreaWaiting struct {
	Area    string `json:"area"` // Area.ID
	Name    string `json:"name"`
	Waiting int    `json:"waiting"`
}

// Problem is an RFC 9457 problem+json body.
type Problem struct {
	Type   string `json:"type"` // urn:hallkiosk:problem:<code>
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail,omitempty"`
	// Code is stable; see the Code constants.
	Code Code `json:"code"`
	// Retryable is false when the same request can never succeed.
	Retryable bool `json:"retryable"`
}

// Code is the machine-readable reason of a Problem.
type Code string

// Problem codes.
const (
	CodeMalformed       Code = "malformed"           // 400, not JSON of the documented shape
	CodeInvalid         Code = "invalid"             // 422, well-formed but a value is wrong
	CodeUnauthorized    Code = "unauthorized"        // 401
	CodeForbidden       Code = "forbidden"           // 403, a token of another hall, terminal or window
	CodeNotFound        Code = "not-found"           // 404, hall, ticket, window
	CodeUnknownBusiness Code = "unknown-business"    // 422
	CodeMethod          Code = "method-not-allowed"  // 405
	CodeTooLarge        Code = "too-large"           // 413
	CodeUnsupported     Code = "unsupported-media"   // 415
	CodeConflict        Code = "conflict"            // 409, the ticket is not in a state that allows this
	CodeIDReused        Code = "id-reused"           // 422, same id, other content
	CodeClosed          Code = "hall-closed"         // 409, hall or business is closed at this time
	CodePaused          Code = "business-paused"     // 409
	CodeNumbersOut      Code = "numbers-out"         // 409, no numbers left today
	CodeAbandoned       Code = "abandoned"           // 409, this id was given up by its terminal
	CodeRetired         Code = "incarnation-retired" // 409, a disk that was copied; enrol the terminal anew
	CodeTooMany         Code = "too-many-requests"   // 429
	CodeInternal        Code = "internal"            // 500
	CodeUnavailable     Code = "service-unavailable" // 503
)
