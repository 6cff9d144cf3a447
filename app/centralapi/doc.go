// Package centralapi is the contract between the central service and everything
// that talks to it: the HTTP requests and answers, the events terminals deliver,
// the problem codes, the OpenAPI description of all that, and the [Client].
//
// Terminals, scripts and tests use the Client; the central service uses the
// types. The package never decides anything about queues (package queue of the
// service does) and never retries: a terminal's durable outbox owns retries,
// because only it knows which request was promised to whom.
//
// # Rules of the contract
//
// Paths begin with /v1. Changes inside v1 only add: clients ignore fields they
// do not know, the service refuses unknown fields in what is written to it
// (422), except inside the body of an event, which it keeps whole. Every write
// carries an id made by the caller and may be sent any number of times. Times are
// RFC 3339, days 2026-11-21, everything else that is counted is a plain number.
// Every answer of status 400 and above is an RFC 9457 problem ([Problem]) whose
// Code is stable and whose Retryable flag says whether sending the same request
// again can help; programs branch on these two, people read Detail, which is
// Chinese.
//
// No request and no answer carries a whole document number, name or phone, but what is
// sealed to the centre's key ([Sealed]).
//
// # History
//
// The service answers what it can do in the header [CapabilityHeader] of every
// answer, as one number. A change that a caller may want to know about gets the
// next number and a line here.
//
//	1  catalogue, status, tickets, events (ticket-taken, ticket-abandoned,
//	   ticket-printed, device-changed, help-called), window sessions, call-next,
//	   recall, start, no-show, finish, board and its stream, terminal enrolment
//	   record
//	2  a limit on requests per client (too-many-requests); Retry-After on every
//	   answer of status 429 and 503
//	3  incarnations of terminals, with a nonce, and EventBatch.incarnation; the hall's
//	   time in the body of ticket-taken (at); the feed of changes
//	   with its cursor, as stream and long poll; the numbers of a day; the cursor
//	   as id of the board stream's events
//	4  the hall's guides, whole or as a delta, and Status.guides_revision; hand-off
//	   keys in the terminal's record and Status.handoff_key; the estimated wait in
//	   Status; the event search-missed
//	5  complaints: the event complaint, Terminal.seal_key and Status.seal_key,
//	   progress and withdrawal by query code
//	6  ratings at terminals: which services can be rated, and the rating; what the hall
//	   decides about them in the catalogue (ratings, complaints)
//	7  call-next says which press it is
//
// # What was compared
//
// The client is built on resty v2 (v2.17.2), which repeats POSTs when told to
// retry and re-sends an [io.Reader] body empty; so the Client is the only place
// that imports it, bodies are bytes, and retries and redirects stay off. A test
// holds the module to that. The OpenAPI file is written by hand and held against
// real traffic by tests of the service: generated descriptions describe the
// code, not the promise.
package centralapi

// Capability is the newest entry of the history in the package documentation.
const Capability = 7

// CapabilityHeader carries [Capability] in every answer of the service.
const CapabilityHeader = "Hallkiosk-Capability"
