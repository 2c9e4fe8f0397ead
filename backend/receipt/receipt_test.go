package receipt_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"pie/backend/history"
	"pie/backend/provider"
	"pie/backend/receipt"
)

// now is noon, so that today begins before the rows of the tests.
func now() time.Time { return time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC) }

func row(method, host, path string, ago time.Duration, status int) history.AuditRow {
	return history.AuditRow{At: now().Add(-ago), Run: "r", Method: method, Host: host, Path: path, Status: status, Decision: "sent"}
}

func input(rows ...history.AuditRow) receipt.Input {
	return receipt.Input{
		Rows: rows, Now: now(), Zone: time.UTC, ConnectedAt: now().Add(-time.Hour), Command: "pie disconnect mail",
		Reads: func(method string, u *url.URL) bool { return method == http.MethodGet || u.Path == "/search" },
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	gmail, other := "gmail.example", "other.example"
	many := []history.AuditRow{}
	for range 14 {
		many = append(many, row("GET", gmail, "/m", 3*time.Hour-2*time.Minute, 200))
	}
	blocked, check := row("POST", gmail, "/m", 0, 0), row("GET", gmail, "/me", 0, 200)
	blocked.Decision, check.Run = "blocked", ""
	for name, c := range map[string]struct {
		rows []history.AuditRow
		want string
	}{
		"nothing":      {nil, "Nothing was read or written with it yet."},
		"own checks":   {[]history.AuditRow{check}, "Nothing was read or written with it yet."},
		"blocked":      {[]history.AuditRow{blocked}, "Nothing was read or written with it yet; one request was blocked."},
		"reads":        {many, "Read 14 times from gmail.example, last today 09:02; wrote nothing."},
		"once":         {[]history.AuditRow{row("GET", gmail, "/m", 24*time.Hour, 200)}, "Read once from gmail.example, last yesterday 12:00; wrote nothing."},
		"writes":       {[]history.AuditRow{row("POST", gmail, "/m", 72*time.Hour, 200), row("PUT", gmail, "/m", 96*time.Hour, 200)}, "Read nothing; wrote twice to gmail.example, last 22 November 12:00."},
		"read by POST": {[]history.AuditRow{row("POST", gmail, "/search", 400*24*time.Hour, 200)}, "Read once from gmail.example, last 21 October 2025; wrote nothing."},
		"refused":      {[]history.AuditRow{row("GET", gmail, "/m", 0, 403), row("GET", gmail, "/m", 0, 0)}, "Read twice from gmail.example, last today 12:00; wrote nothing; 2 requests were refused or not answered by the service."},
		"two places":   {[]history.AuditRow{row("GET", gmail, "/", 0, 200), row("GET", other, "/", 0, 200), row("GET", other, "/", 0, 200)}, "Read 3 times from other.example and gmail.example, last today 12:00; wrote nothing."},
		"more places":  {[]history.AuditRow{row("GET", gmail, "/", 0, 200), row("GET", other, "/", 0, 200), row("GET", "x.example", "/", 0, 200)}, "Read 3 times from gmail.example, other.example and 1 more, last today 12:00; wrote nothing."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := receipt.Make(input(c.rows...)); got.Text != c.want {
				t.Errorf("got  %s\nwant %s", got.Text, c.want)
			}
		})
	}
}

func TestScopes(t *testing.T) {
	t.Parallel()
	p := provider.Provider{Scopes: provider.Scopes{
		Aliases: map[string]string{"short": "https://x.example/long"},
		Items: []provider.Scope{
			{ID: "openid", Label: "Know you", Risk: "identity"},
			{ID: "read", Label: "Read", Risk: "read"},
			{ID: "other", Label: "Read others", Risk: "read"},
			{ID: "write", Label: "Write", Risk: "write"},
			{ID: "send", Label: "Send", Risk: "send"},
			{ID: "short", Label: "Short", Risk: "read"},
			{ID: "calendar", Label: "Calendar", Risk: "read", Paths: []string{"www.example/calendar"}},
			{ID: "mail.send", Label: "Send mail", Risk: "send", Paths: []string{"mail.example/v1/users/*/messages/send"}},
		},
	}}
	reading, writing := row("GET", "api.example", "/x", 0, 200), row("POST", "api.example", "/x", 0, 200)
	for name, c := range map[string]struct {
		granted                   string
		rows                      []history.AuditRow
		unused, readOnly, unknown string
	}{
		"nothing seen":                   {"openid read write send", nil, "read write send", "", ""},
		"identity is the program's":      {"openid", nil, "", "", ""},
		"the only one":                   {"openid read", []history.AuditRow{reading}, "", "", ""},
		"two that read":                  {"read other", []history.AuditRow{reading}, "", "", "read other"},
		"more than reading":              {"write", []history.AuditRow{reading}, "", "write", ""},
		"nothing sent":                   {"read send", []history.AuditRow{reading}, "send", "", "read"},
		"wrote":                          {"write", []history.AuditRow{writing}, "", "", ""},
		"wrote, by one of two":           {"write send", []history.AuditRow{writing}, "", "", "write send"},
		"only wrote":                     {"read write", []history.AuditRow{writing}, "read", "", "write"},
		"no such scope":                  {"strange read", []history.AuditRow{reading}, "", "", "strange read"},
		"by its other name":              {"https://x.example/long", nil, "https://x.example/long", "", ""},
		"path seen":                      {"calendar mail.send", []history.AuditRow{row("GET", "www.example", "/calendar/v3/x", 0, 200)}, "mail.send", "", ""},
		"path of another":                {"calendar read", []history.AuditRow{row("GET", "www.example", "/calendars", 0, 200)}, "calendar", "", "read"},
		"path with a star":               {"mail.send", []history.AuditRow{row("POST", "mail.example", "/v1/users/ann%40x/messages/send", 0, 200)}, "", "", ""},
		"path too short":                 {"mail.send", []history.AuditRow{row("POST", "mail.example", "/v1/users/me/messages", 0, 200)}, "mail.send", "", ""},
		"path of another host":           {"mail.send", []history.AuditRow{row("POST", "evil.example", "/v1/users/me/messages/send", 0, 200)}, "mail.send", "", ""},
		"many requests in one":           {"calendar mail.send", []history.AuditRow{row("POST", "www.example", "/batch/v1", 0, 200)}, "", "", "calendar mail.send"},
		"what cannot be read as address": {"read", []history.AuditRow{row("GET", "api.example", "/%zz", 0, 200)}, "", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := input(c.rows...)
			in.Provider, in.Granted = p, strings.Fields(c.granted)
			got := receipt.Make(in)
			for what, pair := range map[string]struct {
				got  []receipt.Scope
				want string
			}{"unused": {got.Unused, c.unused}, "read only": {got.ReadOnly, c.readOnly}, "cannot tell": {got.CannotSay, c.unknown}} {
				ids := []string{}
				for _, s := range pair.got {
					ids = append(ids, s.ID)
				}
				if pair.got == nil || !slices.Equal(ids, strings.Fields(pair.want)) {
					t.Errorf("%s: %v, want %v", what, ids, pair.want)
				}
			}
		})
	}
}

func TestNudge(t *testing.T) {
	t.Parallel()
	day := 24 * time.Hour
	for name, c := range map[string]struct {
		age  time.Duration
		rows []history.AuditRow
		want string
	}{
		"young":               {29 * day, nil, ""},
		"never used":          {30 * day, nil, "Not used for 30 days. If you no longer need it, end it: pie disconnect mail"},
		"used lately":         {90 * day, []history.AuditRow{row("GET", "a.example", "/", day, 200)}, "In 90 days nothing needed: Send. An agent that asks for less would do."},
		"used long ago":       {90 * day, []history.AuditRow{row("GET", "a.example", "/", 43*day, 200)}, "Not used for 43 days."},
		"all of it is needed": {90 * day, []history.AuditRow{row("POST", "a.example", "/", day, 200)}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := input(c.rows...)
			in.ConnectedAt, in.Granted = now().Add(-c.age), []string{"send"}
			in.Provider = provider.Provider{Scopes: provider.Scopes{Items: []provider.Scope{{ID: "send", Label: "Send", Risk: "send"}}}}
			if got := receipt.Make(in).Nudge; got != c.want && (c.want == "" || !strings.HasPrefix(got, c.want)) {
				t.Errorf("got %q", got)
			}
		})
	}
}

// FuzzMake: whatever an agent asked for, there is a sentence, and no
// scope stands in two lists.
func FuzzMake(f *testing.F) {
	f.Add("GET", "api.example", "/x/messages/send", 200)
	f.Add("", "", "", 0)
	f.Add("POST", "[::1]:80", "/%zz/../..", 999)
	f.Add("PUT", "a b\n", "\x00", -1)
	f.Fuzz(func(t *testing.T, method, host, path string, status int) {
		in := input(row(method, host, path, 0, status))
		in.Granted = []string{"send", "read", "paths"}
		in.Provider = provider.Provider{Scopes: provider.Scopes{Items: []provider.Scope{
			{ID: "send", Label: "Send", Risk: "send"},
			{ID: "read", Label: "Read", Risk: "read"},
			{ID: "paths", Label: "Paths", Risk: "write", Paths: []string{"api.example/*/messages/send", "api.example"}},
		}}}
		got := receipt.Make(in)
		if got.Text == "" || got.Reads+got.Writes != 1 || len(got.Hosts) != 1 {
			t.Errorf("got %+v", got)
		}
		seen := map[string]bool{}
		for _, list := range [][]receipt.Scope{got.Unused, got.ReadOnly, got.CannotSay} {
			for _, s := range list {
				if seen[s.ID] {
					t.Errorf("%s stands in two lists", s.ID)
				}
				seen[s.ID] = true
			}
		}
	})
}
