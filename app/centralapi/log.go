package centralapi

import (
	"context"
	"fmt"
	"log/slog"
	"regexp"
)

// restLog carries resty's own messages to slog. resty puts request addresses
// and whole errors into them, so what could be a secret or a person's number is
// cut out first. Debug output prints bodies and is dropped altogether.
type restLog struct{ log *slog.Logger }

func (l restLog) Errorf(format string, v ...any) { l.write(slog.LevelError, format, v) }
func (l restLog) Warnf(format string, v ...any)  { l.write(slog.LevelWarn, format, v) }
func (l restLog) Debugf(string, ...any)          {}

func (l restLog) write(level slog.Level, format string, v []any) {
	l.log.Log(context.Background(), level, "centralapi: http client", "message", redact(fmt.Sprintf(format, v...)))
}

var (
	bearer    = regexp.MustCompile(`(?i)bearer\s+\S+`)
	query     = regexp.MustCompile(`\?[^\s"]+`)
	longDigit = regexp.MustCompile(`[0-9]{6,}[0-9Xx]*`)
)

// redact removes bearer tokens, query strings and runs of six and more digits.
func redact(s string) string {
	s = bearer.ReplaceAllString(s, "Bearer …")
	s = query.ReplaceAllString(s, "?…")
	return longDigit.ReplaceAllString(s, "…")
}
