// Package rating is the national scheme of rating public services (政务服务"好差评") as
// data and rules: five fixed levels, forty fixed reasons with versions, what a rating
// must look like to be kept, the records reported upwards, and the figures made from
// many. The central service uses it to take and count ratings, terminals and phone pages
// to ask for them.
//
// # The scheme
//
// 国办发〔2019〕51号 (2019-12-03) has every hall, window and terminal ask for ratings,
// one for each service (一次一评), voluntarily; GB/T 39734-2020 and GB/T 39735-2020 say
// how to work with them. The package follows what is publicly known of them; it does not
// claim conformance. Nobody may be pressed, so nothing is ever preselected, and an
// evaluator is protected: a [Rating] holds the ticket and no name, and what is shown of
// an anonymous one does not even lead to the ticket.
//
// # The trap of the numbers
//
// Provinces' interfaces count satisfaction from 5 (非常满意) down to 1; table A.8 of
// GB/T 39046-2020 counts from 1 (非常满意) up to 5. Here a level is a word, and a number
// is made at the border only, by a named [Scale].
//
// # What it never does
//
// No I/O, no clock, no storage. It does not decide who may rate: the central service
// knows which services have ended and which codes are spent.
package rating
