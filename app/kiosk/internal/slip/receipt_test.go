package slip

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"hallkiosk/devices/escpos"
)

func TestReceipt(t *testing.T) {
	full := Receipt{
		Language: "zh", Hall: "示例街道综合服务大厅", Kind: "态度粗暴", Code: "K7Q2M-8XW3D",
		QR: "http://127.0.0.1:7080/complaint/demo/progress#K7Q2M8XW3D", At: time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC), Phone: "12345",
	}
	english := full
	english.Language, english.Hall, english.Kind = "en", "Sample Service Hall", "Rudeness"
	large := full
	large.Large = true
	bare := Receipt{Language: "zh", Code: full.Code}
	for name, c := range map[string]struct {
		profile escpos.Profile
		doc     func(escpos.Profile) escpos.Document
	}{
		"receipt-80mm":    {escpos.Generic80(), full.Document},
		"receipt-58mm":    {escpos.Generic58(), full.Document},
		"receipt-large":   {escpos.Generic80(), large.Document},
		"receipt-english": {escpos.Generic80(), english.Document},
		"receipt-bare":    {escpos.Generic80(), bare.Document},
		"check": {escpos.Generic80(), Check{Title: "开机自检", Hall: full.Hall, Terminal: "一号机", At: full.At,
			Lines: []string{"正常 打印机：正常", "【注意】 网络和中心：连不上"}}.Document},
		"check-bare": {escpos.Generic58(), Check{Title: "测试页"}.Document},
	} {
		t.Run(name, func(t *testing.T) {
			doc := c.doc(c.profile)
			got := describe(doc, c.profile)
			path := filepath.Join("testdata", name+".txt")
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
			for _, b := range doc {
				if text, ok := b.(escpos.Text); ok && text.Text == full.Code && c.profile.Columns(text.Size) < len(full.Code) {
					t.Errorf("the code breaks in size %d", text.Size)
				}
			}
			if !strings.HasPrefix(name, "check") && !strings.Contains(got, full.Code) {
				t.Error("no code on the receipt")
			}
		})
	}
}

func TestNoReceiptWordIsMissing(t *testing.T) {
	for name, w := range map[string]receiptWords{"chinese": chineseReceipt, "english": englishReceipt} {
		v := reflect.ValueOf(w)
		for i := range v.NumField() {
			if v.Field(i).String() == "" {
				t.Errorf("%s has no text for %s", name, v.Type().Field(i).Name)
			}
		}
	}
}
