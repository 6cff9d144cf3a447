// Package report adds up what happened in a hall for those who manage it: how things
// are just now ([Desk.Today]), where every number of a day has gone ([Desk.Day]), what
// a span of days comes to ([Desk.Numbers]), ratings ([Desk.Ratings]) and complaints
// ([Desk.Complaints]); and writes most of that as workbooks (WriteDay, WriteNumbers,
// WriteRatings). Package pages draws it. The package only reads, speaks no HTTP and
// decides nothing about queues.
//
// # Nobody in particular
//
// No report reads who took a number, who rated or who complained; the queries do not
// touch those tables. Of staff it has the names that stand on the page of duties too.
// Ratings and complaints are counts only. Where a count is so small that it points at
// somebody, it is still only what the manager of the hall may know.
//
// # Sums that must be right
//
// A number is one of [Sums]: waiting, at a window, served, passed over, cancelled or
// void; these always add up to Issued, because every ticket is counted once, by its
// state, and a state this program does not know counts as being at a window. Whether
// all numbers are there is another question, and answered apart: the day sheet holds the
// tickets against the hall's counters and against themselves, number by number
// ([Series.Missing]), and against the lengths of queues the terminals are told.
//
// # Waiting and serving
//
// A wait lasts from the number to the last call: a number that is called again waits
// longer by that. A service lasts from its beginning, or else its call, to its end.
// Means are over those that have such a time; a number nobody was called with has none.
// Times of day are the hall's, in halves of an hour, as numbers and their ends fall into
// them.
//
// # Workbooks
//
// Written with excelize, which package importer reads with too; encoding/csv was
// compared: a table opened in a spreadsheet guesses at types and takes "=1+1" for a
// formula. Here text is always text, numbers are numbers and days are days, whatever
// somebody has called a window.
package report
