// Package session decides what a citizen sees next.
//
// It is one pure function: [Step] takes the state and an event (a touch, a card,
// an answer, a timer) and gives the next state and the effects to be carried
// out. It has no clock, no goroutines, no I/O and no chance in it: package kiosk
// carries out the effects and feeds the answers back as events, front ends draw
// [State.View]. So every rule about people is here, and a test is a table.
//
// # Rules
//
//   - A number is taken once per visit: while an answer is awaited, no touch can
//     ask for another ([PageWorking] takes no other event but the answer).
//   - The number comes before the paper: [Issued] shows it, printing follows,
//     and nothing that happens to the paper ever takes the number back.
//   - A visit ends by 首页, 完成, or silence. Its end forgets everything
//     personal: the next state is made anew from the parts that belong to the
//     hall, so nothing can be left behind by an oversight.
//   - Timers carry an ID. A timer that fires late, for a page that is gone, is
//     not the current one and does nothing.
//
// # Guides
//
// The pages of the guides lie on one another: 返回 takes off the topmost and shows
// the one below as it was left, its page, its text, its tab. A visit looks through
// the catalogue it began with, so a new one changes nothing under anybody's finger.
// Taking a number for a matter lies on top of its guide and leads back to it; a card
// laid down meanwhile is kept for that and changes no page. What was looked for,
// ticked off and written ends with the visit. The one thing a Step asks is [Finder],
// which answers from memory.
//
// # Ratings
//
// A service is found by card, by the code or by the number on the ticket, then come
// level, reasons, and all of it once more with the switch 匿名评价, which is on. Nothing
// is preselected, and nothing leaves the session before 提交. Every try to send a rating
// carries the ID that came with its service, so that an answer that got lost makes no
// second rating of it; what to say when it was changed between two tries, the hall
// decides ([RateStands]). Without the network the code on the ticket is pointed to.
//
// # Complaints, the notice board, the technician
//
// What somebody writes in a complaint lives in the state until it is sent or the visit
// ends; [FileComplaint] is asked for once and, when it could not be written down,
// again. After [ComplaintFiled] nothing of it is left but its code. While an answer is
// awaited no touch does anything, as with numbers.
//
// The notice board ([PagePublic]) is made of the hall file and the guides; a section
// without content is not there, and without sections there is no entry.
//
// The technician's page is behind five touches of the upper left corner of the first
// page within three seconds, and a PIN. Nothing on it is personal.
//
// The whole number of an identity document lives only in [State.Person], from
// the card to the answer of the hall, and is overwritten when a visit ends.
package session
