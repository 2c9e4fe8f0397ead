package oauth

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"pie/backend/fault"
	"pie/backend/provider"
	"pie/backend/secret"
)

// Exchange turns a code into tokens (RFC 6749 section 4.1.3, RFC 7636 section
// 4.5). The error is an *Error.
func (h *HTTP) Exchange(ctx context.Context, p provider.Provider, c Client, f Flow, code secret.String) (*Token, error) {
	form := params(p.Params.Token)
	form.Set("grant_type", "authorization_code")
	form.Set("code", code.Reveal())
	form.Set("redirect_uri", f.RedirectURI)
	if !f.Verifier.IsEmpty() {
		form.Set("code_verifier", f.Verifier.Reveal())
	}
	return h.token(ctx, p, c, form)
}

// Refresh turns a refresh token into tokens (RFC 6749, section 6). An answer
// without a refresh token keeps the old one. The error is an *Error.
func (h *HTTP) Refresh(ctx context.Context, p provider.Provider, c Client, old *Token) (*Token, error) {
	form := params(p.Params.Refresh)
	form.Set("grant_type", "refresh_token")
	form.Set("refresh_token", old.Refresh.Reveal())
	p.Endpoints.Token = cmp.Or(p.Endpoints.Refresh, p.Endpoints.Token)
	token, err := h.token(ctx, p, c, form)
	if err != nil {
		return nil, err
	}
	if token.Refresh.IsEmpty() {
		token.Refresh = old.Refresh
	}
	if token.Scopes == nil {
		token.Scopes = old.Scopes
	}
	keep := maps.Clone(old.Keep)
	if keep == nil {
		keep = map[string]string{}
	}
	maps.Copy(keep, token.Keep)
	token.Keep = keep
	return token, nil
}

func params(extra map[string]string) url.Values {
	form := url.Values{}
	for name, value := range extra {
		form.Set(name, value)
	}
	return form
}

// read makes a token of an answer, or the error that it is.
func (h *HTTP) read(p provider.Provider, a answer, grant string) (*Token, error) {
	switch {
	case a.status >= 300 && a.status < 400:
		// The grant is as it was: a server that points elsewhere has not looked at it.
		return nil, failed(ClassRejected, fault.Denied, "The token address sent us to another server, and we did not go.", "Check the token address in the agent's manifest.", nil)
	case a.status == http.StatusTooManyRequests:
		e := failed(ClassLimited, fault.Limited, "The service asks us to slow down.", "Wait a little and try again.", nil)
		e.RetryAfter = RetryAfter(a.header, h.now())
		return nil, e
	case a.status >= 500:
		e := failed(ClassServer, fault.Offline, fmt.Sprintf("The service has trouble of its own (%d).", a.status), "Try again in a few minutes.", nil)
		e.RetryAfter = RetryAfter(a.header, h.now())
		return nil, e
	}
	object, ok := parseObject(a)
	if !ok {
		if a.status >= 400 {
			return nil, refusal("", a.status, grant, nil)
		}
		return nil, failed(ClassMalformed, fault.Offline, "The service sent something that is no token.", "Try again; if it stays, the token address may be wrong.", nil)
	}
	if code, failedAnswer := failure(p, object, a.status); failedAnswer {
		return nil, refusal(code, a.status, grant, object)
	}
	return h.tokenOf(p, object)
}

// parseObject takes JSON whatever the content type says, else a form.
func parseObject(a answer) (map[string]any, bool) {
	var object map[string]any
	decoder := json.NewDecoder(bytes.NewReader(a.body))
	decoder.UseNumber()
	if err := decoder.Decode(&object); err == nil && object != nil {
		return object, true
	}
	text := strings.TrimSpace(string(a.body))
	if text == "" || strings.ContainsAny(text, "<{[\n") {
		return nil, false
	}
	form, err := url.ParseQuery(text)
	if err != nil || !form.Has("access_token") && !form.Has("error") {
		return nil, false
	}
	object = map[string]any{}
	for name := range form {
		object[name] = form.Get(name)
	}
	return object, true
}

func failure(p provider.Provider, object map[string]any, status int) (code string, isFailure bool) {
	code, _ = object["error"].(string)
	if !errorForm.MatchString(code) {
		code = ""
	}
	if f := p.Response.Failure; f.Pointer != "" {
		if value, found := pointer(object, f.Pointer); found && f.Says(fmt.Sprint(value)) {
			return code, true
		}
	}
	return code, code != "" || status >= 400 || object["error"] != nil
}

func ended() *Error {
	return failed(ClassInvalidGrant, fault.Reconnect, "The service has ended this sign-in.", "Connect again.", nil)
}

func refusal(code string, status int, grant string, answer map[string]any) *Error {
	var e *Error
	switch {
	case slices.Contains(signInAgain(), code) || code == "unauthorized_client" && grant == "refresh_token":
		e = ended()
	case grant == "refresh_token" && !slices.Contains(unknownClient(), code) && saysRefreshOver(answer):
		e = ended()
	case slices.Contains(unknownClient(), code) || code == "" && status == http.StatusUnauthorized:
		e = failed(ClassInvalidClient, fault.Denied, "The service does not know this client id and secret.", "Check both at the service's console and set them again.", nil)
	case code == "slow_down" || code == "rate_limited" || code == "ratelimited":
		e = failed(ClassLimited, fault.Limited, "The service asks us to slow down.", "Wait a little and try again.", nil)
	case code == "temporarily_unavailable" || code == "server_error":
		e = failed(ClassServer, fault.Offline, "The service has trouble of its own.", "Try again in a few minutes.", nil)
	default:
		what := code
		if what == "" {
			what = strconv.Itoa(status)
		}
		e = failed(ClassRejected, fault.Denied, fmt.Sprintf("The service refused to give a token (%s).", what),
			"Check the client id, the secret and the redirect address at the service's console.", nil)
	}
	e.OAuthCode = code
	return e
}

// tokenOf is tolerant of everything but a missing access token: what was handed
// out once is never thrown away for its wrapping.
func (h *HTTP) tokenOf(p provider.Provider, object map[string]any) (*Token, error) {
	root := object
	if p.Response.Root != "" {
		if inner, found := pointer(object, p.Response.Root); found {
			if m, ok := inner.(map[string]any); ok && text(m["access_token"]) != "" {
				root = m
			}
		}
	}
	access := text(root["access_token"])
	if access == "" {
		return nil, failed(ClassMalformed, fault.Offline, "The service's answer holds no access token.", "Try again; if it stays, the service may need another set-up.", nil)
	}
	switch strings.ToLower(text(root["token_type"])) {
	case "dpop", "mac", "pop":
		return nil, failed(ClassMalformed, fault.Denied, "The service gave a kind of token that this version cannot use.", "Look for a setting at the service that gives bearer tokens.", nil)
	}
	token := &Token{Access: secret.New(access), Refresh: secret.New(text(root["refresh_token"])), Keep: map[string]string{}}
	token.Scopes = scopesOf(root["scope"])
	if token.Scopes == nil {
		token.Scopes = scopesOf(root["scopes"])
	}
	if life := lifeOf(root["expires_in"], p.Lifetime.Access); life != 0 {
		at := h.now().Add(life).UTC().Truncate(time.Second)
		token.ExpiresAt = &at
	}
	keep := p.LearntFrom(provider.FromToken)
	maps.Copy(keep, p.Response.Keep)
	for name, at := range keep {
		if value, found := pointer(object, at); found && text(value) != "" {
			token.Keep[name] = text(value)
		}
	}
	return token, nil
}

func text(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}

// lifeOf reads expires_in as a number or a text, whole or not; hint is the
// catalogue's, in seconds. 0 means that no life is known.
func lifeOf(value any, hint int) time.Duration {
	seconds, err := strconv.ParseFloat(strings.TrimSpace(text(value)), 64)
	switch {
	case err != nil || seconds == 0 || seconds != seconds:
		return time.Duration(hint) * time.Second
	case seconds < 0:
		return -time.Second
	}
	return time.Duration(min(seconds, 10*365*24*3600)) * time.Second
}

// scopesOf reads scope as a list in a text (space or comma) or an array; nil
// when the answer does not say.
func scopesOf(value any) []string {
	switch v := value.(type) {
	case string:
		out := strings.FieldsFunc(v, func(r rune) bool { return r == ' ' || r == ',' })
		if out == nil {
			out = []string{}
		}
		return out
	case []any:
		out := []string{}
		for _, each := range v {
			if s := text(each); s != "" {
				out = append(out, s)
			}
		}
		return out
	}
	return nil
}

// pointer follows a JSON pointer (RFC 6901) through objects and arrays.
func pointer(value any, path string) (any, bool) {
	for part := range strings.SplitSeq(strings.TrimPrefix(path, "/"), "/") {
		part = strings.ReplaceAll(strings.ReplaceAll(part, "~1", "/"), "~0", "~")
		switch v := value.(type) {
		case map[string]any:
			next, ok := v[part]
			if !ok {
				return nil, false
			}
			value = next
		case []any:
			i, err := strconv.Atoi(part)
			if err != nil || i < 0 || i >= len(v) {
				return nil, false
			}
			value = v[i]
		default:
			return nil, false
		}
	}
	return value, true
}
