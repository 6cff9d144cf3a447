// Package hall describes a service hall: its areas, windows, businesses, items
// and opening hours.
//
// The central service reads a hall from its hall file ([ReadFile]), terminals
// receive the same description, without secrets, as the catalogue. Both sides
// ask the same code whether the hall is open ([Hall.StateAt]), so a terminal
// that has lost its network still knows. The package does no I/O except reading
// a hall file and knows nothing of tickets, screens or devices.
//
// A hall file is strict TOML: [Parse] reports everything wrong with it at once,
// with line and cure, in Chinese, for the hall's own staff edit it ([Problems]).
// [Format] writes one; package importer makes one from a published list of items.
//
// Words: a business (办理业务) is one queue with its own number prefix; an item
// (事项) is a matter a citizen looks for, and leads to the business that handles
// it; a window (窗口) serves businesses; an area (区域) is where people wait.
package hall

import "time"

// Hall is one service hall. A Hall is read-only after it has been read.
type Hall struct {
	ID       string `toml:"id" json:"id"`               // stable, ASCII, at most 40 bytes: "demo"
	Name     string `toml:"name" json:"name"`           // 示例街道综合服务大厅
	NameEn   string `toml:"name_en" json:"name_en"`     // shown on English screens; falls back to Name
	TimeZone string `toml:"time_zone" json:"time_zone"` // IANA name; default Asia/Shanghai
	// CutOver is the local hour at which a new business day begins, 0–6; default 3.
	CutOver int `toml:"cut_over" json:"cut_over"`
	// SupervisionPhone (监督电话) stands at the foot of every screen and ticket.
	SupervisionPhone string `toml:"supervision_phone" json:"supervision_phone"`
	ServicePhone     string `toml:"service_phone" json:"service_phone"`
	// PhoneURL is the address under which phones reach the central service, the
	// start of every QR code: https://hall.example.cn. Empty = the address the
	// terminal itself uses, which suits a demonstration.
	PhoneURL   string     `toml:"phone_url" json:"phone_url,omitempty"`
	Notice     string     `toml:"notice" json:"notice"` // scrolls on the TV board; may be empty
	Hours      Hours      `toml:"hours" json:"hours"`
	Areas      []Area     `toml:"areas" json:"areas"`
	Windows    []Window   `toml:"windows" json:"windows"`
	Businesses []Business `toml:"businesses" json:"businesses"`
	// Queue is how the hall calls its tickets; zero = the defaults.
	Queue Queue `toml:"queue" json:"queue,omitzero"`
	// Plan is the plan of the hall; nil = none, and screens show none.
	Plan *Plan `toml:"plan" json:"plan,omitempty"`
	// Board are pages of the notice board (公开栏) on terminals; may be empty.
	Board []BoardPage `toml:"board" json:"board,omitempty"`
	// Ratings and Complaints are what the hall decides about both; zero = the defaults.
	Ratings    Ratings    `toml:"ratings" json:"ratings,omitzero"`
	Complaints Complaints `toml:"complaints" json:"complaints,omitzero"`
	// Holidays are those the program does not know; deadlines are reckoned at the centre.
	Holidays []Holiday `toml:"holidays" json:"-"`
}

// Area is a part of the hall where people wait.
type Area struct {
	ID     string `toml:"id" json:"id"`
	Name   string `toml:"name" json:"name"` // 综合服务区
	NameEn string `toml:"name_en" json:"name_en"`
	Place  string `toml:"place" json:"place"` // how to get there: 一楼 A 区
	// PlaceEn falls back to Place.
	PlaceEn string `toml:"place_en" json:"place_en"`
}

// Window is one counter.
type Window struct {
	ID   string `toml:"id" json:"id"`     // stable, ASCII: "w3"
	Name string `toml:"name" json:"name"` // as called aloud and painted above the counter: "3"
	Area string `toml:"area" json:"area"` // Area.ID
	// At is where it is on the plan; nil = not on it.
	At *Point `toml:"at" json:"at,omitempty"`
	// PINHash is the argon2id hash of the window's PIN in PHC string form, made by
	// `hallcentral pin`. It never leaves the central service.
	PINHash string `toml:"pin_hash" json:"-"`
}

// AskID says whether a business wants to know who takes a number.
type AskID string

// The values of Business.AskID.
const (
	AskRequired AskID = "required" // a card, a typed number, or the way to a person
	AskOptional AskID = "optional" // asked for, may be skipped with one tap
	AskNever    AskID = "never"    // no page about identity at all; the default
)

// Business is one queue.
type Business struct {
	ID     string `toml:"id" json:"id"`
	Name   string `toml:"name" json:"name"`
	NameEn string `toml:"name_en" json:"name_en"`
	// Prefix opens every number of this business: one or two of A–Z, unique in
	// the hall: "A" gives A001.
	Prefix string `toml:"prefix" json:"prefix"`
	Area   string `toml:"area" json:"area"`   // Area.ID
	Group  string `toml:"group" json:"group"` // heading on the choice page; empty = ungrouped
	// GroupEn falls back to Group.
	GroupEn string   `toml:"group_en" json:"group_en"`
	Windows []string `toml:"windows" json:"windows"` // Window.ID, at least one
	AskID   AskID    `toml:"ask_id" json:"ask_id"`
	// Classes are those somebody who takes a number may ask for; staff may give both.
	Classes []Class `toml:"classes" json:"classes,omitempty"`
	// DailyCap is how many numbers are given out on a day; 0 = as many as come.
	DailyCap int `toml:"daily_cap" json:"daily_cap,omitempty"`
	// Quotas are how many are given out in parts of the day.
	Quotas []Quota `toml:"quotas" json:"quotas,omitempty"`
	// For is one line 适合办…, in the words people use.
	For   string `toml:"for" json:"for"`
	ForEn string `toml:"for_en" json:"for_en"`
	// Hours, when set, replaces the hall's hours for this business; it must lie
	// within them.
	Hours *Hours `toml:"hours" json:"hours,omitempty"`
	// Items, when there are any, are shown instead of the business itself: the
	// citizen chooses a matter, the ticket belongs to this business.
	Items []Item `toml:"items" json:"items,omitempty"`
}

// Item is a matter (事项) handled by a business.
type Item struct {
	ID     string `toml:"id" json:"id"` // unique in the hall
	Name   string `toml:"name" json:"name"`
	NameEn string `toml:"name_en" json:"name_en,omitempty"`
}

// Hours is a weekly pattern with exceptions.
type Hours struct {
	// Week holds the open intervals per weekday, keys mon tue wed thu fri sat
	// sun, values like "08:30-12:00"; a missing day is closed.
	Week map[string][]string `toml:"week" json:"week"`
	// Days are single days that differ: holidays, days worked instead, closures.
	Days []Day `toml:"days" json:"days"`
}

// Day is an exception to the weekly pattern.
type Day struct {
	Date   string   `toml:"date" json:"date"`     // 2026-10-01
	Open   []string `toml:"open" json:"open"`     // empty = closed all day
	Reason string   `toml:"reason" json:"reason"` // 国庆节, shown to people
}

// OpenKind says in one word what a hall is doing.
type OpenKind string

// The values of OpenState.Kind.
const (
	Open       OpenKind = "open"
	NotYetOpen OpenKind = "not-yet" // opens later today for the first time
	Break      OpenKind = "break"   // opens again today
	ClosedNow  OpenKind = "closed"  // was open today, does not open again today
	ClosedDay  OpenKind = "holiday" // not open at all today
)

// OpenState is what a person in front of the hall wants to know.
type OpenState struct {
	Kind OpenKind `json:"kind"`
	// Until is when Kind ends: the end of this open interval, or the next
	// opening (which may be days away). It is zero if neither comes within 60
	// days: a hall that never closes, or one closed for good.
	Until time.Time `json:"until"`
	// Next is when the interval after Until opens, if that is today (12:00
	// break, 14:00 open again); else zero. Only set while Open.
	Next   time.Time `json:"next"`
	Reason string    `json:"reason,omitempty"` // Day.Reason of today, open or not
}
