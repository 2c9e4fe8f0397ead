package backend_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"pie/backend"
	"pie/backend/fault"
	"pie/backend/secret"
)

// modelServer is a model that tells what it was asked, by the book of the API.
type modelServer struct {
	*httptest.Server
	mu   sync.Mutex
	keys []string
}

func newModelServer(t *testing.T) *modelServer {
	t.Helper()
	m := &modelServer{}
	m.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.mu.Lock()
		m.keys = append(m.keys, r.Header.Get("Authorization"))
		m.mu.Unlock()
		if r.URL.Path == "/v1/models" {
			_, _ = io.WriteString(w, `{"data":[{"id":"small"},{"id":"large"}]}`)
			return
		}
		var q struct {
			Model    string
			Messages []struct{ Role, Content string }
			Format   *struct{ Type string } `json:"response_format"`
		}
		if r.URL.Path != "/v1/chat/completions" || json.NewDecoder(r.Body).Decode(&q) != nil {
			http.NotFound(w, r)
			return
		}
		said := q.Model + ":"
		for _, each := range q.Messages {
			said += " " + each.Role + "=" + each.Content
		}
		if q.Format != nil {
			said = `{"n": 1}`
		}
		content, _ := json.Marshal(said)
		_, _ = fmt.Fprintf(w, `{"model":%q,"choices":[{"message":{"role":"assistant","content":%s},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":1}}`, q.Model, content)
	}))
	t.Cleanup(m.Close)
	return m
}

func TestModel(t *testing.T) {
	t.Parallel()
	m := newModelServer(t)
	h := newHome(t, t.TempDir())
	h.install(t, doing("asker", ""))
	address, name := m.URL+"/v1", "small"
	if err := h.SetModel(t.Context(), backend.ModelChange{Address: &address}); err != nil {
		t.Fatal(err)
	}
	if got := h.try(t, "asker", code(`return (await context.ai.chat('hi')).model`)); got != `"large"` {
		t.Errorf("the server's first: %s", got)
	}
	key := secret.New("sk-canary-of-the-model")
	if err := h.SetModel(t.Context(), backend.ModelChange{Name: &name, Key: &key}); err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct{ code, want string }{
		"text":     {`return await context.ai.chat('hi')`, `{"content":"small: user=hi","message":{"role":"assistant","content":"small: user=hi"},"model":"small","finishReason":"stop","usage":{"inputTokens":3,"outputTokens":1}}`},
		"turns":    {`return (await context.ai.chat([{ role: 'system', content: 'a' }, { role: 'user', content: 'b' }], { model: 'other', temperature: 0 })).content`, `"other: system=a user=b"`},
		"system":   {`return (await context.ai.chat('b', { system: 'a' })).content`, `"small: system=a user=b"`},
		"json":     {`return (await context.ai.chat('b', { json: true })).data`, `{"n":1}`},
		"analyze":  {`return (await context.ai.analyze({ a: 1 }, 'What is it?')).content.endsWith('Instruction: What is it?\n\nMaterial:\n{"a":1}')`, `true`},
		"summary":  {`const r = await context.ai.summarize('long text', { maxWords: 7 }); return [r.summary === r.content, r.summary.includes('at most 7 words'), r.summary.endsWith('user=long text')]`, `[true,true,true]`},
		"models":   {`return await context.ai.listModels()`, `[{"id":"large","name":"large"},{"id":"small","name":"small"}]`},
		"no text":  {`return context.ai.chat().catch(e => e.code)`, `"invalid"`},
		"no role":  {`return context.ai.chat([{ content: 'x' }]).catch(e => e.code)`, `"invalid"`},
		"no turns": {`return context.ai.chat([]).catch(e => e.code)`, `"invalid"`},
		"options":  {`return context.ai.chat('x', { temperature: 'hot' }).catch(e => e.code)`, `"invalid"`},
		"nothing":  {`return [await context.ai.analyze('x').catch(e => e.code), await context.ai.summarize('').catch(e => e.code)]`, `["invalid","invalid"]`},
		"no key":   {`return JSON.stringify(await context.ai.chat('x')).includes('canary')`, `false`},
		"bounded":  {`let n = 0; try { for (;;) { await context.ai.chat('x'); n++ } } catch (e) { return [n, e.code] }`, `[100,"limited"]`},
	}
	for name, c := range cases {
		if got := h.try(t, "asker", code(c.code)); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	if m.keys[0] != "" || m.keys[len(m.keys)-1] != "Bearer sk-canary-of-the-model" {
		t.Errorf("keys %q … %q", m.keys[0], m.keys[len(m.keys)-1])
	}
	rows, err := h.History.Audit("asker", 1000)
	if err != nil || len(rows) < 100 || rows[0].Decision != "sent" || rows[0].Run == "" || !strings.HasPrefix(rows[0].Path, "/v1/") {
		t.Errorf("%d rows %v", len(rows), err)
	}
	for place, text := range filesOf(t, h.dir) {
		if strings.Contains(text, "sk-canary") {
			t.Errorf("the key stands in %s", place)
		}
	}
}

func TestModelSettings(t *testing.T) {
	t.Parallel()
	h := newHome(t, t.TempDir())
	expect := func(want backend.Model) {
		t.Helper()
		if got, err := h.Model(); err != nil || got != want {
			t.Errorf("%+v %v, want %+v", got, err, want)
		}
	}
	set := func(address string, key *secret.String) error {
		return h.SetModel(t.Context(), backend.ModelChange{Address: &address, Key: key})
	}
	expect(backend.Model{Address: "http://127.0.0.1:11434/v1", Local: true})
	key := secret.New("a-key-of-some-length")
	if err := set("https://api.example.com/v1", &key); err != nil {
		t.Fatal(err)
	}
	expect(backend.Model{Address: "https://api.example.com/v1", KeySet: true})
	if err := set("https://API.example.com/v2", nil); err != nil {
		t.Fatal(err)
	}
	expect(backend.Model{Address: "https://API.example.com/v2", KeySet: true})
	for _, bad := range []string{"http://api.example.com", "nothing", "https://x.com?a=b"} {
		if err := set(bad, nil); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", bad, err)
		}
	}
	if err := set("https://evil.example.com/v1", nil); err != nil {
		t.Fatal(err)
	}
	expect(backend.Model{Address: "https://evil.example.com/v1"})
	if err := set("", nil); err != nil {
		t.Fatal(err)
	}
	expect(backend.Model{Address: "http://127.0.0.1:11434/v1", Local: true})
}

// TestModelThatIsNotThere: the code hears why, and the person before installing.
func TestModelThatIsNotThere(t *testing.T) {
	t.Parallel()
	h := newHome(t, t.TempDir())
	address := "http://127.0.0.1:1/v1"
	if err := h.SetModel(t.Context(), backend.ModelChange{Address: &address}); err != nil {
		t.Fatal(err)
	}
	h.install(t, doing("asker", ""))
	if got := h.try(t, "asker", code(`return context.ai.chat('x').catch(e => [e.code, e.message.includes('cannot be reached'), e.hint.includes('pie ai set')])`)); got != `["offline",true,true]` {
		t.Error(got)
	}
	for body, want := range map[string]string{
		"return await context.ai.chat('x')": "on this computer, at " + address, "const { ai } = context; return ai.summarize('x')": "on this computer",
		"return context.fetch('https://x.test')": "",
	} {
		p, err := h.Load(t.Context(), pie("uses", "", body))
		if err != nil {
			t.Fatal(err)
		}
		said := fmt.Sprint(h.Permissions(p))
		if strings.Contains(said, "language model") != (want != "") || !strings.Contains(said, want) {
			t.Errorf("%s: %s", body, said)
		}
	}
}
