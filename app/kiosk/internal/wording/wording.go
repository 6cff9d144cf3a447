// Package wording holds every sentence that citizens read on the terminal, in
// Chinese and English.
//
// The screens ask it for a sentence by a typed constant, so that a sentence that
// needs a number cannot be asked for without one. The texts are in
// assets/translations; github.com/nicksnyder/go-i18n reads them and knows the
// plurals. Both languages are loaded at start and stay side by side: a page
// changes its language without anything being read again (Fyne's own lang
// package cannot change at run time).
//
// It never says anything about a person, and knows nothing of pages.
package wording

import (
	"fmt"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"

	"hallkiosk/app/kiosk/internal/session"
	"hallkiosk/assets"
)

// Names of the languages, each in itself, as the header shows them.
const (
	NameChinese = "中文"
	NameEnglish = "English"
)

// Book is the sentences in all languages.
type Book struct{ zh, en *Words }

// Words is the sentences in one language. It may be used from any goroutine.
type Words struct {
	Language session.Language
	l        *i18n.Localizer
}

// Args are the places in a Template.
type Args struct {
	Time    string // a time or date, as Words.When gives it
	Place   string // 二楼 B 区
	Windows string // 3、4
	Reason  string // 国庆节

	date, weekday string
}

// Load reads the translation files in the program. It fails only when the
// program was built with broken ones.
func Load() (*Book, error) {
	b := i18n.NewBundle(language.Chinese)
	b.RegisterUnmarshalFunc("toml", toml.Unmarshal)
	for _, name := range []string{"kiosk.zh.toml", "kiosk.en.toml"} {
		if _, err := b.LoadMessageFileFS(assets.Translations, "translations/"+name); err != nil {
			return nil, fmt.Errorf("wording: %s: %w", name, err)
		}
	}
	return &Book{
		zh: &Words{session.Chinese, i18n.NewLocalizer(b, "zh")},
		en: &Words{session.English, i18n.NewLocalizer(b, "en")},
	}, nil
}

// In returns the sentences in the language; Chinese if it is not known.
func (b *Book) In(l session.Language) *Words {
	if l == session.English {
		return b.en
	}
	return b.zh
}

// Say returns the sentence.
func (w *Words) Say(k Key) string {
	return w.text(string(k), &i18n.LocalizeConfig{MessageID: string(k)})
}

// Fill returns the sentence with its places filled in.
func (w *Words) Fill(t Template, a Args) string {
	return w.text(string(t), &i18n.LocalizeConfig{MessageID: string(t), TemplateData: map[string]string{
		"Time": a.Time, "Place": a.Place, "Windows": a.Windows, "Reason": a.Reason,
		"Date": a.date, "Weekday": a.weekday,
	}})
}

// Count returns the sentence for n.
func (w *Words) Count(p Plural, n int) string {
	return w.text(string(p), &i18n.LocalizeConfig{
		MessageID: string(p), PluralCount: n, TemplateData: map[string]int{"Count": n},
	})
}

// text falls back to the key: a test keeps that from happening, and a person
// who reads a key can at least report it.
func (w *Words) text(key string, c *i18n.LocalizeConfig) string {
	s, err := w.l.Localize(c)
	if err != nil {
		return key
	}
	return s
}

// When says when t is, for somebody standing there at now: 14:00, 明天 08:30,
// 10月9日（星期五）08:30. Both are in the hall's zone. With now zero (the clock
// cannot be trusted) the date is always said.
func (w *Words) When(t, now time.Time) string {
	clock := Clock(t)
	switch {
	case !now.IsZero() && sameDay(t, now):
		return clock
	case !now.IsZero() && sameDay(t, now.AddDate(0, 0, 1)):
		return w.Fill(whenTomorrow, Args{Time: clock})
	}
	days := [...]Key{whenSunday, whenMonday, whenTuesday, whenWednesday, whenThursday, whenFriday, whenSaturday}
	return w.Fill(whenDay, Args{
		Time: clock, date: t.Format(w.Say(whenDateLayout)), weekday: w.Say(days[t.Weekday()]),
	})
}

// Clock is the time of day as the terminal shows it: 08:30.
func Clock(t time.Time) string { return t.Format("15:04") }

func sameDay(a, b time.Time) bool {
	ay, am, ad := a.Date()
	by, bm, bd := b.Date()
	return ay == by && am == bm && ad == bd
}
