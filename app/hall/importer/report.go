package importer

import (
	"fmt"
	"strings"
)

// Finding is an item, or a whole department, something is to be said about.
type Finding struct {
	Department string
	Item       string // empty when the department is meant
	Reason     string // Chinese, for the people who edit the hall file
}

// Report accounts for everything in a list: Items = Accepted + len(Refused).
type Report struct {
	Departments int // departments seen
	Items       int // items seen
	Accepted    int // items taken over, those in Warned included
	// Warned holds the items taken over although something is odd about them.
	Warned  []Finding
	Refused []Finding // items not taken over
	// RefusedDepartments holds departments that had no items to begin with.
	RefusedDepartments []Finding
	// Notes says what was assumed, and what of the list a hall file cannot hold.
	Notes []string
}

// String returns the report in Chinese, a line per finding.
func (r Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "部门 %d 个，事项 %d 个：导入 %d 个（其中 %d 个请看一下），没有导入 %d 个。\n",
		r.Departments, r.Items, r.Accepted, len(r.Warned), len(r.Refused))
	section := func(title string, findings []Finding) {
		if len(findings) == 0 {
			return
		}
		fmt.Fprintf(&b, "\n%s\n", title)
		for _, f := range findings {
			subject := f.Department
			if f.Item != "" {
				subject += " · " + f.Item
			}
			fmt.Fprintf(&b, "  %s：%s。\n", subject, f.Reason)
		}
	}
	section("没有导入：", r.Refused)
	section("没有导入的部门：", r.RefusedDepartments)
	section("已导入，请看一下：", r.Warned)
	if len(r.Notes) > 0 {
		b.WriteString("\n说明：\n")
		for _, n := range r.Notes {
			fmt.Fprintf(&b, "  %s\n", n)
		}
	}
	return b.String()
}
