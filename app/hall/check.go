package hall

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Limits of names and identifiers.
const (
	maxID       = 40  // bytes: hall, areas, windows, businesses
	maxItemID   = 80  // bytes: item codes of government catalogues have some 55
	longName    = 60  // characters beyond which a name gets a warning
	longItem    = 120 // the same for items: real ones have up to 110
	longCalled  = 6   // the same for window names: they are called aloud
	maxCutOver  = 6
	idCharacter = "A-Za-z0-9._-"
)

var (
	idPattern     = regexp.MustCompile(`^[A-Za-z0-9][` + idCharacter + `]*$`)
	prefixPattern = regexp.MustCompile(`^[A-Z]{1,2}$`)
)

// check reports everything wrong with the values of a hall that has been
// decoded, and puts defaults where values are missing.
func (d *document) check(h *Hall) {
	d.checkID("id", h.ID, maxID, "大厅编号")
	d.checkName("name", h.Name, longName, "大厅名称")
	if h.CutOver < 0 || h.CutOver > maxCutOver {
		d.fail("cut_over", fmt.Sprintf("换日时刻 cut_over = %d 不在 0 到 %d 之间。", h.CutOver, maxCutOver),
			"写凌晨大厅没有人的钟点，一般写 3；也可以删去这一行。")
	}
	if h.TimeZone == "" {
		h.TimeZone = defaultZone
	}
	if _, err := time.LoadLocation(h.TimeZone); err != nil || h.TimeZone == "Local" {
		d.fail("time_zone", fmt.Sprintf("不认识时区“%s”。", h.TimeZone), "中国境内写 Asia/Shanghai，或删去这一行。")
	}
	if strings.TrimSpace(h.SupervisionPhone) == "" {
		d.warn("supervision_phone", "没有写监督电话 supervision_phone。", "写上监督电话，它印在每张小票和每个页面下方。")
	}
	d.checkAreas(h)
	d.checkWindows(h)
	d.checkBusinesses(h)
	d.checkPlan(h)
	d.checkBoard(h)
	d.checkTerms(h)
	d.checkQueue(h)
	d.checkHours("hours", h.Hours, true)
	for i := range h.Businesses {
		if own := h.Businesses[i].Hours; own != nil {
			path := element("businesses", i+1) + ".hours"
			d.checkHours(path, *own, false)
			d.checkWithin(path, *own, h.Hours)
		}
	}
}

func (d *document) checkAreas(h *Hall) {
	if len(h.Areas) == 0 {
		d.fail("areas", "没有写等候区域。", "至少写一个 [[areas]]，填 id、name 和 place。")
	}
	ids := d.newIDs("区域")
	for i, a := range h.Areas {
		path := element("areas", i+1)
		d.checkID(path+".id", a.ID, maxID, "区域编号")
		ids.add(path+".id", a.ID)
		d.checkName(path+".name", a.Name, longName, "区域名称")
		if strings.TrimSpace(a.Place) == "" {
			d.warn(path+".place", fmt.Sprintf("区域“%s”没有写位置 place。", a.Name), `写上怎么走，例如 place = "一楼 A 区"。`)
		}
	}
}

func (d *document) checkWindows(h *Hall) {
	if len(h.Windows) == 0 {
		d.fail("windows", "没有写窗口。", "至少写一个 [[windows]]，填 id、name 和 area。")
	}
	ids, names := d.newIDs("窗口"), map[string]int{}
	for i, w := range h.Windows {
		path := element("windows", i+1)
		d.checkID(path+".id", w.ID, maxID, "窗口编号")
		ids.add(path+".id", w.ID)
		d.checkName(path+".name", w.Name, longCalled, "窗口名称")
		if first := names[w.Name]; first > 0 && w.Name != "" {
			d.warn(path+".name", fmt.Sprintf("有两个窗口都叫“%s”，另一个在第 %d 行。", w.Name, first),
				"叫号时只念窗口名称，请改成不同的名称。")
		} else {
			names[w.Name] = max(1, d.line(path+".name"))
		}
		d.checkArea(path+".area", w.Area, h, fmt.Sprintf("窗口“%s”", w.Name))
		d.checkPINHash(path+".pin_hash", w)
	}
}

func (d *document) checkPINHash(path string, w Window) {
	if w.PINHash == "" {
		d.warn(path, fmt.Sprintf("窗口“%s”没有口令，不能登录叫号。", w.Name),
			"运行 hallcentral pin 算出一串字符，写成 pin_hash = \"…\"。")
		return
	}
	// The value is never repeated: it may be the PIN itself.
	if _, err := parsePHC(w.PINHash); err != nil {
		d.fail(path, fmt.Sprintf("窗口“%s”的 pin_hash 不是算好的口令。", w.Name),
			"这里不能写口令本身；运行 hallcentral pin，把它给出的整串字符（以 $argon2id$ 开头）抄在这里。")
	}
}

func (d *document) checkBusinesses(h *Hall) {
	if len(h.Businesses) == 0 {
		d.fail("businesses", "没有写办理业务。", "至少写一个 [[businesses]]，填 id、name、prefix、area 和 windows。")
	}
	ids, items, prefixes := d.newIDs("业务"), d.newIDs("事项"), map[string]int{}
	served := map[string]bool{}
	for i := range h.Businesses {
		b := &h.Businesses[i]
		path := element("businesses", i+1)
		d.checkID(path+".id", b.ID, maxID, "业务编号")
		ids.add(path+".id", b.ID)
		d.checkName(path+".name", b.Name, longName, "业务名称")
		d.checkPrefix(path+".prefix", b, h, prefixes, i)
		d.checkArea(path+".area", b.Area, h, fmt.Sprintf("业务“%s”", b.Name))
		d.checkServing(path+".windows", b, h, served)
		switch b.AskID {
		case AskRequired, AskOptional, AskNever:
		case "":
			b.AskID = AskNever
		default:
			cure := "写 required（必须核验）、optional（可以跳过）或 never（不问）。"
			if n := nearest(string(b.AskID), []string{string(AskRequired), string(AskOptional), string(AskNever)}); n != "" {
				cure = fmt.Sprintf("是不是想写“%s”？", n)
			}
			d.fail(path+".ask_id", fmt.Sprintf("ask_id 没有“%s”这个值。", b.AskID), cure)
		}
		d.checkItems(path, b, items)
	}
	for i, w := range h.Windows {
		if w.ID != "" && !served[w.ID] {
			d.warn(element("windows", i+1), fmt.Sprintf("窗口“%s”不办理任何业务。", w.Name),
				"在它所办业务的 windows 里写上它的编号，或删去这个窗口。")
		}
	}
}

func (d *document) checkPrefix(path string, b *Business, h *Hall, seen map[string]int, index int) {
	if !prefixPattern.MatchString(b.Prefix) {
		cure := `写一个或两个大写字母，例如 prefix = "A"。`
		if up := strings.ToUpper(strings.TrimSpace(b.Prefix)); up != b.Prefix && prefixPattern.MatchString(up) {
			cure = fmt.Sprintf(`改成大写：prefix = "%s"。`, up)
		}
		d.fail(path, fmt.Sprintf("业务“%s”的号码前缀“%s”不对。", b.Name, b.Prefix), cure)
		return
	}
	first, doubled := seen[b.Prefix]
	if !doubled {
		seen[b.Prefix] = index
		return
	}
	d.fail(path, fmt.Sprintf("号码前缀“%s”用了两次，第 %d 行的业务“%s”已经用了。", b.Prefix,
		d.line(element("businesses", first+1)+".prefix"), h.Businesses[first].Name),
		fmt.Sprintf(`换一个没有用过的，例如 prefix = "%s"。`, freePrefix(h)))
}

// freePrefix returns the first prefix no business of the hall uses.
func freePrefix(h *Hall) string {
	for n := 0; ; n++ {
		p := PrefixAt(n)
		if !slices.ContainsFunc(h.Businesses, func(b Business) bool { return b.Prefix == p }) {
			return p
		}
	}
}

// MaxPrefixes is the number of different prefixes: A to Z and AA to ZZ.
const MaxPrefixes = 26 + 26*26

// PrefixAt returns the n-th prefix, counted from 0: A … Z, AA, AB … ZZ. It
// starts over after MaxPrefixes.
func PrefixAt(n int) string {
	n %= MaxPrefixes
	if n < 26 {
		return string(rune('A' + n))
	}
	n -= 26
	return string([]rune{rune('A' + n/26), rune('A' + n%26)})
}

func (d *document) checkServing(path string, b *Business, h *Hall, served map[string]bool) {
	if len(b.Windows) == 0 {
		d.fail(path, fmt.Sprintf("业务“%s”没有窗口办理。", b.Name),
			fmt.Sprintf("在 windows 里写上窗口编号，可用的有：%s。", d.known(windowIDs(h))))
	}
	seen := map[string]bool{}
	for j, id := range b.Windows {
		child := element(path, j+1)
		if _, ok := h.Window(id); !ok {
			d.unknown(child, fmt.Sprintf("业务“%s”写的窗口“%s”不存在。", b.Name, id), id, windowIDs(h))
		} else if seen[id] {
			d.fail(child, fmt.Sprintf("业务“%s”里窗口“%s”写了两次。", b.Name, id), "删去其中一个。")
		}
		seen[id], served[id] = true, true
	}
}

func (d *document) checkItems(path string, b *Business, ids *ids) {
	names := map[string]int{}
	for j, it := range b.Items {
		child := element(path+".items", j+1)
		d.checkID(child+".id", it.ID, maxItemID, "事项编号")
		ids.add(child+".id", it.ID)
		d.checkName(child+".name", it.Name, longItem, "事项名称")
		if first := names[it.Name]; first > 0 && it.Name != "" {
			d.warn(child+".name", fmt.Sprintf("业务“%s”里有两个事项都叫“%s”，另一个在第 %d 行。", b.Name, it.Name, first),
				"群众分不清这两项，请删去一个，或在名称里写明区别。")
		} else {
			names[it.Name] = max(1, d.line(child+".name"))
		}
	}
}

func (d *document) checkArea(path, id string, h *Hall, who string) {
	ids := make([]string, len(h.Areas))
	for i, a := range h.Areas {
		ids[i] = a.ID
	}
	if id == "" {
		d.fail(path, who+"没有写所在区域 area。", fmt.Sprintf("写上区域编号，可用的有：%s。", d.known(ids)))
	} else if _, ok := h.Area(id); !ok {
		d.unknown(path, fmt.Sprintf("%s写的区域“%s”不存在。", who, id), id, ids)
	}
}

func windowIDs(h *Hall) []string {
	ids := make([]string, len(h.Windows))
	for i, w := range h.Windows {
		ids[i] = w.ID
	}
	return ids
}

// unknown reports a reference to nothing.
func (d *document) unknown(path, message, id string, ids []string) {
	cure := fmt.Sprintf("改成已有的编号：%s。", d.known(ids))
	if n := nearest(id, ids); n != "" {
		cure = fmt.Sprintf("是不是想写“%s”？", n)
	}
	d.fail(path, message, cure)
}

// known lists ids for a cure, the first few of many.
func (d *document) known(ids []string) string {
	const few = 8
	switch {
	case len(ids) == 0:
		return "（还没有）"
	case len(ids) > few:
		return strings.Join(ids[:few], "、") + " 等"
	}
	return strings.Join(ids, "、")
}

func (d *document) checkID(path, id string, limit int, what string) {
	switch {
	case id == "":
		d.fail(path, "没有写"+what+" id。", "写一个短的英文编号，定下后不再改，例如 id = \"a1\"。")
	case !idPattern.MatchString(id):
		d.fail(path, fmt.Sprintf("%s“%s”里有不能用的字符。", what, id), "只用英文字母、数字、点、横线和下划线，以字母或数字开头。")
	case len(id) > limit:
		d.fail(path, fmt.Sprintf("%s有 %d 个字符，最多 %d 个。", what, len(id), limit), "换一个短一些的编号。")
	}
}

func (d *document) checkName(path, name string, long int, what string) {
	trimmed := strings.TrimSpace(name)
	switch n := utf8.RuneCountInString(name); {
	case trimmed == "":
		d.fail(path, "没有写"+what+"。", `在 name 里写上名称，例如 name = "…"。`)
	case strings.ContainsFunc(name, unicode.IsControl):
		d.fail(path, what+"里有换行或其他看不见的字符。", "把名称写在一行里。")
	case trimmed != name:
		d.warn(path, fmt.Sprintf("%s“%s”前后有空格。", what, trimmed), "删去引号里前后的空格。")
	case n > long:
		d.warn(path, fmt.Sprintf("%s有 %d 个字，超过 %d 个，屏幕上要分几行显示。", what, n, long), "能短则短。")
	}
}

// ids finds identifiers used twice.
type ids struct {
	d    *document
	what string
	seen map[string]string // id → path of its first use
}

func (d *document) newIDs(what string) *ids {
	return &ids{d: d, what: what, seen: map[string]string{}}
}

func (s *ids) add(path, id string) {
	if id == "" {
		return
	}
	if first, ok := s.seen[id]; ok {
		s.d.fail(path, fmt.Sprintf("%s编号“%s”用了两次，另一个在第 %d 行。", s.what, id, s.d.line(first)), "给其中一个换一个编号。")
		return
	}
	s.seen[id] = path
}
