package ai_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"pie/backend/ai"
	"pie/backend/fault"
	"pie/backend/secret"
)

// server answers every request with one answer and keeps what it was asked.
type server struct {
	*httptest.Server
	mu     sync.Mutex
	path   string
	key    string
	asked  map[string]any
	status int
	answer string
}

func newServer(t *testing.T, status int, answer string) *server {
	t.Helper()
	s := &server{status: status, answer: answer}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		raw, _ := io.ReadAll(r.Body)
		_ = json.Unmarshal(raw, &s.asked)
		s.path, s.key = r.Method+" "+r.URL.Path, r.Header.Get("Authorization")
		w.Header().Set("Location", s.URL+"/elsewhere")
		w.WriteHeader(s.status)
		_, _ = io.WriteString(w, s.answer)
	}))
	t.Cleanup(s.Close)
	return s
}

const fine = `{"id":"1","object":"chat.completion","model":"small-1","choices":[{"index":0,"message":{"role":"assistant","content":"hello ü"},"finish_reason":"stop"}],"usage":{"prompt_tokens":7,"completion_tokens":2,"total_tokens":9}}`

func question() ai.Question {
	return ai.Question{Model: "small", Messages: []ai.Message{{Role: "user", Content: "hi"}}}
}

func TestChat(t *testing.T) {
	t.Parallel()
	s := newServer(t, 200, fine)
	var seen []ai.Exchange
	c := ai.New(func(_ context.Context, x ai.Exchange) { seen = append(seen, x) })
	q, warmth := question(), 0.5
	q.Temperature, q.MaxTokens, q.JSON = &warmth, 99, true
	got, err := c.Chat(t.Context(), ai.Server{Address: s.URL + "/v1/", Key: secret.New("sk-very-long-key")}, q)
	want := ai.Answer{Content: "hello ü", Model: "small-1", FinishReason: "stop", InputTokens: 7, OutputTokens: 2}
	if err != nil || got != want {
		t.Errorf("%+v %v", got, err)
	}
	asked, _ := json.Marshal(s.asked)
	if string(asked) != `{"max_tokens":99,"messages":[{"content":"hi","role":"user"}],"model":"small","response_format":{"type":"json_object"},"stream":false,"temperature":0.5}` {
		t.Errorf("asked %s", asked)
	}
	if s.path != "POST /v1/chat/completions" || s.key != "Bearer sk-very-long-key" {
		t.Errorf("%s %s", s.path, s.key)
	}
	if len(seen) != 1 || seen[0].Status != 200 || seen[0].Path != "/v1/chat/completions" || seen[0].In != int64(len(fine)) || seen[0].Out == 0 {
		t.Errorf("%+v", seen)
	}
	if _, err := c.Chat(t.Context(), ai.Server{Address: s.URL}, question()); err != nil || s.key != "" {
		t.Errorf("without key: %q %v", s.key, err)
	}
}

func TestModels(t *testing.T) {
	t.Parallel()
	s := newServer(t, 200, `{"object":"list","data":[{"id":"b"},{"id":"a"},{"id":"b"},{"id":""},{}]}`)
	got, err := ai.New(nil).Models(t.Context(), ai.Server{Address: s.URL})
	if err != nil || strings.Join(got, ",") != "a,b" || s.path != "GET /models" {
		t.Errorf("%v %v %s", got, err, s.path)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		status int
		answer string
		code   fault.Code
		says   string
	}{
		"key":            {401, `{"error":{"message":"bad key sk-very-long-key"}}`, fault.Denied, "does not take the key. It says: bad key [redacted]"},
		"forbidden":      {403, `{"error":"no"}`, fault.Denied, "It says: no"},
		"model":          {404, `{"error":{"message":"model 'x' not found"}}`, fault.NotFound, "does not know the model"},
		"often":          {429, ``, fault.Limited, "fewer requests"},
		"question":       {400, `{"error":{"message":"` + strings.Repeat("long ", 1000) + `"}}`, fault.Invalid, "long …"},
		"trouble":        {500, `<html>`, fault.Offline, "has trouble (500)"},
		"redirect":       {302, ``, fault.Invalid, "(302)"},
		"no json":        {200, `<html>`, fault.Invalid, "not as a model server"},
		"no choice":      {200, `{"choices":[]}`, fault.Invalid, "not as a model server"},
		"no content":     {200, `{"choices":[{"message":{"content":null}}]}`, fault.Invalid, "not as a model server"},
		"other form":     {200, `{"choices":"x"}`, fault.Invalid, "not as a model server"},
		"endless answer": {200, `{"x":"` + strings.Repeat("x", 5<<20) + `"}`, fault.Limited, "larger than 4 MB"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, c.status, c.answer)
			_, err := ai.New(nil).Chat(t.Context(), ai.Server{Address: s.URL, Key: secret.New("sk-very-long-key")}, question())
			if !fault.Is(err, c.code) || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "sk-very-long-key") || len(err.Error()) > 600 {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestUnreachable(t *testing.T) {
	t.Parallel()
	nobody := ai.Server{Address: "http://127.0.0.1:1"}
	c := ai.New(nil)
	if _, err := c.Chat(t.Context(), nobody, question()); !fault.Is(err, fault.Offline) {
		t.Errorf("%v", err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Chat(gone, nobody, question()); !fault.Is(err, fault.Canceled) {
		t.Errorf("%v", err)
	}
	long := question()
	long.Messages[0].Content = strings.Repeat("x", 1<<20)
	if _, err := c.Chat(t.Context(), nobody, long); !fault.Is(err, fault.Limited) {
		t.Errorf("%v", err)
	}
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ valid, local bool }{
		"https://api.example.com/v1": {true, false}, "https://api.example.com:8443": {true, false}, ai.DefaultAddress: {true, true},
		"http://localhost:1234/v1/": {true, true}, "http://[::1]:80": {true, true}, "https://127.0.0.1": {true, true},
		"http://api.example.com/v1": {}, "http://192.168.1.5:11434": {}, "": {}, "api.example.com": {}, "ftp://x": {}, "https://": {},
		"https://user:pw@x.com": {}, "https://x.com/v1?key=1": {}, "https://x.com/#a": {}, "http://localhost.evil.com": {}, "http://127.0.0.1.evil.com": {}, "%zz": {},
	}
	for text, want := range cases {
		_, err := ai.ParseAddress(text)
		if (err == nil) != want.valid || err != nil && !fault.Is(err, fault.Invalid) || ai.IsLocal(text) != want.local {
			t.Errorf("%q: %v, local %v", text, err, ai.IsLocal(text))
		}
	}
}
