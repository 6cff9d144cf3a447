// Package importer makes a hall out of a government's published list of service
// items: departments become areas, windows and businesses, items become the
// lines a citizen looks for under 取号. `hallcentral import` uses it, once, to
// get a hall file people then edit.
//
// The list is JSON of the shape
//
//	[{"department": "区民政局",
//	  "items": [{"main_item": "未分类",
//	             "sub_items": [{"name": "临时救助", "link": "https://…?itemCode=…", "qrcode": ""}]}]}]
//
// as in the public data set v-luobo/zwfw. Every item that goes in comes out in
// the [Report]: accepted, accepted with a remark, or refused with the reason.
// What a hall file has no place for (headings, links) is named in Report.Notes.
// The package fetches nothing and writes no files.
package importer

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"hallkiosk/app/guide"
	"hallkiosk/app/hall"
)

// Options says what the list itself does not. The zero Options is usable.
type Options struct {
	ID   string // Hall.ID; default "hall"
	Name string // Hall.Name; default 政务服务大厅
	// WindowsPerDepartment is the number of windows each department gets;
	// default 1.
	WindowsPerDepartment int
	AskID                hall.AskID // of every business; default optional
	// Hours default to weekdays 09:00-12:00 and 13:00-17:00.
	Hours            hall.Hours
	SupervisionPhone string
	ServicePhone     string
	// PIN, when set, is the PIN of every window, for trying things out. Without
	// it nobody can log in at a window until the file has been given PINs.
	PIN string
}

// Limits on what is read.
const (
	maxInput = 64 << 20 // bytes
	maxItems = 20000    // seven times the largest county catalogue known
)

// wide is the number of characters beyond which a name does not fit two lines of
// a tile and is worth a look.
const wide = 60

// Result is a hall and how it came about.
type Result struct {
	Hall   *hall.Hall
	Report Report
}

// File returns the hall file, with remarks for those who will edit it.
func (r *Result) File() []byte {
	var b bytes.Buffer
	b.WriteString("# 由事项清单导入生成，改完后运行 hallcentral check 检查。\n#\n")
	for _, n := range r.Report.Notes {
		fmt.Fprintf(&b, "# - %s\n", n)
	}
	b.WriteByte('\n')
	b.Write(hall.Format(r.Hall))
	return b.Bytes()
}

// The published shape.
type (
	department struct {
		Department string  `json:"department"`
		Items      []group `json:"items"`
	}
	group struct {
		MainItem string `json:"main_item"`
		SubItems []item `json:"sub_items"`
	}
	item struct {
		Name   string `json:"name"`
		Link   string `json:"link"`
		QRCode string `json:"qrcode"`
	}
)

// Import reads a list and makes a hall of it. The error says why nothing could
// be made at all: not JSON of this shape, too large, no usable item, or options
// no hall can have (then it wraps [hall.Problems]).
func Import(r io.Reader, opts Options) (*Result, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxInput+1))
	if err != nil {
		return nil, fmt.Errorf("importer: read list: %w", err)
	}
	if len(data) > maxInput {
		return nil, fmt.Errorf("importer: read list: larger than %d MiB", maxInput>>20)
	}
	b := builder{
		opts:        opts,
		departments: map[string]int{},
		ids:         map[string]entry{},
		names:       map[entry]bool{},
	}
	list, err := b.decode(data)
	if err != nil {
		return nil, err
	}
	b.start()
	for _, d := range list {
		b.department(d)
	}
	if err := b.finish(); err != nil {
		return nil, err
	}
	res := &Result{Hall: b.hall, Report: b.report}
	f, err := hall.Parse("import", res.File())
	if err != nil {
		return nil, fmt.Errorf("importer: the hall made of this list cannot be used: %w", err)
	}
	res.Hall = f.Hall
	return res, nil
}

// builder makes one hall.
type builder struct {
	opts        Options
	hall        *hall.Hall
	report      Report
	departments map[string]int   // name → index in hall.Businesses
	ids         map[string]entry // Item.ID → what has it
	names       map[entry]bool   // names accepted so far
	headings    int
	links       int
}

type entry struct{ department, name string }

func (b *builder) decode(data []byte) ([]department, error) {
	var list []department
	strict := json.NewDecoder(bytes.NewReader(data))
	strict.DisallowUnknownFields()
	err := strict.Decode(&list)
	if err != nil && strings.Contains(err.Error(), "unknown field") {
		b.note("清单里有不认识的内容（%s），没有导入。", strings.TrimPrefix(err.Error(), "json: unknown field "))
	}
	list = nil
	if err := json.Unmarshal(data, &list); err != nil {
		return nil, fmt.Errorf("importer: read list: not JSON of the expected shape: %w", err)
	}
	return list, nil
}

func (b *builder) start() {
	b.opts.ID = cmp.Or(b.opts.ID, "hall")
	b.opts.Name = cmp.Or(b.opts.Name, "政务服务大厅")
	b.opts.WindowsPerDepartment = max(1, b.opts.WindowsPerDepartment)
	b.opts.AskID = cmp.Or(b.opts.AskID, hall.AskOptional)
	if len(b.opts.Hours.Week) == 0 && len(b.opts.Hours.Days) == 0 {
		day := []string{"09:00-12:00", "13:00-17:00"}
		b.opts.Hours.Week = map[string][]string{"mon": day, "tue": day, "wed": day, "thu": day, "fri": day}
		b.note("清单里没有开放时间，先写成星期一到星期五 09:00-12:00、13:00-17:00，请改成实际时间。")
	}
	b.hall = &hall.Hall{
		ID: b.opts.ID, Name: b.opts.Name, TimeZone: "Asia/Shanghai", CutOver: 3,
		SupervisionPhone: b.opts.SupervisionPhone, ServicePhone: b.opts.ServicePhone,
		Hours: b.opts.Hours,
	}
}

// department adds the items of one department.
func (b *builder) department(d department) {
	b.report.Departments++
	name, remarks := tidy(d.Department)
	count := 0
	for _, g := range d.Items {
		count += len(g.SubItems)
	}
	refuseAll := func(reason string) {
		if count == 0 {
			b.report.RefusedDepartments = append(b.report.RefusedDepartments, Finding{Department: name, Reason: reason})
		}
		for _, g := range d.Items {
			for _, it := range g.SubItems {
				b.report.Items++
				b.refuse(name, it.Name, reason)
			}
		}
	}
	switch {
	case name == "":
		refuseAll("没有部门名称")
		return
	case count == 0:
		refuseAll("这个部门没有事项")
		return
	}
	index, known := b.departments[name]
	if known {
		b.note("部门“%s”出现了不止一次，事项合在一起。", name)
	} else if index = len(b.hall.Businesses); index >= hall.MaxPrefixes {
		refuseAll(fmt.Sprintf("部门超过 %d 个，号码前缀已经用完", hall.MaxPrefixes))
		return
	}
	for _, r := range remarks {
		b.note("部门“%s”：%s。", name, r)
	}
	var items []hall.Item
	for _, g := range d.Items {
		if g.MainItem != "" {
			b.headings++
		}
		for _, it := range g.SubItems {
			if made, ok := b.item(name, it); ok {
				items = append(items, made)
			}
		}
	}
	if known {
		business := &b.hall.Businesses[index]
		business.Items = append(business.Items, items...)
	} else if len(items) > 0 {
		b.departments[name] = index
		b.add(name, index, items)
	}
}

// add makes the area, the windows and the business of a new department.
func (b *builder) add(name string, index int, items []hall.Item) {
	n := b.opts.WindowsPerDepartment
	id := "d" + strconv.Itoa(index+1)
	first, last := index*n+1, index*n+n
	place, placeEn := fmt.Sprintf("%d 号窗口前", first), fmt.Sprintf("in front of window %d", first)
	if n > 1 {
		place, placeEn = fmt.Sprintf("%d 至 %d 号窗口前", first, last), fmt.Sprintf("in front of windows %d to %d", first, last)
	}
	b.hall.Areas = append(b.hall.Areas, hall.Area{ID: id, Name: name, Place: place, PlaceEn: placeEn})
	var windows []string
	for w := first; w <= last; w++ {
		window := hall.Window{ID: "w" + strconv.Itoa(w), Name: strconv.Itoa(w), Area: id}
		b.hall.Windows = append(b.hall.Windows, window)
		windows = append(windows, window.ID)
	}
	b.hall.Businesses = append(b.hall.Businesses, hall.Business{
		ID: id, Name: name, Prefix: hall.PrefixAt(index), Area: id, Windows: windows,
		AskID: b.opts.AskID, Items: items,
	})
}

// item checks one item; ok is false when it was refused.
func (b *builder) item(department string, it item) (made hall.Item, ok bool) {
	b.report.Items++
	if it.Link != "" || it.QRCode != "" {
		b.links++
	}
	name, remarks := tidy(it.Name)
	if name == "" {
		b.refuse(department, it.Name, "没有事项名称")
		return hall.Item{}, false
	}
	if b.report.Accepted >= maxItems {
		b.refuse(department, name, fmt.Sprintf("事项超过 %d 个", maxItems))
		return hall.Item{}, false
	}
	hashed := "x" + digest(department, name)
	id, why := codeOf(it.Link)
	if id == "" {
		id = hashed
		remarks = append(remarks, why+"，编号由部门和名称算出")
	}
	if other, taken := b.ids[id]; taken {
		if other == (entry{department, name}) {
			b.refuse(department, name, "和前面的一项完全相同（部门、名称、编码）")
			return hall.Item{}, false
		}
		remarks = append(remarks, fmt.Sprintf("事项编码和“%s”的“%s”相同，编号由部门和名称算出", other.department, other.name))
		id = hashed
		if _, taken := b.ids[id]; taken {
			b.refuse(department, name, "和前面的一项部门、名称相同，编码也与别的事项相同")
			return hall.Item{}, false
		}
	}
	if b.names[entry{department, name}] {
		remarks = append(remarks, "同一部门有两项都叫这个名称，群众分不清，请在名称里写明区别")
	}
	b.ids[id] = entry{department, name}
	b.names[entry{department, name}] = true
	b.report.Accepted++
	if len(remarks) > 0 {
		b.report.Warned = append(b.report.Warned, Finding{department, name, strings.Join(remarks, "；")})
	}
	return hall.Item{ID: id, Name: name}, true
}

// examples is the line 适合办… of a department: its two shortest items, which are
// the ones with everyday names. Empty when none is short enough to be read at a
// glance.
func examples(items []hall.Item) string {
	if len(items) == 1 && utf8.RuneCountInString(items[0].Name) <= wide/2 {
		return "适合办" + items[0].Name
	}
	const glance = 12 // characters
	var short []string
	for _, item := range items {
		if n := utf8.RuneCountInString(item.Name); n <= glance && !strings.ContainsAny(item.Name, "（()）《》") {
			short = append(short, item.Name)
		}
	}
	slices.SortStableFunc(short, func(a, b string) int { return utf8.RuneCountInString(a) - utf8.RuneCountInString(b) })
	short = slices.Compact(short)
	switch {
	case len(short) == 0:
		return ""
	case len(short) == len(items) && len(short) == 2:
		return "适合办" + short[0] + "、" + short[1]
	case len(short) >= 2:
		return "适合办" + short[0] + "、" + short[1] + "等"
	default:
		return "适合办" + short[0] + "等"
	}
}

// finish gives windows their PIN, businesses their line 适合办… and the report
// its notes.
func (b *builder) finish() error {
	if b.report.Accepted == 0 {
		return errors.New("importer: the list holds no usable item")
	}
	for i := range b.hall.Businesses {
		business := &b.hall.Businesses[i]
		business.For = examples(business.Items)
	}
	if b.opts.PIN == "" {
		b.note("窗口还没有口令，不能登录叫号；请用 hallcentral pin 逐个加上。")
	} else {
		for i := range b.hall.Windows {
			hash, err := hall.HashPIN(b.opts.PIN)
			if err != nil {
				return fmt.Errorf("importer: PIN of the windows: %w", err)
			}
			b.hall.Windows[i].PINHash = hash
		}
		b.note("所有窗口用的是同一个试用口令，正式使用前请逐个更换。")
	}
	b.note("清单里没有窗口和位置，先按部门顺序编成 1 至 %d 号窗口，请改成实际的窗口和楼层。", len(b.hall.Windows))
	if b.headings > 0 {
		b.note("清单里的 %d 个分类名称没有导入：大厅文件里事项直接属于业务。", b.headings)
	}
	if b.links > 0 {
		b.note("清单里 %d 个事项的网址没有导入，只取了其中的事项编码作编号。", b.links)
	}
	return nil
}

func (b *builder) refuse(department, name, reason string) {
	b.report.Refused = append(b.report.Refused, Finding{department, name, reason})
}

func (b *builder) note(format string, args ...any) {
	b.report.Notes = append(b.report.Notes, oneLine(fmt.Sprintf(format, args...)))
}

var codePattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$`)

// codeOf returns the item code in a link, or why there is none. Item codes are
// stable: the same item has the same code in next year's list.
func codeOf(link string) (code, why string) {
	if link == "" {
		return "", "没有网址"
	}
	u, err := url.Parse(link)
	if err != nil {
		return "", "网址写法不对"
	}
	code = u.Query().Get("itemCode")
	switch {
	case code == "":
		return "", "网址里没有事项编码"
	case !codePattern.MatchString(code):
		return "", "事项编码里有不能用的字符或太长"
	}
	return code, ""
}

func digest(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:10])
}

// tidy returns a name on one line without blanks around it, and what is odd
// about it. Beyond blanks and invisible characters nothing is changed: the names
// are official.
func tidy(name string) (tidied string, remarks []string) {
	tidied = oneLine(name)
	if tidied != name {
		remarks = append(remarks, "去掉了名称里多余的空格、换行或看不见的字符")
	}
	if n := utf8.RuneCountInString(tidied); n > wide {
		remarks = append(remarks, fmt.Sprintf("名称有 %d 个字，屏幕上要分几行显示", n))
	}
	if !guide.BracketsMatch(tidied) {
		remarks = append(remarks, "名称里的括号不成对，或全角半角混用")
	}
	if strings.ContainsAny(tidied, `\<>{}|`) || strings.ContainsRune(tidied, utf8.RuneError) {
		remarks = append(remarks, "名称里有不常见的符号")
	}
	return tidied, remarks
}

func oneLine(s string) string {
	s = strings.ToValidUTF8(s, "\ufffd")
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r) || unicode.IsControl(r):
			return ' '
		case unicode.Is(unicode.Cf, r): // zero-width marks, byte order marks
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}
