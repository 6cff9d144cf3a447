package verify

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"hallkiosk/app/centralapi"
)

// Kind names what a service did wrong. The values stand in the JSON report.
type Kind string

// The kinds of violations, worst first.
const (
	// Duplicate: two requests were answered with the same number on one day.
	Duplicate Kind = "duplicate-number"
	// TwoNumbers: one request was answered with two different numbers.
	TwoNumbers Kind = "two-numbers"
	// DoubleCall: one number was called twice, by one or two windows.
	DoubleCall Kind = "double-call"
	// TwoAtWindow: a window got a second person while it had one.
	TwoAtWindow Kind = "two-at-window"
	// Lost: a number was answered, but never called, or is not on record.
	Lost Kind = "lost"
	// Unknown: a number was called that nobody holds.
	Unknown Kind = "unknown-number"
	// Gap: a number between others was given to nobody.
	Gap Kind = "gap"
	// IssueOrder: somebody who asked after another had been answered got a smaller
	// number.
	IssueOrder Kind = "issue-order"
	// CallOrder: a number was called, and only afterwards a window asked for and
	// got a smaller one of the same business.
	CallOrder Kind = "call-order"
	// WrongState: an answer contradicts what was done to the ticket.
	WrongState Kind = "wrong-state"
	// Accounts: the service's own account of the day does not add up.
	Accounts Kind = "accounts"
)

// kinds in the order of the report, with the words of the printed one.
var kinds = []struct {
	kind  Kind
	words string
}{
	{Duplicate, "两人同号"}, {TwoNumbers, "一次取号得到两个号"}, {DoubleCall, "一个号叫了两次"}, {TwoAtWindow, "一个窗口同时叫到两人"},
	{Lost, "丢号（取到了却没有叫到）"}, {Unknown, "叫到没人取过的号"}, {Gap, "空号"}, {IssueOrder, "后来的人号码在前"}, {CallOrder, "后面的号先叫"},
	{WrongState, "状态不对"}, {Accounts, "当天的账不平"},
}

// check goes through the whole history. Whatever some order of overlapping
// requests allows is right.
func check(issues []issue, calls []call, prefixes map[string]string, violated func(Kind, string)) {
	byID := make(map[string]issue, len(issues))
	bySeries := map[series][]issue{}
	for _, is := range issues {
		byID[is.request.ID] = is
		s := is.series(prefixes)
		bySeries[s] = append(bySeries[s], is)
	}
	callOf := make(map[string]call, len(calls))
	for _, c := range calls {
		before, again := callOf[c.ticket]
		_, known := byID[c.ticket]
		switch {
		case again:
			violated(DoubleCall, fmt.Sprintf("%s 被窗口 %s 和窗口 %s 叫到", c.label, before.window, c.window))
		case !known:
			violated(Unknown, fmt.Sprintf("窗口 %s 叫到 %s", c.window, c.label))
		}
		if !again {
			callOf[c.ticket] = c
		}
	}
	for _, s := range slices.SortedFunc(keys(bySeries), func(a, b series) int {
		return cmp.Or(cmp.Compare(a.day, b.day), cmp.Compare(a.prefix, b.prefix))
	}) {
		checkSeries(bySeries[s], callOf, violated)
	}
}

func keys[K comparable, V any](m map[K]V) func(func(K) bool) {
	return func(yield func(K) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// checkSeries goes through the numbers of one series, smallest first.
//
// Two requests are in the wrong order when the one with the larger number was
// over before the one with the smaller number had begun. So going up the numbers
// it suffices to know the latest begin so far: whoever ended before that is wrong.
func checkSeries(list []issue, callOf map[string]call, violated func(Kind, string)) {
	slices.SortFunc(list, func(a, b issue) int { return cmp.Compare(a.number, b.number) })
	var lastIssue, lastCall struct {
		begin time.Duration
		label string
	}
	for n, is := range list {
		if n > 0 {
			switch before := list[n-1].number; {
			case before == is.number:
				violated(Duplicate, fmt.Sprintf("%s 给了两个人", is.label))
			case is.number-before == 2:
				violated(Gap, fmt.Sprintf("%s 和 %s 之间缺一个号", list[n-1].label, is.label))
			case is.number-before > 2:
				violated(Gap, fmt.Sprintf("%s 和 %s 之间缺 %d 个号", list[n-1].label, is.label, is.number-before-1))
			}
		}
		if is.end < lastIssue.begin {
			violated(IssueOrder, fmt.Sprintf("%s 已经给出，后来的人却拿到 %s", is.label, lastIssue.label))
		}
		if is.begin > lastIssue.begin {
			lastIssue.begin, lastIssue.label = is.begin, is.label
		}
		c, called := callOf[is.request.ID]
		if !called {
			violated(Lost, fmt.Sprintf("%s 一直没有叫到", is.label))
			continue
		}
		if c.end < lastCall.begin {
			violated(CallOrder, fmt.Sprintf("%s 叫过之后才叫 %s", is.label, lastCall.label))
		}
		if c.begin > lastCall.begin {
			lastCall.begin, lastCall.label = c.begin, is.label
		}
	}
}

// compareAccounts asks the service to account for every number of the days of the
// run and compares that with what the terminals hold.
func (r *run) compareAccounts(ctx context.Context, w *window) {
	b := r.book
	last := map[series]issue{}
	for _, is := range b.issues { // no worker is left
		if s := is.series(b.prefixes); is.number > last[s].number {
			last[s] = is
		}
	}
	accounts := map[string]centralapi.DayNumbers{}
	for s, newest := range last {
		if _, asked := accounts[s.day]; !asked {
			day, err := w.session.Numbers(ctx, s.day)
			for n := 0; err != nil && !permanent(err) && n < tries && ctx.Err() == nil; n++ {
				pause(ctx, n, err)
				day, err = w.session.Numbers(ctx, s.day)
			}
			if err != nil {
				b.failed("account for the day "+s.day, err)
			}
			accounts[s.day] = day
		}
		of := accounts[s.day].Series
		at := slices.IndexFunc(of, func(n centralapi.SeriesNumbers) bool { return n.Prefix == s.prefix && n.Series == "" })
		if at < 0 {
			b.violated(Accounts, fmt.Sprintf("%s 的账里没有 %s 字头的号", s.day, s.prefix))
			continue
		}
		if n := of[at]; n.Last != newest.label || len(n.Missing) > 0 || n.Open > 0 {
			b.violated(Accounts, fmt.Sprintf("%s 字头：账上最后一个是 %s，应是 %s；%d 个没有下落，%d 个没办完",
				s.prefix, n.Last, newest.label, len(n.Missing), n.Open))
		}
	}
}
