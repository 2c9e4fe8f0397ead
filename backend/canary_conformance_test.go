package backend_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// mustHide expects that no token, no code, no verifier and no secret of the
// client stands in any file of the home or in the log.
func (s *stage) mustHide(t *testing.T) {
	t.Helper()
	places := filesOf(t, s.dir)
	for _, name := range []string{"data/pie.db", "data/audit.db"} {
		if places[name] == "" {
			t.Fatalf("%s is not there", name)
		}
	}
	places["the log"] = s.log.String()
	s.mustMiss(t, places)
}

// mustHideInTheEnd looks at what people and scripts are shown, and at the home
// once more after it was closed.
func (s *stage) mustHideInTheEnd(t *testing.T) {
	t.Helper()
	if len(s.server.issued(t, s.client.ID)) == 0 {
		t.Fatal("there is nothing to look for")
	}
	s.mustMiss(t, map[string]string{"what is shown": s.shown(t)})
	if err := s.close(); err != nil {
		t.Fatal(err)
	}
	s.mustHide(t)
}

func (s *stage) mustMiss(t *testing.T, places map[string]string) {
	t.Helper()
	for name, needle := range s.needles(t) {
		for place, text := range places {
			if form := found(text, needle); form != "" {
				t.Errorf("%s stands in %s (%s)", name, place, form)
			}
		}
	}
}

// needles are all secrets, as the server knows them, and those of the last link.
func (s *stage) needles(t *testing.T) map[string]string {
	t.Helper()
	link, err := url.Parse(s.link)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{
		"the client secret": s.client.Secret, "the state of the link": link.Query().Get("state"), "the code of the link": link.Query().Get("code"),
	}
	for i, each := range s.server.issued(t, s.client.ID) {
		for name, value := range map[string]string{
			"access token": each.Access, "refresh token": each.Refresh, "id token": each.ID, "code": each.Code, "verifier": each.Verifier,
		} {
			out[fmt.Sprintf("%s %d", name, i+1)] = value
		}
	}
	return out
}

// shown is what people and scripts are shown, as text.
func (s *stage) shown(t *testing.T) string {
	t.Helper()
	runs, err := s.Runs("", 1000)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := s.History.Audit("", 1000)
	if err != nil {
		t.Fatal(err)
	}
	connections, err := s.Connections.List(t.Context(), "")
	if err != nil || len(runs) == 0 || len(connections) == 0 {
		t.Fatalf("%d runs, %d connections, %v", len(runs), len(connections), err)
	}
	raw, err := json.Marshal([]any{runs, rows, connections})
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func filesOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		out[filepath.ToSlash(name)] = string(raw)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// found names the form in which needle stands in text, "" when it does not.
func found(text, needle string) string {
	if needle == "" {
		return ""
	}
	for name, forms := range formsOf(needle) {
		if slices.ContainsFunc(forms, func(form string) bool { return strings.Contains(text, form) }) {
			return name
		}
	}
	return ""
}

// formsOf are the ways in which a text may be written down.
func formsOf(text string) map[string][]string {
	quoted, _ := json.Marshal(text) // a string always encodes
	out := map[string][]string{
		"raw": {text}, "URL-escaped": {url.QueryEscape(text), url.PathEscape(text)}, "JSON": {strings.Trim(string(quoted), `"`)},
		"hexadecimal": {hex.EncodeToString([]byte(text)), strings.ToUpper(hex.EncodeToString([]byte(text)))},
	}
	for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		out["base64"] = append(out["base64"], inBase64(encoding, text)...)
	}
	return out
}

// inBase64 is what is certain of text wherever it lies in what was encoded: the
// letters that hold nothing of its neighbours, at each of three places.
func inBase64(encoding *base64.Encoding, text string) []string {
	var out []string
	for before := range 3 {
		whole := encoding.EncodeToString([]byte(strings.Repeat("\x00", before) + text))
		first, last := (before*8+5)/6, (before+len(text))*8/6
		out = append(out, whole[first:last])
	}
	return out
}

func TestCanaryIsFoundInEveryForm(t *testing.T) {
	t.Parallel()
	const needle = `AbCd+ef/ghi"jk~LM=nop&qr`
	around := func(text string) string { return "Authorization: Bearer " + text + "\n" }
	quoted, err := json.Marshal(map[string]string{"access": needle})
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string]string{
		"raw":             around(needle),
		"query":           around(url.Values{"token": {needle}}.Encode()),
		"path":            around(url.PathEscape(needle)),
		"JSON":            string(quoted),
		"hexadecimal":     around(hex.EncodeToString([]byte(needle))),
		"base64, alone":   around(base64.StdEncoding.EncodeToString([]byte(needle))),
		"base64, 1 off":   around(base64.StdEncoding.EncodeToString([]byte("a" + needle + "bc"))),
		"base64, 2 off":   around(base64.StdEncoding.EncodeToString([]byte("ab" + needle + "c"))),
		"base64 for URLs": around(base64.RawURLEncoding.EncodeToString([]byte("abcd" + needle + "c"))),
	}
	for name, text := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "file"), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if found(filesOf(t, dir)["file"], needle) == "" {
				t.Errorf("not found in %q", text)
			}
			if found(text, "x"+needle) != "" {
				t.Errorf("another one was found in %q", text)
			}
		})
	}
}
