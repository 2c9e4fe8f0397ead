package connection_test

import (
	"context"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"pie/backend/connection"
	"pie/backend/fault"
	"pie/backend/provider"
	"pie/backend/secret"
)

// tenants is the pretend service with a path for each tenant: the person names it,
// the callback names the region, and the token answer where the API is.
type tenants struct {
	*world
	elsewhere *httptest.Server
	says      map[string]string // in the callback
}

func newTenants(t *testing.T) *tenants {
	t.Helper()
	w := &tenants{world: newWorld(t), says: map[string]string{"region": "eu"}}
	w.elsewhere = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("%s %s arrived elsewhere", r.Method, r.URL.Path)
	}))
	t.Cleanup(w.elsewhere.Close)
	inner := w.service.Config.Handler
	w.service.Config.Handler = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		parts := strings.SplitN(strings.TrimPrefix(r.URL.Path, "/"), "/", 3)
		switch {
		case parts[0] == "t" && len(parts) == 3:
			r.URL.Path = "/" + parts[2]
			if parts[1] != "acme" && parts[1] != "eu" && parts[1] != "42" {
				http.NotFound(rw, r)
				return
			}
		case parts[0] == "authorize" || parts[0] == "token" || parts[0] == "userinfo" || parts[0] == "revoke":
			http.NotFound(rw, r) // nothing is without a tenant
			return
		}
		inner.ServeHTTP(rw, r)
	})
	w.agents.change("mail", "default", func(s *connection.Service) {
		p := s.Provider
		p.Parameters = []provider.Parameter{
			{Key: "tenant", Label: "your tenant", Example: "acme", Pattern: "^[a-z]+$", From: provider.FromPerson},
			{Key: "region", Label: "region", Example: "eu", Pattern: "^[a-z]{2}$", From: provider.FromCallback, Source: "region"},
			{Key: "company", Label: "company", Example: "42", Pattern: "^[0-9]+$", From: provider.FromToken, Source: "/company"},
			{Key: "place", Label: "place of the API", Example: "api.pretend.example", Allow: []string{"*.pretend.example"}, From: provider.FromToken, Source: "/api_domain"},
		}
		p.Endpoints.Issuer, p.Endpoints.IssuerPromise = "", false
		p.Endpoints.Authorization = w.service.URL + "/t/{tenant}/authorize"
		p.Endpoints.Token = w.service.URL + "/t/{region}/token"
		p.Endpoints.Revocation.URL = w.service.URL + "/t/{company}/revoke"
		p.Identity.URL = w.service.URL + "/t/{company}/userinfo"
		p.API.Hosts = append(p.API.Hosts, "{place}")
		s.Provider = p
	})
	w.service.set(func() {
		w.service.iss = func(string) string { return "" }
		w.service.extra = map[string]any{"company": 42, "api_domain": "https://acme.pretend.example"}
	})
	w.browse(func(m *connection.Manager, address string) {
		back, err := visit(address)
		if err != nil {
			t.Error(err)
			return
		}
		more := url.Values{}
		for name, value := range w.says {
			more.Set(name, value)
		}
		hand(m, back+"&"+more.Encode())
	})
	return w
}

func (w *tenants) signIn(params map[string]string) (connection.Connection, error) {
	return w.m.Connect(context.Background(), connection.Request{Agent: "mail", Redirect: "scheme", Params: params})
}

var acme = map[string]string{"tenant": "acme"}

// TestValues: they are kept with the connection, and everything that is sent for it
// goes by them.
func TestValues(t *testing.T) {
	t.Parallel()
	w := newTenants(t)
	c, err := w.signIn(acme)
	want := map[string]string{"tenant": "acme", "region": "eu", "company": "42", "place": "acme.pretend.example"}
	if err != nil || !maps.Equal(c.Parameters, want) || c.Account == nil || c.Account.ID != "ann" {
		t.Fatalf("%+v %v", c, err)
	}
	w.get()
	told, _, err := w.session().Connection(t.Context(), "default")
	if err != nil || !maps.Equal(told.Parameters, want) {
		t.Errorf("the agent is told %+v, %v", told, err)
	}
	w.clock.advance(2 * time.Hour)
	w.get() // by a refresh at the token address of its region
	if c := w.state(); c.Refreshes != 1 || c.Status != connection.Connected {
		t.Errorf("%s", describe(c))
	}
	if c, err := w.m.Check(t.Context(), "mail", "default", ""); err != nil || c.Status != connection.Connected || c.Problem != nil {
		t.Errorf("%+v %v", c, err)
	}
	again, err := w.signIn(nil) // the tenant is known
	if err != nil || again.ID != c.ID || !maps.Equal(again.Parameters, want) {
		t.Errorf("%+v %v", again, err)
	}
	gone, err := w.m.Disconnect(t.Context(), "mail", "default", "", false)
	if err != nil || gone.Revoked == nil || !*gone.Revoked {
		t.Errorf("%+v %v", gone, err)
	}
}

// TestValuesAreAskedFor: without them nothing is sent, and it is said what to add.
func TestValuesAreAskedFor(t *testing.T) {
	t.Parallel()
	w := newTenants(t)
	for name, params := range map[string]map[string]string{
		"none": nil, "one that does not fit": {"tenant": "a/../b"}, "one that is learnt": {"tenant": "acme", "region": "eu"},
	} {
		_, err := w.signIn(params)
		if !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Public(err).Hint, "tenant") {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := w.m.ConnectToken(t.Context(), connection.Request{Agent: "mail"}, secret.New("pat"))
	if !fault.Is(err, fault.Invalid) {
		t.Errorf("a token: %v", err)
	}
	if len(w.shown) != 0 {
		t.Errorf("opened %v", w.shown)
	}
}

// TestLearntOutsideIsRefused: what the callback or the token answer says is held
// against the file first, and nothing is sent where it says.
func TestLearntOutsideIsRefused(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		says  map[string]string
		extra map[string]any
		posts int
	}{
		"region of the callback": {map[string]string{"region": "../x"}, nil, 0},
		"no region at all":       {map[string]string{}, nil, 0},
		"company of the token":   {map[string]string{"region": "eu"}, map[string]any{"company": "..", "api_domain": "https://a.pretend.example"}, 1},
		"host of the token":      {map[string]string{"region": "eu"}, map[string]any{"company": 42, "api_domain": "ELSEWHERE"}, 1},
		"no host of the token":   {map[string]string{"region": "eu"}, map[string]any{"company": 42}, 1},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newTenants(t)
			w.says = c.says
			if c.extra["api_domain"] == "ELSEWHERE" {
				c.extra["api_domain"] = w.elsewhere.URL
			}
			w.service.set(func() { w.service.extra = c.extra })
			_, err := w.signIn(acme)
			if !fault.Is(err, fault.Denied) || !strings.Contains(fault.Public(err).Message, "Pretend") {
				t.Errorf("got %v", err)
			}
			if n := with(w.service, func() int { return w.service.posts }); n != c.posts {
				t.Errorf("%d requests at the token address", n)
			}
			if c := w.state(); c.Status != connection.NotConnected {
				t.Errorf("%s", describe(c))
			}
			if len(w.audit()) != 0 {
				t.Errorf("sent: %+v", w.audit())
			}
		})
	}
}

// TestOtherValuesOtherHosts: the access of one account's place is not sent to that of
// another, and a request to a host that is not learnt yet is blocked.
func TestOtherValuesOtherHosts(t *testing.T) {
	t.Parallel()
	w := newTenants(t)
	if _, err := w.signIn(acme); err != nil {
		t.Fatal(err)
	}
	for address, code := range map[string]fault.Code{
		"https://other.pretend.example/x":         fault.Denied,
		"https://pretend.example/x":               fault.Denied,
		"https://acme.pretend.example.evil.test/": fault.Denied,
		"https://acme.pretend.example/x":          fault.Offline, // may be asked; it does not exist
	} {
		if _, err := w.fetch(connection.Call{URL: address}); fault.CodeOf(err) != code {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// TestFlowKeepsItsValues: a callback that comes to a later process is exchanged by
// the values that the flow was begun with.
func TestFlowKeepsItsValues(t *testing.T) {
	t.Parallel()
	w := newTenants(t)
	ctx, cancel := context.WithCancel(t.Context())
	var later *world
	var link string
	w.browse(func(_ *connection.Manager, address string) {
		link, _ = visit(address)
		later = w.copied()
		cancel()
	})
	_, err := w.m.Connect(ctx, connection.Request{Agent: "mail", Redirect: "scheme", Params: acme})
	wantCode(t, err, fault.Canceled)
	c, err := later.m.Callback(t.Context(), link+"&region=eu")
	if err != nil || c.Parameters["tenant"] != "acme" || c.Parameters["company"] != "42" {
		t.Errorf("%+v %v", c, err)
	}
}

// TestOwnHeader: where a provider reads its token from another header, it goes there,
// to the allowed hosts alone, and over what the agent puts there.
func TestOwnHeader(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var seen http.Header
	inner := w.service.Config.Handler
	w.service.Config.Handler = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if token := r.Header.Get("X-Pretend-Token"); token != "" {
			w.service.set(func() { seen = r.Header.Clone() })
			r.Header.Set("Authorization", "Bearer "+token)
		}
		inner.ServeHTTP(rw, r)
	})
	w.agents.change("mail", "default", func(s *connection.Service) { s.Provider.API.Header = "X-Pretend-Token" })
	w.connect(connection.Request{})
	a, err := w.fetch(connection.Call{URL: w.url("/api/items"), Headers: map[string]string{"x-pretend-token": "mine", "Authorization": "mine"}})
	sent := with(w.service, func() http.Header { return seen })
	if err != nil || !a.OK || sent.Get("Authorization") != "" || !strings.HasPrefix(sent.Get("X-Pretend-Token"), "at.") {
		t.Errorf("got %d, %v, sent %v", a.Status, err, sent)
	}
}
