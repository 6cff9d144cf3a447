package verify

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Report is what a run found. Its JSON is for programs, [Report.Print] for people.
type Report struct {
	Hall      string  `json:"hall"`
	Seed      uint64  `json:"seed"`
	Terminals int     `json:"terminals"`
	Windows   int     `json:"windows"`
	Seconds   float64 `json:"seconds"` // how long numbers were taken

	Taken    int `json:"taken"`    // requests answered with a number
	Called   int `json:"called"`   // calls that got somebody
	Requests int `json:"requests"` // HTTP requests of the whole run
	// Throttled counts answers that said to ask less often (429). They are no
	// errors.
	Throttled int `json:"throttled"`

	// While numbers were taken.
	TakenPerSecond    float64 `json:"taken_per_second"`
	CalledPerSecond   float64 `json:"called_per_second"`
	RequestsPerSecond float64 `json:"requests_per_second"`

	// Of undisturbed requests.
	Issue Latency `json:"issue_latency"`
	Call  Latency `json:"call_latency"`
	Other Latency `json:"other_latency"` // recall, start, no-show, finish

	// Errors counts requests that failed without our doing.
	Errors       int      `json:"errors"`
	ErrorSamples []string `json:"error_samples,omitempty"`

	// Violations counts what the service did wrong; all kinds are there.
	Violations map[Kind]int `json:"violations"`
	// Samples are the first few of each kind, as Chinese sentences.
	Samples map[Kind][]string `json:"samples,omitempty"`
}

// Latency is a distribution of times from request to answer, in milliseconds.
type Latency struct {
	Count int     `json:"count"`
	P50   float64 `json:"p50_ms"`
	P99   float64 `json:"p99_ms"`
	Max   float64 `json:"max_ms"`
}

// OK reports whether nothing was wrong, and something was verified at all.
func (r Report) OK() bool {
	for _, n := range r.Violations {
		if n > 0 {
			return false
		}
	}
	return r.Errors == 0 && r.Taken > 0 && r.Called > 0
}

// report goes through the history and sums everything up. All workers have ended.
func (b *book) report() Report {
	check(b.issues, b.calls, b.prefixes, b.violated)
	r := Report{
		Taken: len(b.issues), Called: len(b.calls), Requests: b.requests, Throttled: b.throttled,
		Issue: latencyOf(b.times["issue"]), Call: latencyOf(b.times["call"]), Other: latencyOf(b.times["other"]),
		Errors: b.errors.count, ErrorSamples: b.errors.first,
		Violations: map[Kind]int{}, Samples: map[Kind][]string{},
	}
	for _, k := range kinds {
		r.Violations[k.kind] = 0
		if s := b.found[k.kind]; s != nil {
			r.Violations[k.kind], r.Samples[k.kind] = s.count, s.first
		}
	}
	return r
}

func latencyOf(times []time.Duration) Latency {
	if len(times) == 0 {
		return Latency{}
	}
	slices.Sort(times)
	at := func(percent int) float64 {
		return float64(times[max(0, (len(times)*percent+99)/100-1)]) / float64(time.Millisecond)
	}
	return Latency{Count: len(times), P50: at(50), P99: at(99), Max: at(100)}
}

// Print writes the report for a hall manager.
func (r Report) Print(w io.Writer) error {
	var b strings.Builder
	line := func(what, format string, args ...any) {
		b.WriteString("  " + what + strings.Repeat(" ", max(1, 28-columns(what))) + fmt.Sprintf(format, args...) + "\n")
	}
	times := func(what string, l Latency) {
		if l.Count > 0 {
			line(what, "一半在 %.1f 毫秒以内，百分之九十九在 %.1f 毫秒以内", l.P50, l.P99)
		}
	}
	fmt.Fprintf(&b, "核对结果：%d 台终端、%d 个窗口同时工作 %.0f 秒\n", r.Terminals, r.Windows, r.Seconds)
	line("取号", "%s 个，每秒 %s 个", thousands(r.Taken), thousands(int(r.TakenPerSecond)))
	line("叫号", "%s 次，每秒 %s 次", thousands(r.Called), thousands(int(r.CalledPerSecond)))
	line("全部请求", "%s 次，每秒 %s 次", thousands(r.Requests), thousands(int(r.RequestsPerSecond)))
	times("取号用时", r.Issue)
	times("叫号用时", r.Call)
	if r.Throttled > 0 {
		line("中心要求慢一点", "%s 次（不算出错）", thousands(r.Throttled))
	}
	line("出错", "%s", thousands(r.Errors))
	for _, e := range r.ErrorSamples {
		b.WriteString("      " + e + "\n")
	}
	for _, k := range kinds {
		line(k.words, "%s", thousands(r.Violations[k.kind]))
		for _, s := range r.Samples[k.kind] {
			b.WriteString("      " + s + "\n")
		}
	}
	switch {
	case r.OK():
		b.WriteString("没有发现问题：一个号不丢，一个号不重。\n")
	case r.Taken == 0 || r.Called == 0:
		b.WriteString("没有取到号，什么也没有核对。\n")
	default:
		fmt.Fprintf(&b, "发现了问题。再查时可用同样的随机数：-seed %d\n", r.Seed)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// columns is how wide a text stands in a terminal, where Chinese takes two.
func columns(s string) int {
	n := 0
	for _, c := range s {
		if n++; c >= 0x2e80 {
			n++
		}
	}
	return n
}

// thousands writes 12345 as 12,345.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for at := len(s) - 3; at > 0; at -= 3 {
		s = s[:at] + "," + s[at:]
	}
	return s
}
