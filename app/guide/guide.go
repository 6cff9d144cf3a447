// Package guide describes what a citizen must know to get a matter done: the
// service guide (办事指南). Terminals show it, printers list its materials, phones
// take it home; the central service keeps the catalogue and says what is wrong with
// it before anybody reads it.
//
// The fields follow GB/T 36114-2018 (writing of service guides) and table 4 of
// GB/T 39046-2020, by their public descriptions; nothing here claims conformance.
// The package reads and checks; it draws nothing, asks nobody and knows nothing of
// queues beyond the name of the business that handles a matter.
//
// [Check] has the rules. They are about what would mislead somebody: a promise
// longer than the law allows, a material named only in the small print, "other
// materials". Problems name the guide, the field and the cure, in Chinese, because
// the hall's own staff write guides. Whether a link is dead is not looked at: checking
// must work without a network and say the same twice.
//
// A catalogue is known by its [Catalogue.Revision]; a terminal that has one fetches the
// next as a [Delta]. Package importer reads catalogues from files.
package guide

import (
	"fmt"
	"slices"
	"strings"
)

// Catalogue is every guide of a hall. It is read-only after it has been read.
type Catalogue struct {
	// Sample marks a catalogue of made-up matters; screens and paper say 示例.
	Sample bool `toml:"sample" json:"sample,omitempty"`
	// Source says where it comes from and is shown to staff only.
	Source string `toml:"source" json:"source,omitempty"`
	// Synonyms are everyday words and what they stand for, one rule a line in the
	// format of package search; they are used besides the product's own list.
	Synonyms []string `toml:"synonyms" json:"synonyms,omitempty"`
	Guides   []Guide  `toml:"guides" json:"guides"`
}

// Guide is one matter.
type Guide struct {
	// ID is stable, unique in the hall, ASCII: the implementation code (实施编码)
	// where there is one.
	ID     string `toml:"id" json:"id"`
	Name   string `toml:"name" json:"name"`
	NameEn string `toml:"name_en" json:"name_en,omitempty"`
	// Aliases are other names people use.
	Aliases []string `toml:"aliases" json:"aliases,omitempty"`
	// Summary is one sentence in everyday words.
	Summary   string   `toml:"summary" json:"summary,omitempty"`
	SummaryEn string   `toml:"summary_en" json:"summary_en,omitempty"`
	Codes     []string `toml:"codes" json:"codes,omitempty"` // 基本编码 and the like, for looking up
	Nature    Nature   `toml:"nature" json:"nature,omitempty"`
	Kind      Kind     `toml:"kind" json:"kind,omitempty"`
	Level     Level    `toml:"level" json:"level,omitempty"`

	Department string `toml:"department" json:"department"`
	// DepartmentCode is the department's unified social credit code (GB 32100, 18
	// characters); for staff and exports.
	DepartmentCode string   `toml:"department_code" json:"department_code,omitempty"`
	Partners       []string `toml:"partners" json:"partners,omitempty"` // 联办机构
	Themes         []string `toml:"themes" json:"themes,omitempty"`     // 户籍, 社会保障
	For            []Person `toml:"for" json:"for,omitempty"`
	LifeEvents     []string `toml:"life_events" json:"life_events,omitempty"` // 生育, 入学, 退休

	Basis      []string   `toml:"basis" json:"basis,omitempty"`           // 设定依据
	Conditions []string   `toml:"conditions" json:"conditions,omitempty"` // 受理条件
	Materials  []Material `toml:"materials" json:"materials,omitempty"`
	Steps      []Step     `toml:"steps" json:"steps,omitempty"`
	Legal      Limit      `toml:"legal" json:"legal,omitzero"`       // 法定时限
	Promised   Limit      `toml:"promised" json:"promised,omitzero"` // 承诺时限
	Fee        Fee        `toml:"fee" json:"fee,omitzero"`
	Result     string     `toml:"result" json:"result,omitempty"` // what one gets: 居民身份证
	// ResultSample says what the result looks like, in words.
	ResultSample string `toml:"result_sample" json:"result_sample,omitempty"`
	// Quota is how many are granted, where that is limited (数量限制).
	Quota string `toml:"quota" json:"quota,omitempty"`
	// Intermediary are services of others one needs first (中介服务): 体检, 检测.
	Intermediary string `toml:"intermediary" json:"intermediary,omitempty"`
	// Special are procedures whose time does not count (特别程序): 听证, 公示.
	Special string `toml:"special" json:"special,omitempty"`
	Forms   []Form `toml:"forms" json:"forms,omitempty"`
	FAQ     []QA   `toml:"faq" json:"faq,omitempty"`

	// Business is the Business.ID of the hall that handles it; empty = no numbers
	// are taken for it here.
	Business  string `toml:"business" json:"business,omitempty"`
	Place     string `toml:"place" json:"place,omitempty"` // when it says more than the business' windows
	Hours     string `toml:"hours" json:"hours,omitempty"` // when they differ from the hall's
	Phone     string `toml:"phone" json:"phone,omitempty"`
	Complaint string `toml:"complaint" json:"complaint,omitempty"` // 监督电话
	OnlineURL string `toml:"online_url" json:"online_url,omitempty"`
	// Scope is where else it can be done (通办范围): 全省通办.
	Scope string `toml:"scope" json:"scope,omitempty"`
	// Channels are the ways of applying (办理形式).
	Channels []Channel `toml:"channels" json:"channels,omitempty"`
	// Visits is how often one must come in person; nil = not said.
	Visits *int `toml:"visits" json:"visits,omitempty"`
	// Bookable, PayOnline and Courier say what is offered; false = no, or not said.
	Bookable  bool `toml:"bookable" json:"bookable,omitempty"`     // 可预约
	PayOnline bool `toml:"pay_online" json:"pay_online,omitempty"` // 可网上支付
	Courier   bool `toml:"courier" json:"courier,omitempty"`       // 结果可快递
	// Elsewhere is set for a matter that this hall does not handle.
	Elsewhere *Elsewhere `toml:"elsewhere" json:"elsewhere,omitempty"`

	Updated string `toml:"updated" json:"updated,omitempty"` // 2026-11-22
	// Rank says how often it is asked for, 0 to 1; see package search.
	Rank float32 `toml:"rank" json:"rank,omitempty"`
}

// Nature is the legal nature of a matter (GB/T 39046-2020, A.1).
type Nature string

// The natures, with their codes.
const (
	Licence      Nature = "01" // 行政许可
	Benefit      Nature = "05" // 行政给付
	Confirmation Nature = "07" // 行政确认
	Award        Nature = "08" // 行政奖励
	Ruling       Nature = "09" // 行政裁决
	OtherPower   Nature = "10" // 其他行政权力
	Service      Nature = "20" // 公共服务
)

var natureNames = map[Nature]string{
	Licence: "行政许可", Benefit: "行政给付", Confirmation: "行政确认", Award: "行政奖励",
	Ruling: "行政裁决", OtherPower: "其他行政权力", Service: "公共服务",
}

// Name is the Chinese name, empty for an unknown one.
func (n Nature) Name() string { return natureNames[n] }

// NatureOf returns the nature of a Chinese name or code.
func NatureOf(s string) (Nature, bool) {
	for n, name := range natureNames {
		if s == name || s == string(n) {
			return n, true
		}
	}
	return "", false
}

// Kind is how a matter runs through the hall (六件管理).
type Kind string

// The kinds.
const (
	OnTheSpot Kind = "on-the-spot" // 即办件: done the same working day
	Promise   Kind = "promise"     // 承诺件: done by a promised day
	Joint     Kind = "joint"       // 联办件: several departments, one leads
	Upward    Kind = "upward"      // 上报件: decided by a higher authority
)

var kindNames = map[Kind]string{OnTheSpot: "即办件", Promise: "承诺件", Joint: "联办件", Upward: "上报件"}

// Name is the Chinese name, empty for an unknown one.
func (k Kind) Name() string { return kindNames[k] }

// Person is whom a matter is for (GB/T 39046-2020: 服务对象).
type Person string

// Those whom matters are for.
const (
	Individual  Person = "person" // 自然人
	Firm        Person = "firm"   // 企业法人, 非法人企业
	Institution Person = "other"  // 事业法人, 社会组织, 行政机关
)

var personNames = map[Person]string{Individual: "自然人", Firm: "企业", Institution: "其他组织"}

// Name is the Chinese name, empty for an unknown one.
func (p Person) Name() string { return personNames[p] }

// Level is the level of government that handles a matter (行使层级; GB/T
// 39046-2020, table 4).
type Level string

// The levels, with their codes.
const (
	National   Level = "1"
	Provincial Level = "2"
	Municipal  Level = "3"
	County     Level = "4"
	Township   Level = "5"
	Village    Level = "6"
)

var levelNames = map[Level]string{
	National: "国家级", Provincial: "省级", Municipal: "市级", County: "县级", Township: "镇街级", Village: "村社区级",
}

// Name is the Chinese name, empty for an unknown one.
func (l Level) Name() string { return levelNames[l] }

// LevelOf returns the level of a Chinese name or code; 省级 and 省 are the same.
func LevelOf(s string) (Level, bool) {
	for l, name := range levelNames {
		if s != "" && (s == name || s == string(l) || s+"级" == name) {
			return l, true
		}
	}
	return "", false
}

// Channel is a way of applying (办理形式; GB/T 39046-2020, table 4).
type Channel string

// The ways of applying.
const (
	AtWindow    Channel = "window" // 窗口
	Online      Channel = "online" // 网上
	Mobile      Channel = "mobile" // 移动端
	ByCourier   Channel = "post"   // 快递
	SelfService Channel = "self-service"
	OtherWay    Channel = "other"
)

var channelNames = map[Channel]string{
	AtWindow: "窗口办理", Online: "网上办理", Mobile: "移动端办理", ByCourier: "快递申请", SelfService: "自助终端办理", OtherWay: "其他",
}

// Name is the Chinese name, empty for an unknown one.
func (c Channel) Name() string { return channelNames[c] }

// Material is something to bring.
type Material struct {
	Name   string `toml:"name" json:"name"`
	NameEn string `toml:"name_en" json:"name_en,omitempty"`
	// Originals and Copies are how many of each are handed in or shown.
	Originals int `toml:"originals" json:"originals,omitempty"`
	Copies    int `toml:"copies" json:"copies,omitempty"`
	// Optional materials are needed in some cases only; When says in which.
	Optional bool   `toml:"optional" json:"optional,omitempty"`
	When     string `toml:"when" json:"when,omitempty"`
	// From is where one gets it: 本人提供, 医院, 本大厅领取.
	From string `toml:"from" json:"from,omitempty"`
	// Issued says how fresh it must be (出具时间): 三个月内开具.
	Issued string `toml:"issued" json:"issued,omitempty"`
	Note   string `toml:"note" json:"note,omitempty"`
	// Sample says what a proper one looks like, in words.
	Sample string `toml:"sample" json:"sample,omitempty"`
	// Waived says that it need not be brought: 免提交 or 告知承诺.
	Waived string `toml:"waived" json:"waived,omitempty"`
	// Form is the Form.ID to fill in, empty for what is no form.
	Form string `toml:"form" json:"form,omitempty"`
}

// Step is one step of the way: 受理, 审核, 办结.
type Step struct {
	Name string `toml:"name" json:"name"`
	Text string `toml:"text" json:"text,omitempty"`
	// Days it takes, in the unit of the promise; 0 = not said.
	Days int `toml:"days" json:"days,omitempty"`
}

// Unit is a unit of time limits.
type Unit string

// The units. Limits of the administrative licensing law count in working days
// (art. 82).
const (
	WorkingDays Unit = "working-days"
	Days        Unit = "days"
	Hours       Unit = "hours"
	Minutes     Unit = "minutes"
	Months      Unit = "months"
)

var unitNames = map[Unit]string{WorkingDays: "个工作日", Days: "天", Hours: "小时", Minutes: "分钟", Months: "个月"}

// Limit is a time limit. The zero value is none said.
type Limit struct {
	Number int    `toml:"number" json:"number"`
	Unit   Unit   `toml:"unit" json:"unit"`
	Start  string `toml:"start" json:"start,omitempty"` // 起算: 自受理之日起
	Note   string `toml:"note" json:"note,omitempty"`   // not counted: 现场勘查, 公示
}

// IsZero says that no limit is given.
func (l Limit) IsZero() bool { return l == Limit{} }

// String is the limit in Chinese: 当场办结, 5个工作日.
func (l Limit) String() string {
	switch {
	case l.IsZero():
		return ""
	case l.Number == 0:
		return "当场办结"
	}
	return fmt.Sprintf("%d%s", l.Number, unitNames[l.Unit])
}

// days is the limit in days, for comparing: a working day as 1.4.
func (l Limit) days() float64 {
	per := map[Unit]float64{WorkingDays: 1.4, Days: 1, Hours: 1.0 / 24, Minutes: 1.0 / 1440, Months: 30}
	return float64(l.Number) * per[l.Unit]
}

// Fee says what it costs. The zero value is free of charge (不收费).
type Fee struct {
	Items []FeeItem `toml:"items" json:"items,omitempty"`
	// Basis is the legal basis, without which no fee may be taken (administrative
	// licensing law, art. 58).
	Basis string `toml:"basis" json:"basis,omitempty"`
	Note  string `toml:"note" json:"note,omitempty"` // 减免
}

// FeeItem is one charge.
type FeeItem struct {
	Name     string `toml:"name" json:"name"`
	Standard string `toml:"standard" json:"standard"` // 20元/证
}

// Form is a form to fill in.
type Form struct {
	ID   string `toml:"id" json:"id"`
	Name string `toml:"name" json:"name"`
	// Fields are its fields in order, with what a filled-in sample shows.
	Fields []FormField `toml:"fields" json:"fields,omitempty"`
}

// FormField is one field of a form.
type FormField struct {
	Name   string `toml:"name" json:"name"`
	Sample string `toml:"sample" json:"sample"`
	Help   string `toml:"help" json:"help,omitempty"`
}

// QA is a frequent question and its answer.
type QA struct {
	Question string `toml:"question" json:"question"`
	Answer   string `toml:"answer" json:"answer"`
}

// Elsewhere says where a matter is handled that this hall does not handle.
type Elsewhere struct {
	Unit    string `toml:"unit" json:"unit"`
	Address string `toml:"address" json:"address"`
	Phone   string `toml:"phone" json:"phone"`
	Hours   string `toml:"hours" json:"hours"`
}

// Guide returns the guide with the ID.
func (c *Catalogue) Guide(id string) (*Guide, bool) {
	i := slices.IndexFunc(c.Guides, func(g Guide) bool { return g.ID == id })
	if i < 0 {
		return nil, false
	}
	return &c.Guides[i], true
}

// Departments are the departments in the order in which they first appear.
func (c *Catalogue) Departments() []string {
	var out []string
	for i := range c.Guides {
		if d := c.Guides[i].Department; !slices.Contains(out, d) {
			out = append(out, d)
		}
	}
	return out
}

// Required are the materials everybody must bring: neither optional nor waived.
func (g *Guide) Required() []Material {
	return slices.DeleteFunc(slices.Clone(g.Materials), func(m Material) bool { return m.Optional || m.Waived != "" })
}

// Count is how many of a material to bring, in Chinese: 原件1份，复印件2份.
func (m Material) Count() string {
	var parts []string
	if m.Originals > 0 {
		parts = append(parts, fmt.Sprintf("原件%d份", m.Originals))
	}
	if m.Copies > 0 {
		parts = append(parts, fmt.Sprintf("复印件%d份", m.Copies))
	}
	return strings.Join(parts, "，")
}
