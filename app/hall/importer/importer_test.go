package importer

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"hallkiosk/app/hall"
)

func importFile(t testing.TB, path string, opts Options) *Result {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	res, err := Import(f, opts)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func TestImportSample(t *testing.T) {
	res := importFile(t, "testdata/sample.json", Options{ID: "sample", Name: "示例大厅", WindowsPerDepartment: 2})
	h, r := res.Hall, res.Report

	if r.Departments != 5 || r.Items != 9 || r.Accepted != 6 {
		t.Errorf("%d departments, %d items, %d accepted; want 5, 9, 6", r.Departments, r.Items, r.Accepted)
	}
	want := func(list []Finding, department, item, reason string) {
		t.Helper()
		if !slices.ContainsFunc(list, func(f Finding) bool {
			return f.Department == department && f.Item == item && strings.Contains(f.Reason, reason)
		}) {
			t.Errorf("no finding %s · %s: …%s… in %v", department, item, reason, list)
		}
	}
	want(r.Refused, "示例区民政局", "", "没有事项名称")
	want(r.Refused, "示例区民政局", "临时救助", "完全相同")
	want(r.Refused, "", "无主事项", "没有部门名称")
	want(r.RefusedDepartments, "示例区统计局", "", "没有事项")
	want(r.Warned, "示例区民政局", "最低生活保障", "去掉了名称里多余的空格")
	want(r.Warned, "示例区民政局", "结婚登记预约", "没有网址")
	want(r.Warned, "示例区民政局", "临时救助", "两项都叫这个名称")
	want(r.Warned, "示例区残联", "残疾人证换领（县级)", "括号")
	want(r.Warned, "示例区残联", "残疾人证换领（县级)", "事项编码和“示例区民政局”的“临时救助”相同")
	want(r.Warned, "示例区气象局", "防雷装置设计审核", "不能用的字符")
	if len(r.Refused) != 3 || len(r.Warned) != 5 || len(r.RefusedDepartments) != 1 {
		t.Errorf("%d refused, %d warned, %d departments refused; want 3, 5, 1\n%v", len(r.Refused), len(r.Warned), len(r.RefusedDepartments), r)
	}

	var prefixes, names []string
	for _, b := range h.Businesses {
		prefixes, names = append(prefixes, b.Prefix), append(names, b.Name)
	}
	if !slices.Equal(prefixes, []string{"A", "B", "C"}) || !slices.Equal(names, []string{"示例区民政局", "示例区残联", "示例区气象局"}) {
		t.Errorf("prefixes %v, names %v", prefixes, names)
	}
	if b := h.Businesses[1]; !slices.Equal(b.Windows, []string{"w3", "w4"}) || h.Areas[1].Place != "3 至 4 号窗口前" {
		t.Errorf("second business: windows %v, place %q", b.Windows, h.Areas[1].Place)
	}
	if it := h.Businesses[0].Items[0]; it.ID != "512A-001-1-00" || it.Name != "临时救助" {
		t.Errorf("first item %+v", it)
	}
	if got := h.Businesses[1].For; got != "适合办残疾人证换领（县级)" {
		t.Errorf("line of a business with one item: %q", got)
	}
	if !strings.Contains(r.String(), "部门 5 个，事项 9 个：导入 6 个（其中 5 个请看一下），没有导入 3 个。") {
		t.Errorf("report begins %q", r.String())
	}
}

func TestImportIsStable(t *testing.T) {
	a := importFile(t, "testdata/sample.json", Options{})
	b := importFile(t, "testdata/sample.json", Options{})
	if !bytes.Equal(a.File(), b.File()) {
		t.Error("the same list gives two different files")
	}
}

func TestImportPIN(t *testing.T) {
	res := importFile(t, "testdata/sample.json", Options{PIN: "100001"})
	for _, w := range res.Hall.Windows {
		if !hall.CheckPIN(w.PINHash, "100001") {
			t.Errorf("window %s does not have the PIN", w.ID)
		}
	}
	if strings.Contains(string(res.File()), "100001") {
		t.Error("the file holds the PIN itself")
	}
}

func TestImportRefuses(t *testing.T) {
	const one = `[{"department":"甲","items":[{"main_item":"","sub_items":[{"name":"乙","link":""}]}]}]`
	for name, tc := range map[string]struct {
		list string
		opts Options
		want string
	}{
		"not JSON":         {"name,link\n", Options{}, "not JSON"},
		"another shape":    {`{"a": 1}`, Options{}, "expected shape"},
		"half a file":      {one[:40], Options{}, "not JSON"},
		"more after it":    {one + one, Options{}, "not JSON"},
		"no items":         {`[{"department":"甲","items":[]}]`, Options{}, "no usable item"},
		"empty list":       {`[]`, Options{}, "no usable item"},
		"impossible id":    {one, Options{ID: "大厅"}, "cannot be used"},
		"impossible PIN":   {one, Options{PIN: "1234"}, "six digits"},
		"impossible hours": {one, Options{Hours: hall.Hours{Week: map[string][]string{"mon": {"25:00-26:00"}}}}, "cannot be used"},
	} {
		t.Run(name, func(t *testing.T) {
			res, err := Import(strings.NewReader(tc.list), tc.opts)
			if err == nil {
				t.Fatalf("accepted: %v", res.Report)
			}
			if !strings.HasPrefix(err.Error(), "importer: ") || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %q, want importer: …%s…", err, tc.want)
			}
		})
	}
	_, err := Import(strings.NewReader(one), Options{ID: "大厅"})
	if _, ok := errors.AsType[hall.Problems](err); !ok {
		t.Errorf("error %v does not wrap hall.Problems", err)
	}
}

func TestImportNotesUnknownFields(t *testing.T) {
	res, err := Import(strings.NewReader(`[{"department":"甲","count":3,"items":[{"main_item":"","sub_items":[{"name":"乙","link":""}]}]}]`), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(strings.Join(res.Report.Notes, "\n"), "count") {
		t.Errorf("notes do not name the field left out: %q", res.Report.Notes)
	}
}

// dataSet returns the path of the county data set, which is not committed: it
// lies in a folder shared/data beside the repository on machines that have it.
func dataSet(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if filepath.Dir(dir) == dir {
			t.Fatal("no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
	path := filepath.Join(dir, "..", "shared", "data", "items-guangan.json")
	if _, err := os.Stat(path); err != nil {
		t.Skip("the county data set is not on this machine (../shared/data/items-guangan.json)")
	}
	return path
}

func TestImportCounty(t *testing.T) {
	res := importFile(t, dataSet(t), Options{ID: "county", Name: "示例区政务服务中心"})
	h, r := res.Hall, res.Report
	if r.Departments != 34 || r.Items != 1135 || r.Accepted+len(r.Refused) != 1135 {
		t.Errorf("%d departments, %d items, %d accepted, %d refused; want 34 and 1135 accounted for",
			r.Departments, r.Items, r.Accepted, len(r.Refused))
	}
	if len(r.Refused) != 0 {
		t.Errorf("refused: %v", r.Refused)
	}
	items, longest, largest := 0, 0, 0
	ids := map[string]bool{}
	for _, b := range h.Businesses {
		items += len(b.Items)
		largest = max(largest, len(b.Items))
		for _, it := range b.Items {
			longest = max(longest, utf8.RuneCountInString(it.Name))
			ids[it.ID] = true
		}
	}
	if items != 1135 || len(ids) != 1135 || longest != 110 || largest != 344 {
		t.Errorf("%d items, %d ids, longest name %d, largest department %d; want 1135, 1135, 110, 344", items, len(ids), longest, largest)
	}
	if last := h.Businesses[33].Prefix; last != "AH" {
		t.Errorf("prefix of the 34th department %q, want AH", last)
	}
	doubled := 0
	for _, f := range r.Warned {
		if strings.Contains(f.Reason, "两项都叫这个名称") {
			doubled++
		}
	}
	if doubled != 2 {
		t.Errorf("%d doubled names reported, want 2", doubled)
	}
	f, err := hall.Parse("county.toml", res.File())
	if err != nil {
		t.Fatal(err)
	}
	if f.Hall.Revision() != h.Revision() {
		t.Error("the file does not read back as the hall")
	}
	t.Logf("%d bytes; %d remarks", len(res.File()), len(r.Warned))
}

func FuzzImport(f *testing.F) {
	sample, err := os.ReadFile("testdata/sample.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sample)
	f.Add([]byte(`[{"department":"甲","items":[{"main_item":"x","sub_items":[{"name":"乙\"\\\u0000","link":"%zz"}]}]},{"department":"甲 ","items":[{"sub_items":[{"name":"乙\"\\ "}]}]}]`))
	f.Add([]byte(`[{"department":"a","items":[{"sub_items":[{"name":"\ud800","link":"?itemCode=..&itemCode=1"},{"name":"\ufeff"}]}]}]`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, data []byte) {
		res, err := Import(bytes.NewReader(data), Options{})
		if err != nil {
			if _, ok := errors.AsType[hall.Problems](err); ok {
				t.Fatalf("the importer made a hall it cannot read: %v", err)
			}
			return
		}
		r, items := res.Report, 0
		for _, b := range res.Hall.Businesses {
			items += len(b.Items)
		}
		if r.Items != r.Accepted+len(r.Refused) || items != r.Accepted {
			t.Fatalf("%d seen, %d accepted, %d refused, %d in the hall", r.Items, r.Accepted, len(r.Refused), items)
		}
		again, err := hall.Parse("again", res.File())
		if err != nil {
			t.Fatal(err)
		}
		if again.Hall.Revision() != res.Hall.Revision() {
			t.Fatal("the file does not read back as the hall")
		}
	})
}
