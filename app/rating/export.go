package rating

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// Record is one rating in the fields of provinces' interfaces (办件评价数据), all as
// text. What a hall does not know stays empty, and so does who rated: this system keeps
// no names, and of an anonymous rating neither the number of the case nor the time of
// day, either of which would lead to the ticket.
type Record struct {
	AreaCode          string `json:"areaCode"`
	AreaName          string `json:"areaName"`
	DeptCode          string `json:"deptCode"`
	TaskCode          string `json:"taskCode"`
	TaskName          string `json:"taskName"`
	TaskHandleItem    string `json:"taskHandleItem"`
	ProjectNo         string `json:"projectNo"` // 办件编号
	ProStatus         string `json:"proStatus"` // 3 办结: what is rated has ended
	ProDepart         string `json:"proDepart"`
	ProManager        string `json:"proManager"`
	Pf                string `json:"pf"` // channel
	UserName          string `json:"userName"`
	UserProp          string `json:"userProp"`
	CertKey           string `json:"certKey"`
	Satisfaction      string `json:"satisfaction"`     // by Options.Satisfaction
	SatisfactionName  string `json:"satisfactionName"` // 非常满意: says it without a scale
	EvalDetail        string `json:"evalDetail"`       // codes, separated by commas
	WritingEvaluation string `json:"writingEvaluation"`
	AssessTime        string `json:"assessTime"`   // 2026-11-23 10:30:00
	AssessNumber      string `json:"assessNumber"` // 1, or 2 for a supplement
	PromiseTime       string `json:"promiseTime"`
	AcceptDate        string `json:"acceptDate"` // 2026-11-23
	DataSource        string `json:"dataSource"`
	AnonymityFlag     string `json:"anonymityFlag"` // 1 anonymous, 2 not
	EvaluateType      string `json:"EVALUATETYPE"`  // 1 主动, 2 追加; empty for a default
	ServiceNumber     string `json:"serviceNumber"` // which service of the case
}

// Service is what a report says of a rated service besides its rating.
type Service struct {
	TaskCode, TaskName string // 事项
	Item               string // 办理项
	Department         string
	Accepted           time.Time // when it was taken in; zero = as it ended
}

// Options of an export. Satisfaction and Location are required.
type Options struct {
	Satisfaction Scale
	// Channels are the numbers of the region; nil = NationalChannels. The key "" is that
	// of ratings nobody gave (系统默认); without it field pf of those stays empty.
	Channels Channels
	Location *time.Location // that of the hall
	// AreaCode, AreaName, DeptCode and DataSource are the same in every record.
	AreaCode, AreaName, DeptCode, DataSource string
	// Service says more about a rated service; nil = nothing is known.
	Service func(Rating) Service
}

// Record returns how a rating is reported.
func (o Options) Record(r Rating) (Record, error) {
	number, ok := o.Satisfaction.Number(r.Level)
	if !ok {
		return Record{}, fmt.Errorf("rating: export: level %q on scale %q", r.Level, o.Satisfaction)
	}
	if o.Location == nil {
		return Record{}, errors.New("rating: export: no time zone")
	}
	channels := o.Channels
	if channels == nil {
		channels = NationalChannels()
	}
	pf, known := channels[r.Channel]
	if !known && r.Channel != "" {
		return Record{}, fmt.Errorf("rating: export: channel %q has no number", r.Channel)
	}
	var s Service
	if o.Service != nil {
		s = o.Service(r)
	}
	if s.Accepted.IsZero() {
		s.Accepted = r.Served
	}
	codes := make([]string, len(r.Reasons))
	for i, c := range r.Reasons {
		codes[i] = strconv.Itoa(c)
	}
	out := Record{
		AreaCode: o.AreaCode, AreaName: o.AreaName, DeptCode: o.DeptCode, DataSource: o.DataSource,
		TaskCode: s.TaskCode, TaskName: s.TaskName, TaskHandleItem: s.Item, ProDepart: s.Department,
		ProjectNo: r.Ticket, ProStatus: "3", ServiceNumber: "1",
		Satisfaction: strconv.Itoa(number), SatisfactionName: r.Level.Name(),
		EvalDetail: strings.Join(codes, ","), WritingEvaluation: r.Words,
		AssessTime: r.At.In(o.Location).Format(time.DateTime), AcceptDate: s.Accepted.In(o.Location).Format(time.DateOnly),
		AssessNumber: "1", AnonymityFlag: "2",
	}
	if known {
		out.Pf = strconv.Itoa(pf)
	}
	if r.Anonymous {
		out.AnonymityFlag, out.ProjectNo = "1", ""
		out.AssessTime = r.At.In(o.Location).Format(time.DateOnly) + " 00:00:00"
	}
	switch r.Kind {
	case Active:
		out.EvaluateType = "1"
	case Supplement:
		out.EvaluateType, out.AssessNumber = "2", "2"
	}
	return out, nil
}

// WriteJSON writes one JSON object: what the numbers mean, then the records.
func (o Options) WriteJSON(w io.Writer, ratings []Rating) error {
	records, err := o.records(ratings)
	if err != nil {
		return err
	}
	channels := o.Channels
	if channels == nil {
		channels = NationalChannels()
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if err := e.Encode(struct {
		Satisfaction map[string]Level `json:"satisfaction"`
		Channels     Channels         `json:"pf"`
		Records      []Record         `json:"records"`
	}{o.Satisfaction.legend(), channels, records}); err != nil {
		return fmt.Errorf("rating: export: %w", err)
	}
	return nil
}

// legend says what each number of a scale means.
func (s Scale) legend() map[string]Level {
	out := map[string]Level{}
	for _, l := range Levels() {
		if n, ok := s.Number(l); ok {
			out[strconv.Itoa(n)] = l
		}
	}
	return out
}

// WriteCSV writes a table with a line of field names, in UTF-8 with the mark that
// spreadsheets know it by. Words that a spreadsheet would take for a formula have an
// apostrophe in front: they come from strangers.
func (o Options) WriteCSV(w io.Writer, ratings []Rating) error {
	records, err := o.records(ratings)
	if err != nil {
		return err
	}
	if _, err := io.WriteString(w, "\uFEFF"); err != nil {
		return fmt.Errorf("rating: export: %w", err)
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true // RFC 4180
	kind := reflect.TypeFor[Record]()
	line := make([]string, kind.NumField())
	for i := range line {
		line[i] = kind.Field(i).Tag.Get("json")
	}
	if err := out.Write(line); err != nil {
		return fmt.Errorf("rating: export: %w", err)
	}
	for _, r := range records {
		v := reflect.ValueOf(r)
		for i := range line {
			line[i] = plain(v.Field(i).String())
		}
		if err := out.Write(line); err != nil {
			return fmt.Errorf("rating: export: %w", err)
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("rating: export: %w", err)
	}
	return nil
}

// plain keeps a spreadsheet from computing a text.
func plain(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r＝＋－＠", []rune(s)[0]) {
		return "'" + s
	}
	return s
}

func (o Options) records(ratings []Rating) ([]Record, error) {
	out := make([]Record, 0, len(ratings))
	for _, r := range ratings {
		one, err := o.Record(r)
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, nil
}
