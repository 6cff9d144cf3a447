// Package complaint knows what a complaint or suggestion of a visitor is: its kinds,
// the states it goes through, who may do what to it and when, its deadlines in working
// days, who must never see it, and the code its author asks with. The central service
// decides with it (package complaints), terminals and pages take its lists and codes.
//
// It is pure: no I/O, no clock, no database. A time is a moment in the hall's own
// location, a day is 2026-11-24 there.
//
// # States
//
//	registered ──verify──> verifying ──investigate──> investigating ──handle──> handling
//	  登记                  初步核实                    调查                      处理
//	handling ──feedback──> feedback ──archive──> archived
//	                         反馈                  归档
//	registered … handling ──withdraw──> withdrawn (撤回, by its author only)
//
// None is skipped, and every step says who, when and in what words. Beside these a case
// may be turned over to another department with a day to ask there, be followed up,
// have its deadline extended once with a reason, get a note, and have somebody named
// in it. What a case is now follows from its steps alone: [Replay].
//
// # Deadlines
//
// A case is to be verified, and thereby classified, within [Terms].Classify working days
// of its filing, and answered within Simple or Complex ones of its filing. Deadlines are
// written into the step that sets them, so a later change of calendar or settings moves
// none that somebody was promised.
//
// # Who must not see it
//
// Whoever is named in a case, by account or by the window complained of, must not see
// that it exists; naming somebody can be added to and not taken back. It is [Named] that
// answers, and the central service asks it before anything else.
package complaint
