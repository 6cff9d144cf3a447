package hall

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Format writes h as a hall file that Parse reads back as the same hall. Values
// that are empty or the default are left out; items stand one on a line, which
// is why the encoders of the TOML libraries, which give every item four lines,
// are not used. Secrets (Window.PINHash) are written: the file is the centre's.
func Format(h *Hall) []byte {
	f := &formatter{}
	f.text("id", h.ID)
	f.text("name", h.Name)
	f.text("name_en", h.NameEn)
	if h.TimeZone != defaultZone {
		f.text("time_zone", h.TimeZone)
	}
	if h.CutOver != defaultCutOver {
		fmt.Fprintf(f, "cut_over = %d\n", h.CutOver)
	}
	f.text("supervision_phone", h.SupervisionPhone)
	f.text("service_phone", h.ServicePhone)
	f.text("phone_url", h.PhoneURL)
	f.text("notice", h.Notice)
	f.hours("hours", h.Hours)
	for _, a := range h.Areas {
		f.header("[[areas]]")
		f.text("id", a.ID)
		f.text("name", a.Name)
		f.text("name_en", a.NameEn)
		f.text("place", a.Place)
		f.text("place_en", a.PlaceEn)
	}
	for _, w := range h.Windows {
		f.header("[[windows]]")
		f.text("id", w.ID)
		f.text("name", w.Name)
		f.text("area", w.Area)
		if w.At != nil {
			f.numbers("at", w.At[:])
		}
		f.text("pin_hash", w.PINHash)
	}
	for _, b := range h.Businesses {
		f.business(b)
	}
	if h.Plan != nil {
		f.plan(h.Plan)
	}
	f.board(h.Board)
	f.terms(h)
	f.queue(h.Queue)
	return f.Bytes()
}

type formatter struct{ bytes.Buffer }

func (f *formatter) business(b Business) {
	f.header("[[businesses]]")
	f.text("id", b.ID)
	f.text("name", b.Name)
	f.text("name_en", b.NameEn)
	f.text("prefix", b.Prefix)
	f.text("area", b.Area)
	f.text("group", b.Group)
	f.text("group_en", b.GroupEn)
	f.list("windows", b.Windows)
	if b.AskID != AskNever {
		f.text("ask_id", string(b.AskID))
	}
	f.calling(b)
	f.text("for", b.For)
	f.text("for_en", b.ForEn)
	if len(b.Items) > 0 {
		f.WriteString("items = [\n")
		for _, it := range b.Items {
			fmt.Fprintf(f, "  { id = %s, name = %s", quote(it.ID), quote(it.Name))
			if it.NameEn != "" {
				fmt.Fprintf(f, ", name_en = %s", quote(it.NameEn))
			}
			f.WriteString(" },\n")
		}
		f.WriteString("]\n")
	}
	if b.Hours != nil {
		f.hours("businesses.hours", *b.Hours)
	}
}

func (f *formatter) hours(table string, h Hours) {
	f.header("[" + table + ".week]")
	for _, w := range weekdays {
		if spans := h.Week[w.key]; len(spans) > 0 {
			f.list(w.key, spans)
		}
	}
	for _, d := range h.Days {
		f.header("[[" + table + ".days]]")
		f.text("date", d.Date)
		if len(d.Open) > 0 {
			f.list("open", d.Open)
		}
		f.text("reason", d.Reason)
	}
}

func (f *formatter) plan(p *Plan) {
	f.header("[plan]")
	fmt.Fprintf(f, "width = %g\nheight = %g\n", p.Width, p.Height)
	for _, r := range p.Rooms {
		f.header("[[plan.rooms]]")
		f.text("name", r.Name)
		f.text("name_en", r.NameEn)
		f.text("kind", string(r.Kind))
		f.numbers("box", r.Box[:])
		f.text("area", r.Area)
	}
	for _, k := range p.Kiosks {
		f.header("[[plan.kiosks]]")
		f.text("name", k.Name)
		f.numbers("at", k.At[:])
	}
}

func (f *formatter) numbers(key string, values []float64) {
	written := make([]string, len(values))
	for i, v := range values {
		written[i] = strconv.FormatFloat(v, 'f', -1, 64)
	}
	fmt.Fprintf(f, "%s = [%s]\n", key, strings.Join(written, ", "))
}

func (f *formatter) header(s string) { fmt.Fprintf(f, "\n%s\n", s) }

func (f *formatter) text(key, value string) {
	if value != "" {
		fmt.Fprintf(f, "%s = %s\n", key, quote(value))
	}
}

func (f *formatter) list(key string, values []string) {
	quoted := slices.Clone(values)
	for i, v := range quoted {
		quoted[i] = quote(v)
	}
	fmt.Fprintf(f, "%s = [%s]\n", key, strings.Join(quoted, ", "))
}

// quote returns s as a TOML basic string (TOML 1.0, String).
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < 0x20 || r == 0x7f:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
