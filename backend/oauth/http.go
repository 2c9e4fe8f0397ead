package oauth

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"pie/backend/fault"
	"pie/backend/provider"
)

const (
	answerLimit = 1 << 20
	answerTime  = 30 * time.Second
)

// HTTP is the token client. It is safe for concurrent use.
type HTTP struct {
	client http.Client
	now    func() time.Time
}

// HTTPOptions of NewHTTP.
type HTTPOptions struct {
	Transport http.RoundTripper // that of net/http when nil, which dials any address
	Timeout   time.Duration     // 30 s when zero
	Now       func() time.Time  // time.Now when nil
}

// NewHTTP makes a token client that follows no redirect: a 307 would carry the
// code, the verifier and the secret to another server.
func NewHTTP(o HTTPOptions) *HTTP {
	if o.Timeout == 0 {
		o.Timeout = answerTime
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &HTTP{now: o.Now, client: http.Client{
		Transport: o.Transport, Timeout: o.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// answer is a whole answer.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// send performs one request and tells apart what never left, what was answered,
// and what was sent without a whole answer.
func (h *HTTP) send(ctx context.Context, r *http.Request) (answer, error) {
	var connected atomic.Bool
	trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connected.Store(true) }}
	r = r.WithContext(httptrace.WithClientTrace(ctx, trace))
	r.Header.Set("Accept", "application/json")
	r.Header.Set("User-Agent", "PIE-Desktop")
	r.GetBody = nil // the transport must not send the body a second time by itself
	res, err := h.client.Do(r)
	if err != nil {
		return answer{}, unanswered(ctx, connected.Load(), err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, answerLimit+1))
	if err != nil {
		return answer{}, unanswered(ctx, true, err)
	}
	if len(body) > answerLimit {
		return answer{}, failed(ClassMalformed, fault.Offline, "The service sent an answer of more than 1 MB instead of a token.", "Try again; if it stays, the token address may be wrong.", nil)
	}
	return answer{res.StatusCode, res.Header, body}, nil
}

func unanswered(ctx context.Context, connected bool, err error) error {
	// url.Error prints the address, which for some providers holds secrets.
	if inner, ok := errors.AsType[*url.Error](err); ok {
		err = inner.Err
	}
	if ctx.Err() != nil && errors.Is(ctx.Err(), context.Canceled) {
		return failed(lostIf(connected), fault.Canceled, "This was stopped before the service answered.", "", err)
	}
	if refused, ok := errors.AsType[*fault.Error](err); ok && !connected {
		return failed(ClassUnsent, refused.Code, refused.Message, refused.Hint, err) // by the transport, before it dialed
	}
	if connected {
		return failed(ClassLost, fault.Offline, "The connection broke before the service had answered.", "Check the network and try again.", err)
	}
	return failed(ClassUnsent, fault.Offline, "The service cannot be reached.", "Check the network and try again.", err)
}

func lostIf(connected bool) Class {
	if connected {
		return ClassLost
	}
	return ClassUnsent
}

// post sends form to address as the client, in one way of authenticating.
func (h *HTTP) post(ctx context.Context, address, auth string, c Client, body string, form url.Values) (answer, error) {
	form = cloneForm(form)
	if auth == "post" || auth == "none" {
		form.Set("client_id", c.ID)
	}
	if auth == "post" {
		form.Set("client_secret", c.Secret.Reveal())
	}
	content, kind := []byte(form.Encode()), "application/x-www-form-urlencoded"
	if body == "json" || auth == "basic-json" {
		flat := map[string]string{}
		for name := range form {
			flat[name] = form.Get(name)
		}
		content, _ = json.Marshal(flat) // a map of strings always encodes
		kind = "application/json"
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(content))
	if err != nil {
		return answer{}, failed(ClassUnsent, fault.Invalid, "The token address is wrong.", "Check the agent's manifest.", errShape)
	}
	r.Header.Set("Content-Type", kind)
	if auth == "basic" || auth == "basic-json" {
		// RFC 6749, section 2.3.1: both parts are form-encoded first.
		r.SetBasicAuth(url.QueryEscape(c.ID), url.QueryEscape(c.Secret.Reveal()))
	}
	if auth == "basic-empty" {
		r.SetBasicAuth(url.QueryEscape(c.ID), "")
	}
	return h.send(ctx, r)
}

func cloneForm(form url.Values) url.Values {
	out := url.Values{}
	for name, values := range form {
		out[name] = slices.Clone(values)
	}
	return out
}

// authStyle is the one way this client authenticates at p: the first of the
// provider's that its having a secret or not allows.
func authStyle(p provider.Provider, c Client) string {
	for _, style := range p.Client.Auth {
		public := style == "none" || style == "basic-empty"
		if public == c.Secret.IsEmpty() {
			return style
		}
	}
	if c.Secret.IsEmpty() {
		return "none"
	}
	return "post"
}

// token posts form to the token endpoint. A custom provider that names no way
// is asked once more by Basic, and only after invalid_client: then the server
// has not looked at the code yet.
func (h *HTTP) token(ctx context.Context, p provider.Provider, c Client, form url.Values) (*Token, error) {
	auth := authStyle(p, c)
	ask := func(auth string) (*Token, error) {
		started := h.now().Round(0)
		a, err := h.post(ctx, p.Endpoints.Token, auth, c, p.Client.Body, form)
		if err != nil {
			return nil, err
		}
		token, err := h.read(p, a, form.Get("grant_type"))
		if err == nil {
			token.dated(a.header, started, h.now().Round(0))
		}
		return token, err
	}
	token, err := ask(auth)
	if ClassOf(err) == ClassInvalidClient && p.Custom && len(p.Client.Auth) == 0 && auth == "post" {
		return ask("basic")
	}
	return token, err
}

// dated counts the token's life from the Date of its answer (RFC 9110, section
// 6.6.1) where that lies between the request and now: the computer may have slept
// over it. A Date outside tells that one of the two clocks is wrong; then the life
// counts from the nearer end, because only this computer's clock will end it.
func (t *Token) dated(header http.Header, started, now time.Time) {
	date, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		return
	}
	issued := date
	switch {
	case date.Add(time.Second).Before(started): // a Date has whole seconds
		issued, t.Ahead = started, started.Sub(date).Round(time.Second)
	case date.After(now):
		issued, t.Ahead = now, -date.Sub(now).Round(time.Second)
	}
	if t.ExpiresAt != nil {
		at := t.ExpiresAt.Add(issued.Sub(now)).UTC().Truncate(time.Second)
		t.ExpiresAt = &at
	}
}

// RetryAfter is how long a server asks to wait (RFC 9110, section 10.2.3), at most
// a day; 0 when it does not.
func RetryAfter(header http.Header, now time.Time) time.Duration {
	text := strings.TrimSpace(header.Get("Retry-After"))
	if seconds, err := strconv.Atoi(text); err == nil && seconds >= 0 {
		return min(time.Duration(seconds)*time.Second, 24*time.Hour)
	}
	if at, err := http.ParseTime(text); err == nil {
		return min(max(at.Sub(now), 0), 24*time.Hour)
	}
	return 0
}
