//go:build bench && linux && !headless

package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// printFigures prints the table: the terminal, the browser, their ratio, and
// whether the target was met.
func printFigures(k, b *figures, circumstances string) {
	fmt.Printf("\nThe window, beside Chromium showing equal pages\n(%s)\n\n", circumstances)
	row("", "Hallkiosk", "Chromium", "ratio", "target", "")

	compared := func(what, unit string, ours, theirs []float64, target bool) {
		r := median(ours) / median(theirs)
		aim, verdict := "", ""
		if target {
			aim, verdict = fmt.Sprintf("≤ %.2f ×", targetRatio), judge(r, targetRatio, "×")
		}
		row(what, spread(ours, unit), spread(theirs, unit), fmt.Sprintf("%.2f ×", r), aim, verdict)
	}
	compared("start → first frame with content, first start", "ms", millis(k.first), millis(b.first), true)
	compared("start → first frame with content, later start", "ms", millis(k.later), millis(b.later), true)
	compared(fmt.Sprintf("memory (PSS) %d s after the start", idleSettle/time.Second), "MB", k.idlePSS, b.idlePSS, true)
	compared(fmt.Sprintf("memory (PSS) after %d round trips", trips), "MB", k.usedPSS, b.usedPSS, false)
	row("  processes", fmt.Sprint(k.processes), fmt.Sprint(b.processes), "", "", "")
	row(fmt.Sprintf("idle processor time over %d s", idleTime/time.Second), spread(k.idleCPU, "%"), spread(b.idleCPU, "%"), "",
		fmt.Sprintf("≤ %.1f %%", targetIdleCPU), judge(slices.Max(k.idleCPU), targetIdleCPU, "%"))

	tap := func(what string, ours, theirs []time.Duration, p int, aim, verdict string) {
		x, y := quantile(ours, p), quantile(theirs, p)
		row(what, fmt.Sprintf("%.1f ms", x), fmt.Sprintf("%.1f ms", y), fmt.Sprintf("%.2f ×", x/y), aim, verdict)
	}
	limit := float64(targetTap) / 1e6
	tap("press of 取号 → first changed frame, p50", k.tap, b.tap, 50, "", "")
	tap("press of 取号 → first changed frame, p99", k.tap, b.tap, 99, fmt.Sprintf("≤ %.0f ms", limit), judge(quantile(k.tap, 99), limit, "ms"))
	tap("release → the whole new page, p50", k.page, b.page, 50, "", "")
	tap("release → the whole new page, p99", k.page, b.page, 99, "", "")
	cpu := func(what string, x, y time.Duration) {
		row(what, fmt.Sprintf("%.1f s", x.Seconds()), fmt.Sprintf("%.1f s", y.Seconds()), fmt.Sprintf("%.2f ×", x.Seconds()/y.Seconds()), "", "")
	}
	cpu(fmt.Sprintf("processor time of %d round trips", trips), k.tripCPU, b.tripCPU)
	cpu("  with the display server's", k.tripCPU+k.tripServer, b.tripCPU+b.tripServer)
	fmt.Printf("\nMedians (and ranges) of %d starts and of %d idle times; %d presses and %d page changes.\n",
		len(k.first), len(k.idlePSS), len(k.tap), len(k.page))
}

// row prints one line of the table, in columns that Chinese characters do not
// shift: they are two columns wide.
func row(cells ...string) {
	widths := []int{47, 20, 20, 8, 9, 0}
	var b strings.Builder
	for i, cell := range cells {
		columns := 0
		for _, r := range cell {
			if columns++; r >= 0x2e80 {
				columns++
			}
		}
		space := strings.Repeat(" ", max(0, widths[i]-columns))
		if i > 0 && i < 5 {
			cell = space + cell
		} else {
			cell += space
		}
		b.WriteString(cell + "  ")
	}
	fmt.Println(strings.TrimRight(b.String(), " "))
}

func judge(figure, target float64, unit string) string {
	if figure <= target {
		return "met"
	}
	return fmt.Sprintf("MISSED by %.2f %s", figure-target, unit)
}

// spread writes the median and the range.
func spread(samples []float64, unit string) string {
	format := "%.0f"
	if unit == "%" {
		format = "%.2f"
	}
	s := fmt.Sprintf(format+" %s", median(samples), unit)
	if len(samples) > 1 {
		s += fmt.Sprintf(" ("+format+"–"+format+")", slices.Min(samples), slices.Max(samples))
	}
	return s
}

func median(samples []float64) float64 {
	s := slices.Sorted(slices.Values(samples))
	if len(s)%2 == 0 {
		return (s[len(s)/2-1] + s[len(s)/2]) / 2
	}
	return s[len(s)/2]
}

func millis(samples []time.Duration) []float64 {
	out := make([]float64, len(samples))
	for i, d := range samples {
		out[i] = float64(d) / float64(time.Millisecond)
	}
	return out
}

// quantile is the smallest sample that p percent of the samples do not exceed, in
// milliseconds.
func quantile(samples []time.Duration, p int) float64 {
	s := slices.SortedFunc(slices.Values(millis(samples)), cmp.Compare)
	return s[max(0, (len(s)*p+99)/100-1)]
}
