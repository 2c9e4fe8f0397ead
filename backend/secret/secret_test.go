package secret_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"log/slog"
	"net/url"
	"strings"
	"testing"
	"time"

	"pie/backend/secret"
)

const canary = "ya29.A0Ar+dr/Q-x_7<&>\"tok=en~1234567890"

func TestStringIsNeverPrinted(t *testing.T) {
	t.Parallel()
	type holder struct{ inner secret.String }
	value := secret.New(canary)
	asJSON, err := json.Marshal(map[string]any{"a": value})
	if err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string]string{
		"%v": fmt.Sprintf("%v", value), "%s": fmt.Sprintf("%s", value), "%q": fmt.Sprintf("%q", value),
		"%#v": fmt.Sprintf("%#v", value), "%x": fmt.Sprintf("%x", value), "json": string(asJSON),
		"struct": fmt.Sprintf("%+v %#v", holder{value}, holder{value}),
	} {
		if strings.Contains(got, "A0Ar") || strings.Contains(got, hex.EncodeToString([]byte("A0Ar"))) {
			t.Errorf("%s shows the secret: %s", name, got)
		}
	}
	if value.Reveal() != canary || !value.Equal(secret.New(canary)) || value.Equal(secret.String{}) {
		t.Error("the value is not kept")
	}
}

func TestScrubberEncodings(t *testing.T) {
	t.Parallel()
	quoted, err := json.Marshal(canary)
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string]string{
		"raw": canary, "json": string(quoted), "query": url.QueryEscape(canary), "path": url.PathEscape(canary),
		"lower query": strings.ToLower(url.QueryEscape(canary)), "twice": url.QueryEscape(url.QueryEscape(canary)),
		"html": html.EscapeString(canary), "hex": hex.EncodeToString([]byte(canary)),
		"base64":           base64.StdEncoding.EncodeToString([]byte(canary)),
		"base64 url":       base64.URLEncoding.EncodeToString([]byte(canary)),
		"base64 bearer":    base64.StdEncoding.EncodeToString([]byte("Bearer " + canary + " ")),
		"base64 shifted":   base64.StdEncoding.EncodeToString([]byte("xx" + canary + "yyy")),
		"escaped solidus":  strings.ReplaceAll(canary, "/", `\/`),
		"reversed":         reverse(canary),
		"inside something": `{"headers":{"Authorization":"Bearer ` + canary + `"}}`,
	}
	scrubber := secret.NewScrubber(secret.New(canary))
	for name, text := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := scrubber.Text(text)
			if len(got) > len(text)-20 && !strings.Contains(got, "[redacted]") {
				t.Errorf("left as it was: %s", got)
			}
			if strings.Contains(got, "A0Ar") {
				t.Errorf("a part is left: %s", got)
			}
		})
	}
}

func reverse(s string) string {
	b := []byte(s)
	for i, j := 0, len(b)-1; i < j; i, j = i+1, j-1 {
		b[i], b[j] = b[j], b[i]
	}
	return string(b)
}

// A value is found wherever it stands, the shortest too, and whichever was taught
// first.
func TestScrubberPlaces(t *testing.T) {
	t.Parallel()
	scrubber := secret.NewScrubber(secret.New("aaaaaaab"))
	scrubber.Add(secret.New("zy-88888"), secret.New(canary))
	for _, value := range []string{"aaaaaaab", "zy-88888", canary} {
		for name, around := range map[string][2]string{
			"alone": {}, "first": {"", " and more"}, "last": {"before ", ""}, "after its own beginning": {value[:7], "x"}, "far in": {strings.Repeat("{\"a\":1}", 5000), "]"},
		} {
			if got := scrubber.Text(around[0] + value + around[1]); got != around[0]+"[redacted]"+around[1] && name != "after its own beginning" || strings.Contains(got, value) {
				t.Errorf("%s, %s: %.60s", value, name, got)
			}
		}
	}
}

// FuzzScrubber holds that no text keeps a known value, whatever stands around it.
func FuzzScrubber(f *testing.F) {
	f.Add(canary, "before", "after")
	f.Add("aaaaaaab", "aaaa", "aaaaaaa")
	f.Add("\xff\xfe\x00\x01\x02\x03\x04\x05", "\xff\xff", "")
	f.Fuzz(func(t *testing.T, value, before, after string) {
		if len(value) < 8 || value == "[redacted]" {
			return
		}
		scrubber := secret.NewScrubber(secret.New("another value"), secret.New(value))
		text := before + value + after
		if scrubber.Text(text) == text || bytes.Equal(scrubber.Bytes([]byte(text)), []byte(text)) {
			t.Errorf("%q stays in %q", value, text)
		}
	})
}

// BenchmarkScrubber compares looking through an answer with copying it.
func BenchmarkScrubber(b *testing.B) {
	body := bytes.Repeat([]byte(`{"id":7,"name":"item 12","open":true,"text":"Base64 eyJhbGciOi and so on"},`), 2400)
	scrubber := secret.NewScrubber(secret.New(canary))
	var ours, copying time.Duration
	for b.Loop() {
		at := time.Now()
		scrubber.Bytes(body)
		ours += time.Since(at)
		at = time.Now()
		_ = bytes.Clone(body)
		copying += time.Since(at)
	}
	b.ReportMetric(float64(ours)/float64(copying), "x-copy")
	b.ReportMetric(float64(ours.Microseconds())/float64(b.N), "µs/180KB")
}

func TestScrubberLeavesOthersAlone(t *testing.T) {
	t.Parallel()
	scrubber := secret.NewScrubber(secret.New("short"), secret.String{}, secret.New(canary))
	const text = "a short text that holds no secret"
	if got := scrubber.Text(text); got != text {
		t.Errorf("changed to %q", got)
	}
}

func TestLogHandler(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	handler := secret.LogHandler(slog.NewTextHandler(&out, nil), secret.NewScrubber(secret.New(canary)))
	log := slog.New(handler).With("with", canary).WithGroup("g")
	log.Info("message "+canary, "attr", canary, "any", fmt.Errorf("cause: %s", canary), slog.Group("in", "deep", canary), "n", 7)
	if strings.Contains(out.String(), "A0Ar") || !strings.Contains(out.String(), "n=7") {
		t.Errorf("got %s", out.String())
	}
}
