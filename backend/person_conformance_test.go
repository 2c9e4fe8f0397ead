package backend_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"pie/backend/connection"
)

// signInAs connects and waits until the person has gone.
func (s *stage) signInAs(t *testing.T, allow bool) (connection.Connection, error) {
	t.Helper()
	s.allow = allow
	c, err := s.Connections.Connect(t.Context(), connection.Request{Agent: s.client.ID, Redirect: s.kind})
	s.people.Wait()
	return c, err
}

// visit is the person in front of the browser.
func (s *stage) visit(ctx context.Context, address string) {
	if s.turnBack {
		s.link, s.answer = cancelLink(address)
	} else {
		s.link, s.answer = signIn(ctx, address, s.allow)
	}
	if s.answer == nil {
		s.answer = s.deliver(ctx, s.link)
	}
}

// handIn brings the callback address back in the way of its kind.
func (s *stage) handIn(ctx context.Context, link string) error {
	switch s.kind {
	case "loopback":
		return load(ctx, link) // the browser goes there by itself
	case "paste":
		link = "  " + link + "\r\n" // as people copy
	}
	_, err := s.Connections.Callback(ctx, link)
	return err
}

func load(ctx context.Context, address string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return err
	}
	res, err := (&http.Client{}).Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	page, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("the listener answered %d: %s", res.StatusCode, page)
	}
	return err
}

var (
	formAction  = regexp.MustCompile(`<form [^>]*?method="post" action="([^"]+)"`)
	hiddenField = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`)
)

// signIn is a browser and the person in front of it: it follows the server's
// redirects, answers its forms, and returns the first address that leads away.
func signIn(ctx context.Context, address string, allow bool) (callback string, err error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return "", err
	}
	browser := &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	home := ""
	for range 20 {
		if err != nil {
			return "", err
		}
		if home == "" {
			home = r.URL.Host
		}
		if r.URL.Host != home {
			return r.URL.String(), nil
		}
		r, err = step(browser, r, allow)
	}
	return "", fmt.Errorf("the sign-in does not end")
}

// step is one page: where it redirects to, or what the person answers to its form.
func step(browser *http.Client, r *http.Request, allow bool) (next *http.Request, err error) {
	res, err := browser.Do(r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	page, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	if location := res.Header.Get("Location"); location != "" {
		to, err := r.URL.Parse(location)
		if err != nil {
			return nil, err
		}
		return http.NewRequestWithContext(r.Context(), http.MethodGet, to.String(), http.NoBody)
	}
	action := formAction.FindSubmatch(page)
	if res.StatusCode != http.StatusOK || action == nil {
		return nil, fmt.Errorf("%s answered %d: %s", r.URL.Path, res.StatusCode, page)
	}
	to, err := r.URL.Parse(string(action[1]))
	if err != nil {
		return nil, err
	}
	form := url.Values{"decision": {"deny"}, "username": {zitadelUser}, "password": {zitadelPassword}}
	if allow {
		form.Set("decision", "allow")
	}
	for _, field := range hiddenField.FindAllSubmatch(page, -1) {
		form.Set(string(field[1]), string(field[2]))
	}
	next, err = http.NewRequestWithContext(r.Context(), http.MethodPost, to.String(), strings.NewReader(form.Encode()))
	if err == nil {
		next.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return next, err
}
