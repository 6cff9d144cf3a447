// Package central assembles the central service: the authority for the numbers
// of one or more halls. It opens the database, serves the API, the window console
// and the TV board on one address, and ends when it can no longer keep its
// promises, so that a supervisor can start it anew.
//
// The program's main package and whole-system tests use it. What the service
// decides lies in its internal packages: queue (rules), store (durability), live
// (notices and feed of changes), httpapi (the contract) and pages (what people
// look at). The package itself decides nothing and draws nothing.
//
// The clock comes in at one place, Config.Now, and only to ask whether a hall is
// open and what day it is; timeouts and deadlines use the real one. A clock that
// jumps, to 1970 or to 2038, moves the hall to another business day only when
// that is believable (see queue's calendar), so no number is given out twice.
//
// # One hall, many halls
//
// A hall's own service keeps everything in one SQLite file on the machine in the
// hall: a cut line to the city changes nothing a visitor sees. A city may run one
// service for many halls instead, on PostgreSQL; then a cut line makes the hall's
// terminals islands, which issue numbers of their own series until it is back.
// Everything is written for both: the hall's id is the first column of every key,
// and nothing reads across halls.
//
// Several services may share one PostgreSQL. Any of them may be asked for any
// hall: writers of one hall follow each other by an advisory lock in the database,
// whichever process they are in, and a change made through one is told to the
// listeners of all within a fraction of a second, by one NOTIFY for many commits
// and, should that be lost, by looking every two seconds. Numbers are cheapest when
// a hall's requests meet in one process, because they are settled together there;
// a load balancer that hashes the path segment after /v1/halls does that. It is an
// optimisation only.
//
// # Operating
//
// A service on SQLite listens on a Unix socket in its data folder, for the user it
// runs as only, so that hallcentral enrol, staff, backup and rebuild work beside it
// ([Dial]). On PostgreSQL they connect to the database like the service itself.
//
// # Complaints
//
// What people complain of, and how they can be reached, is kept sealed (package sealed
// of the service). On SQLite the key is made at the first start, as seal.key in the data
// folder; on PostgreSQL every service is given the same file (Config.SealKeyFile), and
// without it none are taken. The key is not part of a backup of the database: keep a
// copy of it elsewhere. Cases, who handled them and who has read them are beside the
// ledger; a rebuild leaves them as they are.
//
// # A city: 500 halls with 20 terminals each
//
// 10,000 terminals that take one number in 30 seconds at the worst hour make 333
// numbers and 1,700 events a second; each asks for the hall's status now and then
// (333 a second); boards, consoles and phones hold some 27,500 streams; half a
// million numbers a day are about 2 GB with indexes, 0.7 TB a year. Measured, on a
// machine with two cores that also ran the clients and the database:
//
//	numbers over HTTP, SQLite, 64 clients       7,807 /s, p99 21 ms
//	numbers over HTTP, PostgreSQL, 64 clients   4,780 /s, p99 24 ms
//	bulk events of one hall, SQLite             15,262 /s
//	bulk events of one hall, PostgreSQL          9,233 /s
//	a call to 8,000 boards, last one told after   143 ms
//	memory of an open stream                     27.1 KiB
//	500 halls' peak hour, 600 visits a day each   11 % of both processors on SQLite,
//	                                              18 % on PostgreSQL (the service alone)
//
// The plan: one PostgreSQL primary with a synchronous stand-by; hall_log, event and
// ticket partitioned by month, so that a year is detached and archived rather than
// deleted; two or three services without state of their own in front, 10,000
// streams each (Config.MaxStreams). After a cut of eight hours across the whole
// city 2.9 million numbers come in as 14 million events, 144,000 batches: half an
// hour at 10,000 events a second. Each hall's batches are let in a few at a time
// and the others put off by 429, so halls that work meanwhile do not notice.
//
// # Beyond a city, on paper
//
// None of what follows has been run; it is what the design leaves open.
//
//   - Cells: a country of 50,000 halls is 50 to 100 such cities side by side, with a
//     directory that says which hall is where. Nothing crosses halls but reports. It
//     needs no change here and is the recommendation.
//   - Citus: hall as the distribution column of every table (it is in every key
//     already), tables co-located. Advisory locks are taken on the node a
//     transaction begins on, so a hall must always enter by the same node, or the
//     lock become a row of the hall's own; LISTEN and NOTIFY are per node too, and
//     the looking every two seconds would carry what they do not.
//   - CockroachDB: speaks the protocol and has no advisory locks and no LISTEN. The
//     lock would be a row per hall selected FOR UPDATE, which its transactions retry
//     anyway (40001 is handled), and the feed would poll. A commit is a consensus
//     round of 2 to 10 ms, so one hall would do hundreds of batches a second: plenty.
//   - Halls' own services that report to a city by the events of the API, as
//     terminals report to a hall: the same contract, one level up.
//
// Compared for transport: NATS JetStream leaf nodes fit the shape, but flush to disk
// every two minutes unless told otherwise, and lost acknowledged messages in tests
// by others; it could carry notices, never numbers.
package central
