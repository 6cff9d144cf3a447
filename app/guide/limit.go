package guide

import (
	"regexp"
	"strconv"
	"strings"
)

// limitShape takes apart 自受理之日起5个工作日（不含公示）.
var limitShape = regexp.MustCompile(`^(自?[^0-9一二三四五六七八九十]{0,20}起)?[，,：:\s]*(\d{1,5}|[一二三四五六七八九十]{1,3})\s*个?\s*[（(]?\s*(工作日|自然日|日历日|天|日|个月|月|小时|分钟|年)\s*[)）]?\s*(?:[内之以]{0,2}办?结?)\s*(?:[（(，,](.*?)[)）]?)?[。.]?$`)

var limitUnits = map[string]Unit{
	"工作日": WorkingDays, "自然日": Days, "日历日": Days, "天": Days, "日": Days, "个月": Months, "月": Months,
	"小时": Hours, "分钟": Minutes, "年": Months,
}

// ParseLimit reads a time limit as people write it: 5个工作日, 20(工作日), 当场办结,
// 自受理之日起三十日（不含公示）. A bare number counts working days. An empty text and
// 无 are no limit; ok is false for what it does not understand.
func ParseLimit(s string) (l Limit, ok bool) {
	s = strings.TrimSpace(s)
	switch s {
	case "", "无", "/", "-", "—":
		return Limit{}, true
	case "当场办结", "当场", "即办", "即时办结", "即办即结", "立等可取", "马上办":
		return Limit{Unit: WorkingDays}, true
	}
	if n, err := strconv.Atoi(s); err == nil && n >= 0 && n <= 10000 {
		return Limit{Number: n, Unit: WorkingDays}, true
	}
	m := limitShape.FindStringSubmatch(s)
	if m == nil {
		return Limit{}, false
	}
	n, err := strconv.Atoi(m[2])
	if err != nil {
		n = chineseNumber(m[2])
	}
	l = Limit{Number: n, Unit: limitUnits[m[3]], Start: strings.TrimSpace(m[1]), Note: strings.TrimSpace(m[4])}
	if m[3] == "年" {
		l.Number *= 12
	}
	return l, l.Number <= 10000
}

// chineseNumber reads 一 to 九十九; 0 for anything else.
func chineseNumber(s string) int {
	digit := func(r string) int { return strings.Index("一二三四五六七八九", r)/3 + 1 }
	tens, ones, ten := strings.Cut(s, "十")
	switch {
	case !ten && len(s) == 3:
		return digit(s)
	case !ten || len(tens) > 3 || len(ones) > 3:
		return 0
	}
	n := 10
	if tens != "" {
		n = 10 * digit(tens)
	}
	if ones != "" {
		n += digit(ones)
	}
	return n
}
