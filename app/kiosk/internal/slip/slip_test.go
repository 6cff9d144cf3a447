package slip

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"hallkiosk/devices/escpos"
)

var update = flag.Bool("update", false, "write the golden files anew")

func full() Ticket {
	return Ticket{
		Language: "zh", Hall: "示例街道综合服务大厅", Label: "A023", Business: "户口登记",
		Item: "户口迁移审批", Holder: "张*三", Ahead: 4, Area: "综合服务区", Place: "一楼 A 区",
		Windows: []string{"1", "2"}, IssuedAt: time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC),
		QR: "http://127.0.0.1:7080/t/0193", Phone: "12345",
	}
}

func TestTicket(t *testing.T) {
	tests := []struct {
		name    string
		profile escpos.Profile
		change  func(*Ticket)
	}{
		{"card-80mm", escpos.Generic80(), func(*Ticket) {}},
		{"card-58mm", escpos.Generic58(), func(*Ticket) {}},
		{"english", escpos.Generic80(), func(t *Ticket) {
			t.Language, t.Hall, t.Business, t.Item = "en", "Sample Service Hall", "Household registration", ""
			t.Area, t.Place, t.Ahead = "General area", "Ground floor, zone A", 1
		}},
		{"large", escpos.Generic80(), func(t *Ticket) { t.Large = true }},
		{"copy", escpos.Generic80(), func(t *Ticket) { t.Copy = true }},
		{"own-series-no-clock", escpos.Generic80(), func(t *Ticket) {
			t.Own, t.Label, t.Ahead, t.IssuedAt, t.QR = true, "A7-03", -1, time.Time{}, ""
		}},
		{"nobody-no-item-no-windows", escpos.Generic80(), func(t *Ticket) {
			t.Holder, t.Item, t.Windows, t.Ahead, t.Phone = "", "", nil, 0, ""
		}},
		{"longest-item", escpos.Generic58(), func(t *Ticket) {
			t.Item = strings.Repeat("危险货物道路运输经营许可证变更", 7) + "审查（县级）"
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ticket := full()
			tt.change(&ticket)
			got := describe(ticket.Document(tt.profile), tt.profile)
			path := filepath.Join("testdata", tt.name+".txt")
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("slip differs from %s; look at it, then run the test with -update\n%s", path, got)
			}
		})
	}
}

// The number is what people look for: at least three times the text around it
// (domain.md 3.2, item 22), on one line.
func TestNumberIsLarge(t *testing.T) {
	for _, p := range []escpos.Profile{escpos.Generic80(), escpos.Generic58()} {
		for _, label := range []string{"A001", "AB1000", "AB12-1234"} {
			for _, large := range []bool{false, true} {
				ticket := full()
				ticket.Label, ticket.Large = label, large
				for _, b := range ticket.Document(p) {
					text, ok := b.(escpos.Text)
					if !ok || text.Text != label {
						continue
					}
					if len(label) > p.Columns(text.Size) {
						t.Errorf("%s: %s in size %d breaks", p.Name, label, text.Size)
					}
					if text.Size < 3 {
						t.Errorf("%s: %s in size %d, want at least 3", p.Name, label, text.Size)
					}
				}
			}
		}
	}
}

func TestNoTextIsMissing(t *testing.T) {
	for name, w := range map[string]words{"chinese": chinese, "english": english} {
		v := reflect.ValueOf(w)
		for i := range v.NumField() {
			if v.Field(i).String() == "" {
				t.Errorf("%s has no text for %s", name, v.Type().Field(i).Name)
			}
		}
	}
}

// describe writes a document the way it will look: one line a paragraph, with
// its size and place.
func describe(d escpos.Document, p escpos.Profile) string {
	var b strings.Builder
	fmt.Fprintf(&b, "paper: %d columns\n", p.Columns(1))
	for _, block := range d {
		switch block := block.(type) {
		case escpos.Text:
			mark := " "
			if block.Bold {
				mark = "b"
			}
			fmt.Fprintf(&b, "%d%s%s %s\n", block.Size, mark, [...]string{"<", "^", ">"}[block.Align], block.Text)
		case escpos.QR:
			fmt.Fprintf(&b, "   [QR %s]\n", block.Content)
		case escpos.Raster:
			fmt.Fprintf(&b, "   [picture %dx%d]\n", block.Image.Bounds().Dx(), block.Image.Bounds().Dy())
		case escpos.Rule:
			b.WriteString("   ----\n")
		case escpos.Feed:
			b.WriteString(strings.Repeat("\n", block.Lines))
		case escpos.Cut:
			b.WriteString("   ====\n")
		}
	}
	return b.String()
}
