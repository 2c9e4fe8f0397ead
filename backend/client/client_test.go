package client_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pie/backend/client"
	"pie/backend/fault"
	"pie/backend/secret"
	"pie/backend/store"
)

// rot seals by a letter's turn: enough to see that nothing is kept as it is.
type rot struct{}

func (rot) Seal(_ context.Context, owner, field string, plain []byte) ([]byte, error) {
	return append([]byte(owner+"/"+field+"/"), turned(plain)...), nil
}

func (rot) Open(_ context.Context, owner, field string, sealed []byte) ([]byte, error) {
	rest, ok := bytes.CutPrefix(sealed, []byte(owner+"/"+field+"/"))
	if !ok {
		return nil, fault.New(fault.Locked, "moved", "")
	}
	return turned(rest), nil
}

func turned(in []byte) []byte {
	out := slices.Clone(in)
	for i := range out {
		out[i] ^= 0x55
	}
	return out
}

func open(t *testing.T) (apps *client.Apps, file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "pie.db")
	st, err := store.Open(file, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	return client.New(st, rot{}, nil), file
}

func put(t *testing.T, apps *client.Apps, provider, id string) client.App {
	t.Helper()
	app, err := apps.Put(context.Background(), provider, "https://"+provider+".example/token",
		client.Credentials{ID: id, Secret: secret.New("horse-battery")}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return app
}

func wantCode(t *testing.T, err error, code fault.Code) {
	t.Helper()
	if fault.CodeOf(err) != code {
		t.Errorf("want %q, got %v", code, err)
	}
}

func TestPutAndRead(t *testing.T) {
	t.Parallel()
	apps, file := open(t)
	_, err := apps.Credentials(context.Background(), "google")
	wantCode(t, err, fault.NotFound)
	if app := put(t, apps, "google", "id-one"); app.Agents == nil || !app.HasSecret || app.TokenURL != "https://google.example/token" {
		t.Errorf("got %+v", app)
	}
	if _, err := apps.Grant("google", "mail"); err != nil {
		t.Fatal(err)
	}
	if app := put(t, apps, "google", "id-two"); !app.Granted("mail") {
		t.Errorf("another id has lost the grants: %+v", app)
	}
	c, err := apps.Credentials(context.Background(), "google")
	if err != nil || c.ID != "id-two" || c.Secret.Reveal() != "horse-battery" {
		t.Errorf("got %v, %v", c, err)
	}
	raw, err := os.ReadFile(file)
	if err != nil || bytes.Contains(raw, []byte("horse-battery")) || bytes.Contains(raw, []byte("id-two")) {
		t.Errorf("the file holds what should be sealed, %v", err)
	}
}

func TestGrants(t *testing.T) {
	t.Parallel()
	apps, _ := open(t)
	_, err := apps.Grant("google", "mail")
	wantCode(t, err, fault.NotFound)
	put(t, apps, "google", "id")
	put(t, apps, "slack", "id")
	for _, agent := range []string{"notes", "mail", "mail"} {
		if _, err := apps.Grant("google", agent); err != nil {
			t.Fatal(err)
		}
	}
	app, found, err := apps.Get("google")
	if err != nil || !found || !slices.Equal(app.Agents, []string{"mail", "notes"}) {
		t.Errorf("got %+v, %v", app, err)
	}
	if other, _, _ := apps.Get("slack"); len(other.Agents) != 0 {
		t.Errorf("a grant at one provider counts at another: %+v", other)
	}
	_, err = apps.Revoke("google", "nobody")
	wantCode(t, err, fault.NotFound)
	if app, err = apps.Revoke("google", "notes"); err != nil || app.Granted("notes") || !app.Granted("mail") {
		t.Errorf("got %+v, %v", app, err)
	}
	if err := apps.Forget("mail"); err != nil {
		t.Fatal(err)
	}
	if app, _, _ = apps.Get("google"); len(app.Agents) != 0 {
		t.Errorf("a removed agent keeps its grant: %+v", app)
	}
	if list, err := apps.List(); err != nil || len(list) != 2 || list[0].Provider != "google" {
		t.Errorf("got %+v, %v", list, err)
	}
	if err := apps.Remove("google"); err != nil {
		t.Fatal(err)
	}
	wantCode(t, apps.Remove("google"), fault.NotFound)
	_, err = apps.Note("google", client.Check{})
	wantCode(t, err, fault.NotFound)
}

func TestValid(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		id, secret string
		code       fault.Code
	}{
		"good":                    {"1234.apps.example", "GOCSPX-abc_~!", ""},
		"public":                  {"1234", "", ""},
		"spaces inside":           {"my app", "", ""},
		"no id":                   {"", "x", fault.Invalid},
		"line break":              {"id\n", "x", fault.Invalid},
		"space before":            {" id", "x", fault.Invalid},
		"control character":       {"i\x00d", "x", fault.Invalid},
		"escape in the secret":    {"id", "a\x1b[31mb", fault.Invalid},
		"letters of no client id": {"idé", "x", fault.Invalid},
		"not UTF-8":               {"id", "\xff\xfe", fault.Invalid},
		"long id":                 {strings.Repeat("i", 1025), "x", fault.Limited},
		"long secret":             {"id", strings.Repeat("s", 16<<10+1), fault.Limited},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := client.Credentials{ID: c.id, Secret: secret.New(c.secret)}.Valid()
			wantCode(t, err, c.code)
			if err != nil && c.secret != "x" && strings.Contains(err.Error(), c.secret) && c.secret != "" {
				t.Errorf("the fault tells the secret: %v", err)
			}
		})
	}
}
