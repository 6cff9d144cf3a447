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
// void with the reason "abandoned"; one whose holder asked again elsewhere and was
// told it there stays, whatever the first terminal says, and is marked as one whose
// paper is unknown. So every number is
// accounted for. What is on paper is booked under the day the terminal is sure of,
// or is dated to; were that place taken, under the nearest day with a free one, with
// a remark in the ledger.
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
// Numbers begin again with each business day, so the day does not follow the clock
// wherever that is set: a day lasts as long as one lasts by the clock that counts
// from the machine's start, and is kept in the database (see calendar). Numbers go on
// where they were and none is given out twice. Terminals see that the hall's day is
// not that of its clock, and count on.
//
// # Copies of a disk
//
// A terminal's own series has one durable store. Each contact may hand the terminal
// a new incarnation (see Desk.Rotate); whoever comes back with an older one, asks for
// the same one with another nonce, or brings another event of a number that is there
// has a disk that somebody else has gone on from, and the terminal is frozen: its
// events are refused, hall numbers go on, until it is enrolled anew with another
// slot. What it had not delivered an operator can hand in (Desk.Import).
//
// # Order
//
// Tickets are called by (issued at, terminal slot, sequence), first come first
// served over all businesses of a window. Those of a class (绿色通道, 预约) go before the
// ordinary ones, three in a row while one of these waits unless the hall file says
// otherwise; choose has the rule, and why nobody waits for ever. A ticket waits in the
// line of its business, or of the one window it was sent to. Its place stays with it
// when it is sent on, put back or given a class; only one that was passed over and comes
// back gets another, behind the next few of its line and kind, once. Why tells from the
// ledger alone, which keeps with every call what was chosen from, why one ticket was
// called before another.
//
// A business can have as many numbers a day, or in parts of it, as the hall file says.
// What terminals give out by themselves counts and is never refused; void numbers do
// not count.
//
// Tickets of the hall's series are dated
// by the centre's clock at arrival. Numbers a terminal gave out by itself are
// dated by their age: arrival minus what the terminal's monotonic clock says has
// passed since. When the machine was started anew in between, it is the hall's time
// the terminal has written down with the number, if it had heard the centre in that
// run; else its wall clock, clamped to the time between its previous ticket event and
// the start of the run that delivers. Within a terminal its own sequence always
// decides; help calls and devices date no ticket.
//
// # States
//
//	issued ──call──> called ──start──> started ──finish──> finished
//	                   │ └──────────finish (implies start)──────┘
//	                   └──no-show──> no-show ──re-enter──> issued   (once)
//	called, started ──hold──> held ──resume──> called
//	called, started, held ──return, transfer──> issued
//	called, started, held ──wrong matter──> cancelled, or issued elsewhere
//	issued, called ──abandoned──> void
//	called, no-show, held before it was started ──superseded──> issued
//	                                         (nobody holds the number that was called)
//
// A window that has a ticket called or started must finish it, pass it over or put it
// on hold, three at most, before it calls the next one. That is a conflict and not a
// silent finish: a second press of 叫号 must not end somebody's turn. What a window has
// done it can do again, and is answered the same ticket: start, no-show, finish, hold,
// resume, wrong matter. A call names no ticket, so its presses are counted, and one that
// the network delivers late calls nobody (CallPressed); a console page says instead what
// its clerk saw. A window or a business can be closed from afar: the first calls
// nobody any more, and what waited for it alone goes back to the line of its business;
// the second takes no numbers, and who has one is called.
//
// # Events
//
// A batch is stored as it came, projected and acknowledged in one transaction; one event
// that cannot be projected is kept, marked as quarantined with a reason, and
// acknowledged, so it blocks nothing. Events behind a hole in the sequence are
// projected too, as a hole must not hide a number somebody holds, but they are
// acknowledged only when the hole is filled.
//
// # Guides, keys, estimates
//
// Beside numbers a hall hands out its guides ([Desk.ImportGuides], [Desk.Guides]) and
// the keys of phone addresses ([Desk.HandoffRing]). Both are in the database and
// change rarely: what is in use is looked up at most once a second for each hall, so
// several services on one database agree within that, and catalogues are kept in
// memory by their revision, eight at most. The ledger tells of a new catalogue or key
// by a line that changes no row.
//
// How long people wait is the median service time of today's finished tickets of the
// business, times the people ahead, over the windows logged in; the median is read
// every half minute at most, and only when somebody asks. What was not found among the
// guides is added up by text and day, without a line in the ledger.
package queue
