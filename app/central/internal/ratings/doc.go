// Package ratings takes and keeps ratings of services (好差评, package rating) at the
// central service, and sees to it that bad ones are followed up. The phone page, the
// terminals' API and the staff's pages call [Desk]; package store keeps the rows. The
// package speaks no HTTP and draws nothing.
//
// # Who may rate what
//
// A service is a ticket that was finished. Somebody may rate it once, from the moment it
// ended until Settings.Within days later: with the one-time code on the ticket (a
// handoff.Rating pass, [Desk.Open] and [Desk.Rate]; package pages makes one of the
// ticket's own address, which is all that is printed), or at a terminal
// ([Desk.RateAtTerminal]), which finds the services of today by number or by card, or one
// by its ticket's code ([Desk.Ratable]). There is no third way: a window's or a clerk's
// session opens none of them.
//
// A code is spent by the rating it gives and shows that rating, and what came of it, from
// then on: who has the paper is taken for who rated. Another code of the same ticket shows
// only that the service is rated. A terminal shows its rater a code of their own after a bad
// rating, whose id it gave the rating ([handoff.Pass.RatingID]): not the paper's, for
// clerks get to see the paper. Since a ticket's number hangs on the wall, somebody
// could rate at a terminal what is not theirs; the holder of the code can then still add
// a rating of their own at once.
//
// One supplement (追加评价) may follow later: after Settings.SupplementAfter, or as soon as
// the follow-up is closed. A service that nobody rates may get a default, where the hall
// wants that; it is marked as one, never counts as somebody's opinion, and somebody can
// still rate.
//
// # What staff see
//
// Never who rated. [Desk.Tasks] and [Desk.Export] tell of an anonymous rating neither the
// ticket nor the time of day; of others the ticket's number. Anonymous is what the phone
// page suggests.
//
// # Follow-up
//
//	           take               handle                    close (another person)
//	open ────────────> handling ──────────> review ─────────────────────────> closed
//	                    ↑  └take┘              │
//	                    └────── return (another person)
//
// A bad rating, supplements too, opens a task that is due by the end of the fifteenth
// working day (Settings.FollowUpDays, package workday). Whoever handles it writes the
// answer; somebody else reviews it, and only then the rater reads it. Reminders fall due
// when half and four fifths of the working days are over and when the time is out; they
// are steps of the task ([Desk.Sweep]). Every change is a step of an append-only table, and
// [Replay] of the steps is the task.
//
// Nobody has a part in what is about themselves: whoever works at the window that was
// rated, or may sit there (Worker.Windows), neither sees nor handles nor reviews it. That
// is wider than who sat there at that moment, which is not always known, and the same rule
// that complaints have. A hall needs two people who do not work at that window.
//
// # Bursts
//
// Ratings that come quickly after each other from one device are marked, not refused: a
// hall's own wireless network may look like one device, and a terminal serves many. The
// device is kept as a keyed hash that is another one every day, and forgotten after a week.
package ratings
