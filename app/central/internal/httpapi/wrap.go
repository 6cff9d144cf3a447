package httpapi

import (
	"log/slog"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"hallkiosk/app/centralapi"
)

// nosniff keeps a browser from taking an answer for something it is not.
var nosniff = []string{"nosniff"}

// wrap adds what every request has: headers, the limit, the log
// line, problem bodies for unknown paths and methods, and an answer when a handler
// panics.
func (a *api) wrap(mux *http.ServeMux, other http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, pattern := mux.Handler(r)
		mine := pattern != "" || strings.HasPrefix(r.URL.Path, "/v1/") || other == nil
		rec := &recorder{ResponseWriter: w}
		begun := time.Now()
		defer func() {
			if p := recover(); p != nil {
				if p == http.ErrAbortHandler {
					panic(p)
				}
				a.log.Error("httpapi: panic", "route", r.Pattern, "panic", p, "stack", string(debug.Stack()))
				if rec.status != 0 {
					panic(http.ErrAbortHandler) // half an answer is out; cut the connection
				}
				writeProblem(rec, centralapi.Refuse(centralapi.CodeInternal, "服务出错，请稍后再试。"))
			}
			// r.Pattern, not the path: a path may hold ids, a query anything.
			level := rec.level(r.Method)
			if !a.log.Enabled(r.Context(), level) {
				return
			}
			a.log.LogAttrs(r.Context(), level, "request", slog.String("method", r.Method), slog.String("route", r.Pattern),
				slog.String("hall", r.PathValue("hall")), slog.String("by", rec.by), slog.Int("status", rec.status),
				slog.Int64("bytes", rec.bytes), slog.Int64("ms", time.Since(begun).Milliseconds()))
		}()
		if !mine {
			other.ServeHTTP(rec, r)
			return
		}
		rec.Header().Set(centralapi.CapabilityHeader, strconv.Itoa(centralapi.Capability))
		rec.Header()["X-Content-Type-Options"] = nosniff
		if strings.HasPrefix(r.URL.Path, "/v1/") {
			if wait, ok := a.limit.take(r); !ok {
				r.Pattern = pattern // for the log
				rec.limited = true
				a.fail(rec, r, centralapi.Refuse(centralapi.CodeTooMany, "请求太频繁，请稍后再试。").After(wait))
				return
			}
		}
		if pattern == "" {
			a.noRoute(rec, r, mux)
			return
		}
		mux.ServeHTTP(rec, r)
	})
}

// noRoute answers a path or method no route has. ServeMux knows which of the two
// it is, but only says so in plain text.
func (a *api) noRoute(w http.ResponseWriter, r *http.Request, mux *http.ServeMux) {
	said := &discard{header: http.Header{}}
	mux.ServeHTTP(said, r)
	if said.status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", said.header.Get("Allow"))
		writeProblem(w, centralapi.Refuse(centralapi.CodeMethod, "这个地址不支持这种请求方法。"))
		return
	}
	a.fail(w, r, notFound())
}

// discard keeps status and headers of an answer and drops its body.
type discard struct {
	header http.Header
	status int
}

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) WriteHeader(status int)      { d.status = status }
func (d *discard) Write(b []byte) (int, error) { return len(b), nil }

// recorder remembers what was answered, for the log.
type recorder struct {
	http.ResponseWriter
	status  int
	bytes   int64
	by      string // terminal or window id
	limited bool   // refused for asking too often
}

// known records who asked, and that its token is a real one.
func (a *api) known(w http.ResponseWriter, r *http.Request, by string) {
	if rec, ok := w.(*recorder); ok {
		rec.by = by
	}
	a.limit.prove(bearer(r))
}

// level is how important the log line is. A flood of refused requests has a line
// a minute from the limiter.
func (r *recorder) level(method string) slog.Level {
	looked := (method == http.MethodGet || method == http.MethodHead) && r.status < 400
	if looked || r.limited {
		return slog.LevelDebug
	}
	return slog.LevelInfo
}

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	n, err := r.ResponseWriter.Write(b)
	r.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
