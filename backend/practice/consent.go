package practice

import (
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"pie/backend/fault"
)

var (
	tokenField = regexp.MustCompile(`name="request" value="([^"]+)"`)
	scopeField = regexp.MustCompile(`name="scope" value="([^"]+)"`)
)

// Consent plays the person: it reads the consent page at authorizationURL,
// answers its form and returns the callback address without following it.
// scopes nil takes all that the page offers; none, or allow false, denies. client
// nil is a plain one. Faults: invalid for an address that is not on loopback or
// that the page refuses, offline when nobody answers.
func Consent(ctx context.Context, client *http.Client, authorizationURL string, scopes []string, allow bool) (callback string, err error) {
	page, err := url.Parse(authorizationURL)
	if err != nil || page.Scheme != "http" || page.Hostname() != "127.0.0.1" {
		return "", fault.New(fault.Invalid, "This is not the address of the practice provider.", "Only its consent page can be answered by a program.")
	}
	once := http.Client{Timeout: 30 * time.Second}
	if client != nil {
		once = *client
	}
	once.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	status, location, body, err := ask(ctx, &once, http.MethodGet, page, "")
	if err != nil || location != "" {
		return location, err
	}
	token := tokenField.FindStringSubmatch(body)
	if status != http.StatusOK || token == nil {
		return "", fault.New(fault.Invalid, "The practice provider refuses this sign-in.", "Check the client id and the redirect address.")
	}
	answer := url.Values{"request": {html.UnescapeString(token[1])}, "decision": {"deny"}, "scope": scopes}
	if allow {
		answer.Set("decision", "allow")
	}
	if scopes == nil {
		for _, m := range scopeField.FindAllStringSubmatch(body, -1) {
			answer.Add("scope", html.UnescapeString(m[1]))
		}
	}
	target := &url.URL{Scheme: page.Scheme, Host: page.Host, Path: page.Path}
	_, location, _, err = ask(ctx, &once, http.MethodPost, target, answer.Encode())
	if err == nil && location == "" {
		err = fault.New(fault.Invalid, "The practice provider did not take the answer.", "Start the sign-in again.")
	}
	return location, err
}

// ask performs one step of the browser.
func ask(ctx context.Context, client *http.Client, method string, target *url.URL, form string) (status int, location, body string, err error) {
	r, err := http.NewRequestWithContext(ctx, method, target.String(), strings.NewReader(form))
	if err != nil {
		return 0, "", "", fmt.Errorf("making request: %w", err)
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", target.Scheme+"://"+target.Host)
	}
	res, err := client.Do(r)
	if inner, ok := errors.AsType[*url.Error](err); ok {
		err = inner.Err // url.Error prints the address, and with it the state
	}
	if err != nil {
		return 0, "", "", fault.Wrap(err, fault.Offline, "The practice provider does not answer.", "Start it, then try again.")
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err != nil {
		return 0, "", "", fault.Wrap(err, fault.Offline, "The practice provider broke off its answer.", "Try again.")
	}
	return res.StatusCode, res.Header.Get("Location"), string(raw), nil
}
