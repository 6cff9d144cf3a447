package centralapi

import (
	"io"
	"net/http"
	"testing"
	"time"

	"hallkiosk/app/rating"
)

// What is asked and said stands in the body, never in the address.
func TestClientRates(t *testing.T) {
	var path, token, body string
	answer := ""
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		data, _ := io.ReadAll(r.Body)
		path, token, body = r.Method+" "+r.URL.String(), r.Header.Get("Authorization"), string(data)
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, answer)
	})
	answer = `{"version":"2020-08-27","services":[{"ticket":"k","label":"A023","business":"a","ended_at":"2026-11-23T10:00:00+08:00"}]}`
	list, err := c.Ratable(t.Context(), RatableRequest{Label: "A023"})
	if err != nil || len(list.Services) != 1 || list.Services[0].Label != "A023" || list.Version != "2020-08-27" {
		t.Errorf("%+v, %v", list, err)
	}
	if path != "POST /v1/halls/test/ratings/services" || token != "Bearer secret-token" || body != `{"label":"A023"}` {
		t.Errorf("%s %s %s", path, token, body)
	}
	answer = `{"at":"2026-11-23T10:05:00+08:00"}`
	got, err := c.Rate(t.Context(), RatingRequest{ID: "i", Ticket: "k", Level: rating.VeryDissatisfied, Version: "2020-08-27", Reasons: []int{108}, Words: "慢", Anonymous: true})
	if err != nil || !got.At.Equal(time.Date(2026, 11, 23, 2, 5, 0, 0, time.UTC)) {
		t.Errorf("%+v, %v", got, err)
	}
	if want := `{"id":"i","ticket":"k","level":"very-dissatisfied","version":"2020-08-27","reasons":[108],"words":"慢","anonymous":true}`; path != "POST /v1/halls/test/ratings" || body != want {
		t.Errorf("%s %s", path, body)
	}
}
