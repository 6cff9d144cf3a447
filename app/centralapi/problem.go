package centralapi

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// ProblemType is the media type of a [Problem].
const ProblemType = "application/problem+json"

// Error is a refusal by the central service: an answer of status 400 and above
// with a problem body. The service makes one with [Refuse], the [Client] from
// the answer, so both sides see the same value. Detail is one polite Chinese
// sentence for the person in front of the screen and holds no personal data.
type Error struct {
	Problem
	retryAfter time.Duration // of the header, see RetryAfter
}

// RetryAfter returns how long to wait before the request is sent again, from the
// answer's Retry-After header (RFC 9110 section 10.2.3); 0 when it names no time.
// It is at most an hour, whatever the header says.
func (e *Error) RetryAfter() time.Duration { return e.retryAfter }

// After returns a copy of e whose RetryAfter is d. The service sends it as the
// header, in whole seconds.
func (e *Error) After(d time.Duration) *Error {
	c := *e
	c.retryAfter = min(max(d, 0), maxRetryAfter)
	return &c
}

// maxRetryAfter bounds what a service, or something in between, can ask for.
const maxRetryAfter = time.Hour

// retryAfter reads the header of an answer. A date in it is compared with the
// answer's own Date where there is one: a terminal's clock may be wrong by years.
func retryAfter(h http.Header, now time.Time) time.Duration {
	text := strings.TrimSpace(h.Get("Retry-After"))
	if text != "" && strings.Trim(text, "0123456789") == "" {
		seconds, err := strconv.ParseInt(text, 10, 64)
		if err != nil || seconds > int64(maxRetryAfter/time.Second) {
			return maxRetryAfter // more digits than fit
		}
		return time.Duration(seconds) * time.Second
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	if said, err := http.ParseTime(h.Get("Date")); err == nil {
		now = said
	}
	return min(max(at.Sub(now), 0), maxRetryAfter)
}

// Error returns the code and, when there is one, the sentence.
func (e *Error) Error() string {
	if e.Detail == "" {
		return fmt.Sprintf("centralapi: %s", e.Code)
	}
	return fmt.Sprintf("centralapi: %s: %s", e.Code, e.Detail)
}

// Is makes errors.Is(err, Refuse(c, "")) true for every Error of that
// code. See [HasCode] for the short way.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// HasCode reports whether err is, or wraps, an [Error] with this code.
func HasCode(err error, code Code) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Code == code
}

// Refuse returns the Error for a code with everything that follows from the
// code filled in. detail is the Chinese sentence for people; it may be empty.
func Refuse(code Code, detail string) *Error {
	m, ok := meanings[code]
	if !ok {
		m = meanings[CodeInternal]
	}
	return &Error{Problem: Problem{
		Type:      "urn:hallkiosk:problem:" + string(code),
		Title:     m.title,
		Status:    m.status,
		Detail:    detail,
		Code:      code,
		Retryable: m.retryable,
	}}
}

// Status returns the HTTP status of a code; 500 for one that is not known.
func (c Code) Status() int { return Refuse(c, "").Status }

type meaning struct {
	status    int
	retryable bool
	title     string
}

// meanings is the whole vocabulary. Retryable means that the identical request
// may succeed later without anybody changing it; a missing or outdated token is
// retryable, because it is mended at the terminal or the centre and the event
// that waited must not be given up for it.
var meanings = map[Code]meaning{
	CodeMalformed:       {http.StatusBadRequest, false, "请求格式不正确"},
	CodeInvalid:         {http.StatusUnprocessableEntity, false, "请求内容不正确"},
	CodeUnauthorized:    {http.StatusUnauthorized, true, "未登录或登录已失效"},
	CodeForbidden:       {http.StatusForbidden, false, "没有权限"},
	CodeNotFound:        {http.StatusNotFound, false, "没有找到"},
	CodeUnknownBusiness: {http.StatusUnprocessableEntity, false, "没有这项业务"},
	CodeMethod:          {http.StatusMethodNotAllowed, false, "不支持这种请求方法"},
	CodeTooLarge:        {http.StatusRequestEntityTooLarge, false, "请求内容过大"},
	CodeUnsupported:     {http.StatusUnsupportedMediaType, false, "不支持这种内容类型"},
	CodeConflict:        {http.StatusConflict, false, "当前状态不允许此操作"},
	CodeIDReused:        {http.StatusUnprocessableEntity, false, "编号重复使用"},
	CodeClosed:          {http.StatusConflict, false, "当前时间段不能取号"},
	CodePaused:          {http.StatusConflict, false, "业务暂停取号"},
	CodeNumbersOut:      {http.StatusConflict, false, "今天的号已取完"},
	CodeAbandoned:       {http.StatusConflict, false, "这次取号已取消"},
	CodeRetired:         {http.StatusConflict, false, "终端需要重新登记"},
	CodeTooMany:         {http.StatusTooManyRequests, true, "操作太频繁"},
	CodeInternal:        {http.StatusInternalServerError, true, "服务出错"},
	CodeUnavailable:     {http.StatusServiceUnavailable, true, "服务暂时不可用"},
}
