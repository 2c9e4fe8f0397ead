package oauth

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"pie/backend/fault"
	"pie/backend/provider"
)

// Revocation is what came of taking access back.
type Revocation struct {
	Done   *bool  // nil when the provider has no way to do it
	Detail string // a sentence for the person
}

// Revoke takes the grant back at the provider (RFC 7009 or the provider's own
// way). A failure is told, never an error: what is here is deleted all the same.
func (h *HTTP) Revoke(ctx context.Context, p provider.Provider, c Client, t *Token) Revocation {
	method := p.Endpoints.Revocation.Method
	if method == "" || method == "none" || p.Endpoints.Revocation.URL == "" {
		detail := "This service has no way to take access back from here."
		if p.Links.Manage != "" {
			detail += " Remove it at " + p.Links.Manage
		}
		return Revocation{Detail: detail}
	}
	a, err := h.revoke(ctx, p, c, t)
	done := err == nil && a.status >= 200 && a.status < 300
	if object, ok := parseObject(a); done && ok {
		if _, isFailure := failure(p, object, a.status); isFailure {
			done = false
		}
	}
	if bytes.HasPrefix(bytes.TrimSpace(a.body), []byte("<")) {
		done = false // a page for people, from whoever stands in between
	}
	if done {
		return Revocation{Done: &done, Detail: "The service has taken the access back."}
	}
	detail := "The service did not confirm that the access is taken back"
	if problem := fault.Public(err); problem != nil {
		detail += ": " + strings.TrimSuffix(problem.Message, ".")
	}
	detail += "."
	if p.Links.Manage != "" {
		detail += " Remove it at " + p.Links.Manage
	}
	return Revocation{Done: &done, Detail: detail}
}

func (h *HTTP) revoke(ctx context.Context, p provider.Provider, c Client, t *Token) (answer, error) {
	address := strings.ReplaceAll(p.Endpoints.Revocation.URL, "{client_id}", url.PathEscape(c.ID))
	switch p.Endpoints.Revocation.Method {
	case "bearer-post":
		return h.revokeByRequest(ctx, http.MethodPost, address, nil, func(r *http.Request) {
			r.Header.Set("Authorization", "Bearer "+t.Access.Reveal())
		})
	case "bearer-delete":
		return h.revokeByRequest(ctx, http.MethodDelete, address, nil, func(r *http.Request) {
			r.Header.Set("Authorization", "Bearer "+t.Access.Reveal())
		})
	case "access-token-post":
		return h.post(ctx, address, authStyle(p, c), c, "form", url.Values{"access_token": {t.Access.Reveal()}})
	case "delete": //nolint:usestdlibvars // a word of the catalogue, not a method
		return h.revokeByRequest(ctx, http.MethodDelete, address, map[string]string{"access_token": t.Access.Reveal()}, basic(c))
	case "basic-json":
		return h.revokeByRequest(ctx, http.MethodPost, address, map[string]string{"token": t.Access.Reveal()}, basic(c))
	}
	// The refresh token stands for the whole grant (RFC 7009, section 2.1).
	form := url.Values{"token": {t.Access.Reveal()}, "token_type_hint": {"access_token"}}
	if !t.Refresh.IsEmpty() {
		form = url.Values{"token": {t.Refresh.Reveal()}, "token_type_hint": {"refresh_token"}}
	}
	a, err := h.post(ctx, address, authStyle(p, c), c, "form", form)
	if err == nil && !t.Refresh.IsEmpty() && a.status < 300 {
		// Servers need not end the access token together with the grant.
		_, _ = h.post(ctx, address, authStyle(p, c), c, "form", url.Values{"token": {t.Access.Reveal()}, "token_type_hint": {"access_token"}})
	}
	return a, err
}

func basic(c Client) func(*http.Request) {
	return func(r *http.Request) { r.SetBasicAuth(c.ID, c.Secret.Reveal()) }
}

func (h *HTTP) revokeByRequest(ctx context.Context, method, address string, body map[string]string, sign func(*http.Request)) (answer, error) {
	content, _ := json.Marshal(body) // a map of strings always encodes
	if method == http.MethodDelete && body == nil {
		content = nil
	}
	r, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(content))
	if err != nil {
		return answer{}, failed(ClassUnsent, fault.Invalid, "The revocation address is wrong.", "", errShape)
	}
	if content != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	sign(r)
	return h.send(ctx, r)
}

// Account is whose account a token is good for.
type Account struct {
	ID    string `json:"id"`
	Label string `json:"label"`
}

// AccountOf reads whose account a token is good for: from what was kept of the
// token answer, or from body, the answer of the provider's identity address. It
// is nil when neither says so.
func AccountOf(p provider.Provider, t *Token, body []byte) *Account {
	if p.Identity.Keep {
		object := map[string]any{}
		for name, value := range t.Keep {
			object[name] = value
		}
		return accountOf(p, object)
	}
	object, ok := parseObject(answer{body: body})
	if !ok {
		return nil
	}
	return accountOf(p, object)
}

func accountOf(p provider.Provider, object map[string]any) *Account {
	id, _ := pointer(object, p.Identity.ID)
	account := Account{ID: text(id)}
	for _, at := range p.Identity.Label {
		if value, found := pointer(object, at); found && text(value) != "" && account.Label == "" {
			account.Label = text(value)
		}
	}
	if account.ID == "" {
		account.ID = account.Label
	}
	if account.ID == "" {
		return nil
	}
	if account.Label == "" {
		account.Label = account.ID
	}
	return &account
}

// Refuses tells whether an answer of the provider's API with a good status says
// by the provider's own sign that it failed. It is false where no sign is known.
func Refuses(p provider.Provider, body []byte) bool {
	object, ok := parseObject(answer{body: body})
	if !ok || p.Response.Failure.Pointer == "" {
		return false
	}
	value, found := pointer(object, p.Response.Failure.Pointer)
	return found && p.Response.Failure.Says(fmt.Sprint(value))
}
