// Package queue holds the rules of a hall's queues: who gets which number, which
// ticket is called next, and what may happen to a ticket after that. Package
// httpapi and package pages call [Desk]; package store keeps the rows. The
// package never speaks HTTP, draws nothing and never learns a whole document
// number, name or phone.
//
// # Numbers
//
// The hall's own series (A001) comes from a counter per hall, business day and
// prefix that moves in the transaction of the ticket, so it has no gaps. A
// terminal that cannot reach the centre gives out its own series (A7-03) and
// reports it later; when the unanswered request had been processed after all,
// the ticket takes the number that is on the paper and the hall's number becomes
// a void row with the reason "superseded". A number nobody was told about becomes
// void with the reason "abandoned". So every number is accounted for.
//
// The id of a ticket is made by the terminal and is the idempotency key, for as
// long as the ticket is kept: the same id with the same content is answered with
// the same ticket, with other content refused.
//
// Requests that arrive while others are being answered are answered together, in
// one transaction (see counter): the answers are those of one after the other, and
// a hall under load costs a handful of statements for hundreds of numbers.
//
// # The business day
//
// Numbers begin again with each business day, so the day follows the clock only
// where that is believable: a clock that wakes up in 1970 or 2038 leaves the hall
// on its day until the calendar has turned by it once (see calendar). Numbers then
// go on where they were and none is given out twice.
//
// # Copies of a disk
//
// A terminal's own series has one durable store. Each contact may hand the terminal
// a new incarnation (see Desk.Rotate); whoever comes back with an older one has a
// disk that somebody else has gone on from, and the terminal is frozen: its events
// are refused, hall numbers go on, until it is enrolled anew with another slot.
//
// # Order
//
// Tickets are called by (issued at, terminal slot, sequence), first come first
// served over all businesses of a window. Tickets of the hall's series are dated
// by the centre's clock at arrival. Numbers a terminal gave out by itself are
// dated by their age: arrival minus what the terminal's monotonic clock says has
// passed since, and only when it has started anew in between by its wall clock,
// clamped to the time between its previous event and arrival. Within a terminal
// its own sequence always decides.
//
// # States
//
//	issued ──call──> called ──start──> started ──finish──> finished
//	                   │ └──────────finish (implies start)──────┘
//	                   └──no-show──> no-show
//	issued, called ──abandoned──> void
//	called, no-show ──superseded──> issued   (nobody holds the number that was called)
//
// A window that has a ticket called or started must finish it or pass it over
// before it calls the next one. That is a conflict and not a silent finish:
// a second press of 叫号 must not end somebody's turn. Recall, start, no-show and
// finish repeated by the same window answer the same ticket again.
//
// # Events
//
// A batch is stored as it came, projected and acknowledged in one transaction; one event
// that cannot be projected is kept, marked as quarantined with a reason, and
// acknowledged, so it blocks nothing. Events behind a hole in the sequence are
// projected too, as a hole must not hide a number somebody holds, but they are
// acknowledged only when the hole is filled.
package queue
