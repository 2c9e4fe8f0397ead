package connection_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pie/backend/connection"
	"pie/backend/fault"
	"pie/backend/oauth"
	"pie/backend/oauth/oauthtest"
)

// told is what a person sees in the end. Words is a part of the message.
type told struct {
	code  fault.Code
	words string
}

// misbehaviour is one way in which a token server goes wrong, and what a person
// is told when that happens at a sign-in, at a renewal and at disconnecting.
type misbehaviour struct {
	answer   http.HandlerFunc // nil: none comes before the client gives up
	done     bool             // the request was processed before, as far as the server goes
	exchange told
	refresh  told
	keeps    bool // the connection outlives the renewal that failed
	revoke   string
}

func misbehaviours(elsewhere string) map[string]misbehaviour {
	broke, lost := told{fault.Offline, "broke before the service had answered"}, told{fault.Reconnect, "lost twice"}
	confirmed, unsure := "has taken the access back", "did not confirm that the access is taken back: "
	all := map[string]misbehaviour{
		"lost after it was processed": {
			oauthtest.Lost, true, broke, told{fault.Reconnect, "was lost on its way"}, false, unsure + "The connection broke",
		},
		"lost":        {oauthtest.Lost, false, broke, lost, false, unsure + "The connection broke"},
		"cut":         {oauthtest.Cut, false, broke, lost, false, unsure + "The connection broke"},
		"slow":        {nil, false, broke, lost, false, unsure + "The connection broke"},
		"huge":        {oauthtest.Huge, false, told{fault.Offline, "more than 1 MB"}, lost, false, unsure + "The service sent an answer of more than 1 MB"},
		"HTML":        {oauthtest.Answer(200, "text/html", "<html>Welcome"), false, told{fault.Offline, "is no token"}, lost, false, "did not confirm"},
		"wrong types": {oauthtest.Answer(200, "application/json", `{"access_token":{"a":1},"expires_in":[]}`), false, told{fault.Offline, "holds no access token"}, lost, false, confirmed},
		"200 with an error": {
			oauthtest.Answer(200, "application/json", `{"error":"invalid_grant"}`), false,
			told{fault.Denied, "did not take the code"},
			told{fault.Reconnect, "has ended this sign-in"},
			false, "did not confirm",
		},
		"500":           {oauthtest.Answer(500, "text/html", "<h1>Oops"), false, told{fault.Offline, "trouble of its own (500)"}, told{fault.Offline, "trouble of its own (500)"}, true, "did not confirm"},
		"429":           {oauthtest.Answer(429, "text/plain", "no"), false, told{fault.Limited, "slow down"}, told{fault.Limited, "slow down"}, true, "did not confirm"},
		"a 400 of HTML": {oauthtest.Answer(400, "text/html", "<p>"), false, told{fault.Denied, "refused to give a token (400)"}, told{fault.Denied, "refused to give a token (400)"}, true, "did not confirm"},
	}
	for _, status := range []int{301, 302, 303, 307, 308} {
		away := told{fault.Denied, "sent us to another server"}
		all["redirect "+strconv.Itoa(status)] = misbehaviour{
			func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, elsewhere, status) }, false, away, away, true, "did not confirm",
		}
	}
	return all
}

// bad is a world whose token server misbehaves when it is told to.
type bad struct {
	*world
	on atomic.Bool
}

func newBad(t *testing.T, b misbehaviour) *bad {
	t.Helper()
	var o oauth.HTTPOptions
	if b.answer == nil {
		never := &oauthtest.Impatience{}
		b.answer, o.Transport = never.ServeHTTP, never
	}
	w := &bad{world: newWorld(t, func(d *connection.Deps) {
		o.Now = d.Now
		d.HTTP = oauth.NewHTTP(o)
	})}
	w.service.set(func() {
		w.service.atToken = func(rw http.ResponseWriter, r *http.Request) bool {
			if w.on.Load() && !b.done {
				b.answer(rw, r)
				return true
			}
			return false
		}
		w.service.afterTok = func(rw http.ResponseWriter) bool {
			if b.done && w.on.CompareAndSwap(true, false) {
				b.answer(rw, nil)
			}
			return false
		}
		w.service.atRevoke = func(rw http.ResponseWriter, r *http.Request) bool {
			if w.on.Load() {
				b.answer(rw, r)
			}
			return w.on.Load()
		}
	})
	return w
}

// says compares a problem with what should be told.
func (want told) says(p *fault.Problem) bool {
	return p != nil && p.Code == want.code && strings.Contains(p.Message, want.words)
}

func TestMisbehavingTokenServer(t *testing.T) {
	t.Parallel()
	var strayed atomic.Int64
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { strayed.Add(1) }))
	t.Cleanup(func() {
		other.Close()
		if n := strayed.Load(); n != 0 {
			t.Errorf("%d requests went elsewhere", n)
		}
	})
	for name, b := range misbehaviours(other.URL + "/stolen") {
		t.Run(name+"/exchange", func(t *testing.T) {
			t.Parallel()
			w := newBad(t, b)
			w.on.Store(true)
			_, err := w.m.Connect(context.Background(), connection.Request{Agent: "mail"})
			if !b.exchange.says(fault.Public(err)) {
				t.Errorf("told %+v", fault.Public(err))
			}
			if got := w.state(); got.Status != connection.NotConnected || with(w.service, func() int { return w.service.posts }) != 1 {
				t.Errorf("a code was sent twice, or: %s", describe(got))
			}
			w.on.Store(false)
			w.connect(connection.Request{}) // the next sign-in is none the worse
		})
		t.Run(name+"/refresh", func(t *testing.T) {
			t.Parallel()
			w := newBad(t, b)
			w.connect(connection.Request{})
			w.clock.advance(2 * time.Hour)
			w.on.Store(true)
			_, err := w.fetch(connection.Call{URL: w.url("/api/items")})
			got := w.state()
			if !b.refresh.says(fault.Public(err)) || !b.refresh.says(got.Problem) || (got.Status == connection.Connected) != b.keeps {
				t.Errorf("told %+v, shown %s", fault.Public(err), describe(got))
			}
			if n := len(w.sent()); n > 2 || b.keeps && n != 1 {
				t.Errorf("the same refresh token went out %d times", n)
			}
			w.on.Store(false)
			w.clock.advance(time.Minute)
			if b.keeps {
				w.get()
				w.agree("")
			} else {
				w.agree(fault.Reconnect)
			}
		})
		t.Run(name+"/revocation", func(t *testing.T) {
			t.Parallel()
			w := newBad(t, b)
			w.connect(connection.Request{})
			w.on.Store(true)
			done, err := w.m.Disconnect(context.Background(), "mail", "", "", false)
			taken := b.revoke == "has taken the access back"
			if err != nil || done.Revoked == nil || *done.Revoked != taken || !strings.Contains(done.Detail, b.revoke) || !taken && !strings.Contains(done.Detail, "pretend.example/apps") {
				t.Errorf("told %+v, %v", done, err)
			}
			if got := w.state(); got.Status != connection.NotConnected {
				t.Errorf("it is still here: %s", describe(got))
			}
		})
	}
}
