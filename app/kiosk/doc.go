// Package kiosk assembles a terminal: devices, the durable store, the link to
// the central service, and the session that decides what a citizen sees.
//
// New makes one from a [Config], Run runs it, front ends draw what Watch gives
// them and send touches to Do. There is no Fyne in it: the same terminal runs
// under tests, behind the screens of package screens, or with nobody watching.
//
// # Flow
//
//	touch ──> Do ──> session.Step ──> effects ──> ticketing, peripherals, uplink
//	                     │                              │
//	                     └──> View ──> Watch            └──> events ──> Step
//
// One goroutine, Run's, owns the session. Effects run in goroutines of their
// own and come back as events, so nothing a device or the network does can hold
// up a touch.
//
// # Guides
//
// A catalogue of guides that arrives is made searchable beside everything else, and
// then given to the session with its index. What is written with a finger goes to
// Config.Handwriting, the newest strokes only. QR codes hold addresses signed with the
// hall's keys (package handoff), which needs no network. A guide's list of materials
// is printed like a test page: the journal of tickets' papers does not know of it.
//
// # Complaints
//
// What somebody writes is sealed with the centre's key and put into the outbox in one
// go (complaints.go): in clear it is in memory only. The receipt comes after that. A
// power cut between the two leaves a complaint that arrives, and no receipt: its author
// has gone, and it must not come out in front of somebody else.
//
// # Technician
//
// maintenance.go checks the PIN and tells how the machine is, devices first; what it
// tells is put together from Devices, the uplink, the store and the outbox.
//
// # Invariants
//
//   - A number is durable before it is shown, and shown before it is printed.
//   - A ticket is printed at most once without the mark 补打, unless it is known
//     that nothing of the first paper came out.
//   - One touch on 取号 makes at most one number: the number's identity is
//     written down before anybody is asked for it (package ticketing).
//   - The terminal decides nothing about people here. A rule in this package
//     belongs into session.
//   - A panic while carrying out an effect ends that effect, not the terminal;
//     the citizen is told that no number was taken, or shown the one that was.
package kiosk
