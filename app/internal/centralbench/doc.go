// Package centralbench measures the finished central service over HTTP. It contains
// benchmarks only, built with the tag bench; packaging/scripts/bench-central.sh
// runs them with those of the store and of the streams.
//
// # Beside PocketBase
//
// TestFiguresHTTP measures the service and PocketBase 0.39.0 on the same machine in
// the same minutes: POST /v1/halls/{hall}/tickets, with authorisation, validation,
// idempotency, ledger and a commit that survives a power cut (SQLite WAL and FULL,
// or PostgreSQL), all on one queue; and PocketBase creating a record of five text
// fields in a collection with an open rule, as shipped (WAL and NORMAL, which may
// lose its last commits in a power cut). Both write a line about each request
// where they do by default: ours on its standard error, which goes to a file,
// PocketBase into a database of its own. Rounds take turns, because other work on a
// machine changes from minute to minute; ratios are medians of the rounds' ratios.
//
// Server and clients are processes of their own. The client is the same for all:
// one open connection for each of 16 or 64 loops, and as little work for each
// request as tools like wrk do, since it runs on the same processors: the request is
// prepared but for its id and person, and of the answer the status, the id and the
// number are read. That every number is another one is checked at the end.
//
// # Windows and cities
//
// TestFiguresCalls calls at 64 windows while 10,000 wait; TestFiguresCity makes
// the traffic of the peak hour of 500 halls, or of a part of it, at its own rate and
// at ten times that: random arrivals at an assumed rate, not the record of a real day.
package centralbench
