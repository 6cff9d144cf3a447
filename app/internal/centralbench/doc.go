// Package centralbench measures the finished central service over HTTP, beside
// PocketBase 0.39.0 on the same machine in the same minutes. It contains
// benchmarks only, built with the tag bench; packaging/scripts/bench-central.sh
// runs them with those of the store and of the streams.
//
// What is compared: POST /v1/halls/{hall}/tickets, with authorisation, validation,
// idempotency, ledger and a commit that survives a power cut (SQLite WAL and FULL,
// or PostgreSQL), all on one queue; and PocketBase creating a record of five text
// fields in a collection with an open rule, as shipped (WAL and NORMAL, which may
// lose its last commits in a power cut). Both write a line about each request
// where they do by default: ours on its standard error, which goes to a file,
// PocketBase into a database of its own. Server and clients are processes of
// their own, the client the same for all: net/http with one connection for each
// of 16 or 64 loops. Rounds take turns, because other work on a machine changes
// from minute to minute; ratios are medians of the rounds' ratios.
package centralbench
