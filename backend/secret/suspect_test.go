package secret_test

import (
	"strings"
	"testing"

	"pie/backend/secret"
)

// letters makes a value that no file of this project holds as a whole.
func letters(prefix string, n int) string {
	return prefix + strings.Repeat("aB3xK9qLmZ7tWv2YcD5yN8rPoA1uXw4V", n/32+1)[:n]
}

func TestSuspects(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text string
		kind string // part of it; "" when there is none
	}{
		"github":            {letters("ghp_", 36), "GitHub"},
		"github, fine":      {letters("github_pat_", 60), "GitHub"},
		"slack":             {letters("xoxb-", 20), "Slack"},
		"aws":               {"AKIA" + strings.Repeat("Q7", 8), "AWS"},
		"google":            {letters("AIza", 35), "Google"},
		"private key":       {"-----BEGIN RSA PRIVATE " + "KEY-----\nabc", "private key"},
		"signed token":      {letters("eyJ", 12) + letters(".eyJ", 12) + letters(".", 20), "signed"},
		"password":          {"https://me:hunter22@example.com/x", "address"},
		"named":             {`const API_KEY = "` + letters("", 20) + `";`, "named"},
		"named in JSON":     {`{"client_secret": "` + letters("", 20) + `"}`, "named"},
		"random":            {`x("` + letters("", 48) + `")`, "random"},
		"address":           {`tokenUrl: 'https://api.example.com/oauth2/token123'`, ""},
		"name of a secret":  {`clientSecretSecret: "GITHUB_CLIENT_SECRET"`, ""},
		"sentence":          {`const token = 'please connect first, number 12';`, ""},
		"read":              {"const token = context.secrets.API_KEY;", ""},
		"template":          {"headers.token = `${context.secrets.API_KEY_123456}`", ""},
		"scope":             {`"https://www.googleapis.com/auth/gmail.readonly"`, ""},
		"hash in hex":       {`"` + strings.Repeat("0123456789abcdef", 4) + `"`, ""},
		"alphabet of words": {`"this-is-a-long-file-name-of-the-year-2026"`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found := secret.Suspects("one\nÄ "+c.text, false)
			if c.kind == "" {
				if len(found) > 0 {
					t.Fatalf("%+v", found)
				}
				return
			}
			if len(found) != 1 || !strings.Contains(found[0].Kind, c.kind) || found[0].Line != 2 || found[0].Column < 3 {
				t.Fatalf("%+v", found)
			}
		})
	}
}

func FuzzSuspects(f *testing.F) {
	f.Add(`token = "` + letters("", 30) + `"`)
	f.Fuzz(func(t *testing.T, text string) {
		end := 0
		for _, s := range secret.Suspects(text, false) {
			if s.Start < end || s.End <= s.Start || s.End > len(text) || s.Line < 1 || s.Column < 1 {
				t.Fatalf("%+v", s)
			}
			end = s.End
		}
	})
}
