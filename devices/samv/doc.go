// Package samv drives readers of Chinese resident ID cards: serial readers
// with a SAM-V security module (GA 450, GA 467) that read citizens' cards, the
// residence permits of Hong Kong, Macao and Taiwan residents, and both
// generations of the foreigners' permanent residence card.
//
// The kiosk polls a [Reader] and gets each laid card once as a [Card]. It
// never asks for fingerprints, throws the photo away the moment it has been
// received, never logs, and never decides what a person is told.
//
// # Why by hand
//
// The makers' libraries are closed, for Windows, and hand out the photo and
// the whole card at once. The open drivers that were read (C, Qt, Java, C#)
// expect a reply in one piece, take a late reply for the next one, and show
// the same card again and again while it lies there; two of them send wrong
// command bytes. The wire format is small: a frame, seven commands, a block of
// 256 bytes.
//
// Sources: GA 467-2012 by way of the command tables in eastcoms.com
// (downdrive/508), softs.im (身份证阅读器通信协议) and yzsam.com; GA/T 490 for
// the citizen layout; eastcoms.com (pro/840) for the cards of 2017 and 2023.
// What no source confirms is marked so at its constant.
package samv
