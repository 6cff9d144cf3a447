// Package nettest tests whole programs over networks that fail: the real central
// service and real terminals (hallcentral drive) as processes of their own, with a
// network between them that the test made and breaks. It contains tests only.
//
// # Partitions
//
// TestPartitions needs Linux and root. It makes network namespaces, one for the
// central service, one for each of three terminals, one for the windows, and one
// that routes between them, in which links go down and single directions become
// black holes at random. What terminals and windows were answered is a history;
// porcupine decides whether one hall could have answered so. HALL_PARTITIONS is
// the number of schedules (default 6, about a minute; long runs: 30), HALL_SEED
// the first one's seed. A schedule that fails prints its seed.
//
// # Bulk synchronisation
//
// TestBulkSync lets terminals deliver a great many events through proxies that
// cut, delay and swallow connections (package cutproxy), to a central service that
// is killed and started anew all the time, and then counts rows. HALL_SYNC_EVENTS
// is the number of events (default 10,000; long runs: 100,000).
//
// What is tested is built by the test from this module; HALL_TEST_PROGRAM names a
// program that is there already.
package nettest
