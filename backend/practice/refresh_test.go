package practice_test

import (
	"net/url"
	"strings"
	"sync"
	"testing"

	"pie/backend/practice"
)

func TestRefreshRotatesAndDetectsReuse(t *testing.T) {
	t.Parallel()
	r := start(t, practice.Options{})
	other := r.signIn(nil)
	first := r.signIn(nil)
	second := r.post("/token", refreshForm(r.text("refresh_token", first)))
	third := r.post("/token", refreshForm(r.text("refresh_token", second)))
	if third.status != 200 || r.text("refresh_token", third) == r.text("refresh_token", second) {
		t.Fatalf("got %d %s", third.status, third.body)
	}
	if a := r.api("GET", "/notes", r.text("access_token", third), ""); a.status != 200 {
		t.Errorf("the renewed token: %s", a.body)
	}
	r.refused("a used token", r.post("/token", refreshForm(r.text("refresh_token", first))), 400, "invalid_grant")
	r.refused("the newest after that", r.post("/token", refreshForm(r.text("refresh_token", third))), 400, "invalid_grant")
	r.refused("the access token after that", r.api("GET", "/notes", r.text("access_token", third), ""), 401, "invalid_token")
	if a := r.post("/token", refreshForm(r.text("refresh_token", other))); a.status != 200 {
		t.Errorf("another sign-in: %s", a.body)
	}
	if got := r.Stats(); got.Replays != 1 || got.Refreshes != 3 || got.Live != 1 {
		t.Errorf("stats %+v", got)
	}
}

func TestRefreshAtTheSameTime(t *testing.T) {
	t.Parallel()
	r := start(t, practice.Options{})
	token := r.text("refresh_token", r.signIn(nil))
	var group sync.WaitGroup
	var mu sync.Mutex
	good := 0
	for range 8 {
		group.Go(func() {
			a, err := r.send("POST", "/token", strings.NewReader(refreshForm(token).Encode()), asForm)
			mu.Lock()
			defer mu.Unlock()
			if err == nil && a.status == 200 {
				good++
			}
		})
	}
	group.Wait()
	if got := r.Stats(); good != 1 || got.Replays != 1 || got.Live != 0 {
		t.Errorf("%d went well, stats %+v", good, got)
	}
}

func TestRefreshMayNarrow(t *testing.T) {
	t.Parallel()
	r := start(t, practice.Options{})
	token := r.signIn(nil)
	form := refreshForm(r.text("refresh_token", token))
	form.Set("scope", "notes.read")
	narrow := r.post("/token", form)
	if r.text("scope", narrow) != "notes.read" {
		t.Fatalf("got %s", narrow.body)
	}
	r.refused("writing", r.api("POST", "/notes", r.text("access_token", narrow), `{"text":"x"}`), 403, "insufficient_scope")
	form = refreshForm(r.text("refresh_token", narrow))
	form.Set("scope", "notes.read mail.read")
	r.refused("widening", r.post("/token", form), 400, "invalid_scope")
	if a := r.post("/token", refreshForm(r.text("refresh_token", narrow))); r.text("scope", a) != "notes.read notes.write" {
		t.Errorf("all again: %s", a.body)
	}
}

func TestRevocation(t *testing.T) {
	t.Parallel()
	r := start(t, practice.Options{})
	revoke := func(token string) answer {
		return r.post("/revoke", url.Values{"client_id": {"pie-practice"}, "token": {token}})
	}
	token := r.signIn(nil)
	if a := revoke(r.text("access_token", token)); a.status != 200 {
		t.Fatalf("got %d", a.status)
	}
	r.refused("the access token", r.api("GET", "/notes", r.text("access_token", token), ""), 401, "invalid_token")
	renewed := r.post("/token", refreshForm(r.text("refresh_token", token)))
	if renewed.status != 200 {
		t.Fatalf("the grant went with the access token: %s", renewed.body)
	}
	if a := revoke(r.text("refresh_token", renewed)); a.status != 200 {
		t.Fatalf("got %d", a.status)
	}
	r.refused("its refresh token", r.post("/token", refreshForm(r.text("refresh_token", renewed))), 400, "invalid_grant")
	r.refused("its access token", r.api("GET", "/notes", r.text("access_token", renewed), ""), 401, "invalid_token")
	if a := revoke("unknown"); a.status != 200 {
		t.Errorf("an unknown token: %d", a.status)
	}
	r.refused("no token", revoke(""), 400, "invalid_request")
	r.refused("another client", r.post("/revoke", url.Values{"client_id": {"x"}, "token": {"y"}}), 401, "invalid_client")

	again := r.signIn(nil)
	r.RevokeAll()
	r.refused("removed at the service", r.post("/token", refreshForm(r.text("refresh_token", again))), 400, "invalid_grant")
	if got := r.Stats(); got.Revocations != 3 || got.Live != 0 {
		t.Errorf("stats %+v", got)
	}
}
