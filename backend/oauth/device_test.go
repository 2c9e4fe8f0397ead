package oauth_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pie/backend/fault"
	"pie/backend/oauth"
	"pie/backend/provider"
)

// scripted answers the device endpoint with its first text and the token endpoint
// with the others in turn; "" breaks the connection. It notes when each came.
type scripted struct {
	t       *testing.T
	answers []string
	start   time.Time
	at      []int // seconds since start
	forms   []url.Values
}

func (s *scripted) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, err
	}
	s.forms, s.at = append(s.forms, form), append(s.at, int(time.Since(s.start).Seconds()))
	if len(s.answers) == 0 {
		s.t.Error("asked too often")
		return nil, errors.New("no more answers")
	}
	next := s.answers[0]
	s.answers = s.answers[1:]
	status := http.StatusOK
	if text, found := strings.CutPrefix(next, "400 "); found {
		next, status = text, http.StatusBadRequest
	}
	header := http.Header{}
	switch next {
	case "":
		return nil, errors.New("connection reset")
	case "503":
		status = http.StatusServiceUnavailable
	case "429":
		status = http.StatusTooManyRequests
		header.Set("Retry-After", "40")
	}
	return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(next)), Request: r}, nil
}

const (
	deviceAnswer = `{"device_code":"dc-canary","user_code":"WDJB-MJHT","verification_uri":"https://a.example/device","expires_in":900,"interval":5}`
	goodToken    = `{"access_token":"at","token_type":"Bearer","expires_in":3600}`
	pending      = `400 {"error":"authorization_pending"}`
)

func devicePlace() provider.Provider {
	return provider.Provider{
		Endpoints: provider.Endpoints{Token: "https://a.example/token", Device: "https://a.example/device_authorization"},
		Client:    provider.Client{Auth: []string{"none"}, Body: "form"}, Scopes: provider.Scopes{Param: "scope", Separator: " ", Always: []string{"offline"}},
	}
}

// TestDevicePauses holds the questions to RFC 8628, section 3.5, second by second.
func TestDevicePauses(t *testing.T) {
	t.Parallel()
	short := strings.Replace(deviceAnswer, "900", "12", 1)
	cases := map[string]struct {
		begin   string
		answers []string
		at      []int
		code    fault.Code
	}{
		"at once":                    {deviceAnswer, []string{goodToken}, []int{5}, ""},
		"pending":                    {deviceAnswer, []string{pending, pending, goodToken}, []int{5, 10, 15}, ""},
		"pending with 200":           {deviceAnswer, []string{`{"error":"authorization_pending"}`, goodToken}, []int{5, 10}, ""},
		"no interval given":          {strings.Replace(deviceAnswer, `,"interval":5`, "", 1), []string{goodToken}, []int{5}, ""},
		"interval as text":           {strings.Replace(deviceAnswer, `:5}`, `:"7"}`, 1), []string{pending, goodToken}, []int{7, 14}, ""},
		"slow down":                  {deviceAnswer, []string{`400 {"error":"slow_down"}`, pending, goodToken}, []int{5, 15, 25}, ""},
		"slow down twice":            {deviceAnswer, []string{`400 {"error":"slow_down"}`, `400 {"error":"slow_down"}`, goodToken}, []int{5, 15, 30}, ""},
		"slow down to an interval":   {deviceAnswer, []string{`{"error":"slow_down","interval":30}`, goodToken}, []int{5, 35}, ""},
		"network breaks":             {deviceAnswer, []string{"", "", goodToken}, []int{5, 15, 35}, ""},
		"server trouble":             {deviceAnswer, []string{"503", goodToken}, []int{5, 15}, ""},
		"too many requests":          {deviceAnswer, []string{"429", goodToken}, []int{5, 45}, ""},
		"no longer than a minute":    {deviceAnswer, []string{`{"error":"slow_down","interval":4000}`, goodToken}, []int{5, 65}, ""},
		"denied":                     {deviceAnswer, []string{pending, `400 {"error":"access_denied"}`}, []int{5, 10}, fault.Denied},
		"run out, says the server":   {deviceAnswer, []string{`400 {"error":"expired_token"}`}, []int{5}, fault.Limited},
		"run out, says the clock":    {short, []string{pending, pending}, []int{5, 10}, fault.Limited},
		"code of another client":     {deviceAnswer, []string{`400 {"error":"invalid_grant"}`}, []int{5}, fault.Reconnect},
		"client not known":           {deviceAnswer, []string{`400 {"error":"invalid_client"}`}, []int{5}, fault.Denied},
		"a page instead of a token":  {deviceAnswer, []string{"<html>"}, []int{5}, fault.Offline},
		"verification_url, not _uri": {strings.Replace(deviceAnswer, "_uri", "_url", 1), []string{goodToken}, []int{5}, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := &scripted{t: t, answers: append([]string{c.begin}, c.answers...), start: time.Now()}
				h := oauth.NewHTTP(oauth.HTTPOptions{Transport: server})
				d, err := h.BeginDevice(t.Context(), devicePlace(), oauth.Client{ID: "me"}, []string{"read"})
				if err != nil {
					t.Fatal(err)
				}
				token, err := h.AwaitDevice(t.Context(), devicePlace(), oauth.Client{ID: "me"}, d)
				if fault.CodeOf(err) != c.code || (err == nil) != (token != nil && token.Access.Reveal() == "at") {
					t.Errorf("got %v", err)
				}
				if !slices.Equal(server.at[1:], c.at) {
					t.Errorf("asked at %v, not at %v", server.at[1:], c.at)
				}
				if err != nil && strings.Contains(fmt.Sprintf("%+v", err), "canary") {
					t.Errorf("the error tells the code: %+v", err)
				}
				first, second := server.forms[0], server.forms[1]
				if first.Get("client_id") != "me" || first.Get("scope") != "offline read" || second.Get("device_code") != "dc-canary" ||
					second.Get("grant_type") != "urn:ietf:params:oauth:grant-type:device_code" || second.Get("client_id") != "me" {
					t.Errorf("sent %v, then %v", first, second)
				}
			})
		})
	}
}

// TestDeviceIsStopped: no question is asked after the person has given up.
func TestDeviceIsStopped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &scripted{t: t, answers: []string{deviceAnswer, pending}, start: time.Now()}
		h := oauth.NewHTTP(oauth.HTTPOptions{Transport: server})
		d, err := h.BeginDevice(t.Context(), devicePlace(), oauth.Client{ID: "me"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 7*time.Second)
		defer cancel()
		if _, err := h.AwaitDevice(ctx, devicePlace(), oauth.Client{ID: "me"}, d); !errors.Is(err, context.DeadlineExceeded) || len(server.at) != 2 {
			t.Errorf("got %v after %v", err, server.at)
		}
	})
}

// TestDeviceAnswers: what a page or a terminal shows is checked first.
func TestDeviceAnswers(t *testing.T) {
	t.Parallel()
	cases := map[string]string{
		"no code":           strings.Replace(deviceAnswer, "device_code", "x", 1),
		"no user code":      strings.Replace(deviceAnswer, "user_code", "x", 1),
		"no page":           strings.Replace(deviceAnswer, "verification_uri", "x", 1),
		"page without TLS":  strings.Replace(deviceAnswer, "https://a", "http://a", 1),
		"page is a program": strings.Replace(deviceAnswer, "https://a.example/device", "file:///bin/sh", 1),
		"page has a quote":  strings.Replace(deviceAnswer, "example/device", `example/$(x)'`, 1),
		"control in a code": strings.Replace(deviceAnswer, "WDJB", `\u001b[2J`, 1),
		"endless user code": strings.Replace(deviceAnswer, "WDJB", strings.Repeat("W", 100), 1),
		"a refusal":         `400 {"error":"unauthorized_client"}`,
		"no JSON":           "<html>",
		"another form":      `["a"]`,
		"not there":         "400 <html>",
	}
	for name, answer := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := oauth.NewHTTP(oauth.HTTPOptions{Transport: &scripted{t: t, answers: []string{answer}, start: time.Now()}})
			d, err := h.BeginDevice(t.Context(), devicePlace(), oauth.Client{ID: "me"}, nil)
			if err == nil || fault.Public(err).Message == "" {
				t.Errorf("got %+v", d)
			}
		})
	}
	h := oauth.NewHTTP(oauth.HTTPOptions{Transport: &scripted{t: t, start: time.Now(), answers: []string{
		strings.Replace(deviceAnswer, `"expires_in"`, `"verification_uri_complete":"javascript:alert(1)","expires_in"`, 1),
	}}})
	d, err := h.BeginDevice(t.Context(), devicePlace(), oauth.Client{ID: "me"}, nil)
	if err != nil || d.Complete != "" || d.URI != "https://a.example/device" {
		t.Errorf("a bad complete address: %+v, %v", d, err)
	}
}
