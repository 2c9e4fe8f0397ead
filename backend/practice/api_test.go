package practice_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"pie/backend/practice"
)

func TestNotes(t *testing.T) {
	t.Parallel()
	r := start(t, practice.Options{})
	token := r.text("access_token", r.signIn(nil))
	a := r.api("GET", "/notes", token, "")
	notes, _ := a.json["notes"].([]any)
	if a.status != 200 || len(notes) != 3 {
		t.Fatalf("got %d %s", a.status, a.body)
	}
	added := r.api("POST", "/notes", token, `{"text":"  from a test "}`)
	if added.status != http.StatusCreated || r.text("text", added) != "from a test" || added.json["id"] != 4.0 {
		t.Fatalf("got %d %s", added.status, added.body)
	}
	if a := r.api("GET", "/notes", token, ""); !strings.Contains(a.body, "from a test") {
		t.Errorf("not kept: %s", a.body)
	}
	if a := r.api("GET", "/userinfo", token, ""); r.text("sub", a) != "home" || r.text("email", a) == "" || r.text("name", a) == "" {
		t.Errorf("userinfo %s", a.body)
	}
	for name, body := range map[string]string{
		"no JSON": "x", "no text": `{}`, "an empty text": `{"text":" "}`, "a number": `{"text":1}`, "a list": `[]`,
		"too long": `{"text":"` + strings.Repeat("x", 4097) + `"}`, "far too long": `{"text":"` + strings.Repeat("x", 70_000) + `"}`,
	} {
		r.refused(name, r.api("POST", "/notes", token, body), 400, "invalid_request")
	}
	wrong := r.must("POST", "/notes", strings.NewReader("text=x"), func(request *http.Request) {
		asForm(request)
		request.Header.Set("Authorization", "bearer "+token)
	})
	r.refused("a form", wrong, http.StatusUnsupportedMediaType, "invalid_request")
}

func TestScopesAreEnforced(t *testing.T) {
	t.Parallel()
	r := start(t, practice.Options{})
	reader := r.text("access_token", r.signIn([]string{"notes.read"}))
	writer := r.text("access_token", r.signIn([]string{"notes.write"}))
	a := r.api("POST", "/notes", reader, `{"text":"x"}`)
	r.refused("writing", a, 403, "insufficient_scope")
	if got := a.header.Get("WWW-Authenticate"); got != `Bearer realm="practice", error="insufficient_scope", scope="notes.write"` {
		t.Errorf("WWW-Authenticate %q", got)
	}
	r.refused("reading", r.api("GET", "/notes", writer, ""), 403, "insufficient_scope")
	if a := r.api("GET", "/userinfo", writer, ""); a.status != 200 {
		t.Errorf("userinfo needs no scope: %d", a.status)
	}
}

func TestBearer(t *testing.T) {
	t.Parallel()
	now := newClock()
	r := start(t, practice.Options{Now: now.Now, AccessLife: 10 * time.Minute})
	answerTo := func(header string) answer {
		return r.must("GET", "/notes", nil, func(request *http.Request) {
			if header != "" {
				request.Header.Set("Authorization", header)
			}
		})
	}
	sign := r.signIn(nil)
	token, refresh := r.text("access_token", sign), r.text("refresh_token", sign)
	if sign.json["expires_in"] != 600.0 {
		t.Errorf("expires_in %v", sign.json["expires_in"])
	}
	plain := answerTo("")
	r.refused("no token", plain, 401, "unauthorized")
	if got := plain.header.Get("WWW-Authenticate"); got != `Bearer realm="practice"` {
		t.Errorf("WWW-Authenticate %q", got)
	}
	r.refused("basic", answerTo("Basic "+token), 401, "unauthorized")
	unknown := answerTo("Bearer nothing")
	r.refused("an unknown token", unknown, 401, "invalid_token")
	if got := unknown.header.Get("WWW-Authenticate"); !strings.Contains(got, `error="invalid_token"`) {
		t.Errorf("WWW-Authenticate %q", got)
	}
	r.refused("a refresh token", answerTo("Bearer "+refresh), 401, "invalid_token")
	r.refused("in the address", r.must("GET", "/notes?access_token="+token, nil, nil), 401, "unauthorized")
	now.Add(10*time.Minute - time.Second)
	if a := answerTo("Bearer " + token); a.status != 200 {
		t.Errorf("shortly before its end: %d", a.status)
	}
	now.Add(time.Second)
	r.refused("at its end", answerTo("Bearer "+token), 401, "invalid_token")
	renewed := r.post("/token", refreshForm(refresh))
	token = r.text("access_token", renewed)
	r.Expire()
	r.refused("ended by hand", answerTo("Bearer "+token), 401, "invalid_token")
	if a := r.post("/token", refreshForm(r.text("refresh_token", renewed))); a.status != 200 {
		t.Errorf("a renewal after that: %s", a.body)
	}
}

func TestTwoPeople(t *testing.T) {
	t.Parallel()
	r := start(t, practice.Options{})
	page := r.must("GET", "/authorize?"+question(nil).Encode(), nil, nil)
	a := r.post("/authorize", url.Values{
		"request": {requestToken(t, page.body)}, "decision": {"allow"}, "scope": {"notes.read", "notes.write"}, "account": {"work"},
	})
	u, err := url.Parse(a.header.Get("Location"))
	if err != nil {
		t.Fatal(err)
	}
	work := r.text("access_token", r.post("/token", exchangeForm(u.Query().Get("code"))))
	home := r.text("access_token", r.signIn(nil))
	if got := r.text("sub", r.api("GET", "/userinfo", work, "")); got != "work" {
		t.Errorf("sub %q", got)
	}
	r.api("POST", "/notes", work, `{"text":"only at work"}`)
	if a := r.api("GET", "/notes", home, ""); strings.Contains(a.body, "only at work") {
		t.Error("one person reads the other's notes")
	}
}
