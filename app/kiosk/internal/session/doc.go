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
// The whole number of an identity document lives only in [State.Person], from
// the card to the answer of the hall, and is overwritten when a visit ends.
package session
