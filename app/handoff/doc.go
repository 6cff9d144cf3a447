// Package handoff makes and opens the addresses behind QR codes: what is on the
// terminal's screen or paper goes home on the phone. An address is
// {PhoneURL}/h/{hall}/{token}; the token says what it leads to, until when, and
// carries a proof that a terminal of this hall made it. Terminals sign without the
// network, with keys the central service hands out ([Ring]); the central service
// opens them and serves the phone page. The package does no I/O and keeps nothing.
//
// # The token
//
// Bytes, then base64url without padding (RFC 4648, section 5), most significant
// byte first:
//
//	1   version (upper four bits, 1) and kind (lower four bits)
//	1   Key.ID
//	3   hours from 2026-01-01 UTC until it expires
//	n   payload: 1 language, then
//	      guide   8 digest of the id, 2 digest of the list of materials, 0–8 ticks
//	      ticket  16 UUID
//	      rating  16 UUID, 8 nonce
//	12  HMAC-SHA-256 over the purpose, the hall's id and all of the above, cut
//
// That is 38 to 48 characters for a guide, 46 for a ticket, 56 for a rating
// ([MaxToken]). With an address of the hall's own network (30 characters before
// the token) the code is QR version 5 at error correction M, and with the
// longest address and hall id there is reason to expect, version 10: that is what
// a 58 mm printer at 203 dpi draws with five dots a module.
//
// Draw the code with the strongest error correction that stays within version 10
// (H, Q, else M): at M a stain of 10 % of the area is too much for common readers,
// at H they read through 15 %.
//
// Compared, for a ticket: JWT (about 190 characters, with an algorithm field that
// has been the hole in many uses), PASETO v4.local (about 180, encrypting what need
// not be), branca (about 88, no place for a key's id), Tink's MAC primitive (the
// same HMAC, with five bytes of prefix, a key format and a dependency of its own).
// A random id looked up at the centre would be shorter still, but then a terminal
// without network could hand nothing over. The QR code's alphanumeric mode (45
// characters, upper case) would need base32 and upper case in the whole address,
// and saves one version at most.
//
// # What it guards against
//
// Forging and guessing: without the key one guess in 2⁹⁶ is right, each has to be
// asked of the central service, and that slows down whoever asks too often. (RFC
// 2104 advises half the hash, 128 bits, and no less than 80; the rating would then
// take 62 characters. What the other half guards against is somebody who collects
// tags by the 2⁶⁴.) Tampering: every bit of the token is
// under the tag, and one token has one spelling. Mixing up: the hall's id is under
// the tag too.
//
// It does not keep secrets: a token can be read by anybody, which is why nothing
// about a person is in it. Whoever is shown the code, or is sent the address, may
// open it: that is what sharing is for. A ticket's page shows its number and place
// in the queue and no name, and leads to the rating of the service once that has ended.
//
// Replay: addresses of guides and tickets only read, so opening one twice, or on
// two phones, is allowed until it expires; the rating behind a ticket's is spent by the
// ticket, whichever copy of the address was used. Kinds that do something carry a
// [Pass.Nonce], and whoever carries them out must spend it: store (hall, ticket,
// nonce) in the same transaction, and refuse what is stored already.
//
// # Keys
//
// Every hall has a ring of its own. The centre makes a key every 30 days
// ([Ring.Rotate]); tokens name theirs, so old ones stay good until they expire. A
// terminal that was away signs with the newest key it has, never beyond that key's
// end. A terminal that was stolen gives away the hall's keys: put a new key in
// first place and drop the others (Ring{Hall: id}.Rotate), and every address made
// until then is refused with [ErrUnknownKey].
package handoff
