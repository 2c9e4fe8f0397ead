package oauth_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"pie/backend/oauth"
	"pie/backend/oauth/oauthtest"
	"pie/backend/secret"
)

// TestDated: a life counts from when the server gave the token, also when the
// computer slept over the answer; a wrong clock is noticed and ends no life early.
func TestDated(t *testing.T) {
	t.Parallel()
	began := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	cases := map[string]struct {
		date  string
		took  time.Duration // between request and answer, by this computer's clock
		life  time.Duration // that is left at the answer
		ahead time.Duration
	}{
		"at once":              {began.Format(http.TimeFormat), 0, time.Hour, 0},
		"slept over it":        {began.Add(time.Second).Format(http.TimeFormat), 9 * time.Hour, time.Hour + time.Second - 9*time.Hour, 0},
		"slow":                 {began.Add(20 * time.Second).Format(http.TimeFormat), 30 * time.Second, time.Hour - 10*time.Second, 0},
		"clock ahead":          {began.Add(-time.Hour).Format(http.TimeFormat), 0, time.Hour, time.Hour},
		"clock behind":         {began.Add(time.Hour).Format(http.TimeFormat), 2 * time.Second, time.Hour, 2*time.Second - time.Hour},
		"no date":              {"", 30 * time.Second, time.Hour, 0},
		"a date of other form": {"yesterday", 30 * time.Second, time.Hour, 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := oauthtest.New(t)
			answered := make(chan struct{}, 1)
			server.Behave(func(w http.ResponseWriter, r *http.Request) {
				w.Header()["Date"] = nil
				if c.date != "" {
					w.Header().Set("Date", c.date)
				}
				answered <- struct{}{}
				oauthtest.Answer(http.StatusOK, "application/json", `{"access_token":"a","expires_in":3600}`)(w, r)
			})
			now := func() time.Time {
				if len(answered) == 1 {
					return began.Add(c.took)
				}
				return began
			}
			h := oauth.NewHTTP(oauth.HTTPOptions{Now: now})
			got, err := h.Refresh(context.Background(), server.Provider(), oauth.Client{ID: "c"}, &oauth.Token{Refresh: secret.New("r")})
			if err != nil {
				t.Fatal(err)
			}
			if left := got.ExpiresAt.Sub(now()); left != c.life || got.Ahead != c.ahead {
				t.Errorf("left %s, ahead %s", left, got.Ahead)
			}
		})
	}
}
