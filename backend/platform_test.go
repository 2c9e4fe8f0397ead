package backend_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"pie/backend"
	"pie/backend/history"
	"pie/backend/patience"
	"pie/backend/secret"
)

// remote plays every service that the platform's sample agents use, on loopback:
// an authorization server, their APIs in the shapes of the real ones, and a
// model. It refuses what the real ones refuse.
type remote struct {
	*httptest.Server

	mu     sync.Mutex
	labels []string
	marked map[string]string // message -> labels
	sent   string
	topics int
}

const remoteToken = "remote-access-token-0123456789"

func newRemote(t *testing.T) *remote {
	t.Helper()
	r := &remote{labels: []string{"INBOX", "Finance"}, marked: map[string]string{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /authorize", func(w http.ResponseWriter, q *http.Request) {
		http.Redirect(w, q, q.FormValue("redirect_uri")+"?code=one-code&state="+q.FormValue("state"), http.StatusFound)
	})
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, q *http.Request) {
		if q.FormValue("code") != "one-code" || q.FormValue("code_verifier") == "" {
			http.Error(w, `{"error":"invalid_grant"}`, http.StatusBadRequest)
			return
		}
		reply(w, map[string]any{"access_token": remoteToken, "token_type": "Bearer", "expires_in": 3600, "refresh_token": "remote-refresh-token-0123456789"})
	})
	mux.HandleFunc("GET /weather/data/2.5/weather", func(w http.ResponseWriter, q *http.Request) {
		if q.FormValue("appid") != "weather-key-0123" || q.FormValue("q") != "Berlin" {
			http.Error(w, "{}", http.StatusUnauthorized)
			return
		}
		reply(w, map[string]any{"main": map[string]any{"temp": 11.6}, "weather": []any{map[string]any{"description": "light rain"}}})
	})
	mux.HandleFunc("GET /forecast/forecast", func(w http.ResponseWriter, q *http.Request) {
		if q.Header.Get("Authorization") != "Bearer forecast-key-0123" {
			http.Error(w, "{}", http.StatusUnauthorized)
			return
		}
		reply(w, map[string]any{"city": q.FormValue("city"), "high": 14})
	})
	mux.HandleFunc("POST /v1/chat/completions", r.model)
	mux.Handle("/github/", r.authorized(http.HandlerFunc(r.github)))
	mux.Handle("/notion/", r.authorized(http.HandlerFunc(r.notion)))
	mux.Handle("/gmail/", r.authorized(http.HandlerFunc(r.gmail)))
	r.Server = httptest.NewServer(mux)
	t.Cleanup(r.Close)
	return r
}

func reply(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(value)
}

func (r *remote) authorized(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if q.Header.Get("Authorization") != "Bearer "+remoteToken {
			http.Error(w, "{}", http.StatusUnauthorized)
			return
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		next.ServeHTTP(w, q)
	})
}

func (r *remote) github(w http.ResponseWriter, q *http.Request) {
	if q.URL.Path != "/github/user/repos" || q.Header.Get("Accept") != "application/vnd.github.v3+json" {
		http.NotFound(w, q)
		return
	}
	reply(w, []any{map[string]any{"name": "pie"}, map[string]any{"name": "cake"}})
}

func (r *remote) notion(w http.ResponseWriter, q *http.Request) {
	page := map[string]any{"object": "page", "id": "p1", "properties": map[string]any{
		"Due": map[string]any{"type": "date"}, "Name": map[string]any{"title": []any{map[string]any{"plain_text": "Plan"}}},
	}}
	base := map[string]any{"object": "database", "id": "d1", "title": []any{map[string]any{"plain_text": "Tasks"}}}
	var body map[string]any
	_ = json.NewDecoder(q.Body).Decode(&body)
	switch path := q.Method + " " + strings.TrimPrefix(q.URL.Path, "/notion/v1"); {
	case q.Header.Get("Notion-Version") != "2022-06-28":
		w.WriteHeader(http.StatusBadRequest)
		reply(w, map[string]any{"message": "Notion-Version header is missing"})
	case path == "POST /search" && body["filter"] != nil:
		reply(w, map[string]any{"results": []any{base}})
	case path == "POST /search" && body["query"] == "plan" && body["page_size"] == 10.0:
		reply(w, map[string]any{"results": []any{page, base}})
	case path == "GET /pages/p1":
		reply(w, page)
	case path == "GET /blocks/p1/children":
		reply(w, map[string]any{"results": []any{
			map[string]any{"type": "heading_1", "heading_1": map[string]any{"rich_text": []any{map[string]any{"plain_text": "One"}}}},
			map[string]any{"type": "divider"},
			map[string]any{"type": "paragraph", "paragraph": map[string]any{"rich_text": []any{map[string]any{"plain_text": "Two "}, map[string]any{"plain_text": "words"}}}},
		}})
	case path == "POST /databases/d1/query":
		reply(w, map[string]any{"results": []any{page}})
	default:
		w.WriteHeader(http.StatusNotFound)
		reply(w, map[string]any{"message": "Could not find it"})
	}
}

func (r *remote) gmail(w http.ResponseWriter, q *http.Request) {
	var body struct {
		Raw, Name, TopicName string
		AddLabelIDs          []string `json:"addLabelIds"`
	}
	_ = json.NewDecoder(q.Body).Decode(&body)
	parts := strings.Split(strings.TrimPrefix(q.URL.Path, "/gmail/gmail/v1/users/me/"), "/")
	switch last := parts[len(parts)-1]; q.Method + " " + last {
	case "GET messages":
		reply(w, map[string]any{"messages": []any{map[string]any{"id": "m1"}, map[string]any{"id": "m2"}}})
	case "GET m1", "GET m2":
		text := base64.URLEncoding.EncodeToString([]byte("Grüße aus Köln 🙂??>>"))
		reply(w, map[string]any{"id": last, "snippet": "invoice of " + last, "payload": map[string]any{
			"headers":  []any{map[string]any{"name": "From", "value": "ada@test"}, map[string]any{"name": "Subject", "value": "Mail " + last}},
			"mimeType": "multipart/alternative",
			"parts":    []any{map[string]any{"mimeType": "text/html", "body": map[string]any{"data": "PGI-"}}, map[string]any{"mimeType": "text/plain", "body": map[string]any{"data": text}}},
		}})
	case "POST send":
		raw, err := base64.RawURLEncoding.DecodeString(body.Raw)
		if err != nil {
			http.Error(w, "{}", http.StatusBadRequest)
			return
		}
		r.sent = string(raw)
		reply(w, map[string]any{"id": "s1"})
	case "POST modify":
		r.marked[parts[1]] = strings.Join(body.AddLabelIDs, ",")
		reply(w, map[string]any{"labelIds": append([]string{"UNREAD"}, body.AddLabelIDs...)})
	case "POST trash":
		reply(w, map[string]any{"id": parts[1]})
	case "GET labels":
		list := []any{}
		for _, name := range r.labels {
			list = append(list, map[string]any{"id": "L-" + name, "name": name})
		}
		reply(w, map[string]any{"labels": list})
	case "POST labels":
		r.labels = append(r.labels, body.Name)
		reply(w, map[string]any{"id": "L-" + body.Name, "name": body.Name})
	case "POST watch":
		if body.TopicName != "projects/x/topics/mail" {
			http.Error(w, "{}", http.StatusForbidden)
			return
		}
		r.topics++
		reply(w, map[string]any{"expiration": "1790000000000"})
	default:
		http.NotFound(w, q)
	}
}

// model says Finance of the first mail and something unheard of of the second.
func (r *remote) model(w http.ResponseWriter, q *http.Request) {
	raw, _ := io.ReadAll(q.Body)
	said := "finance"
	if strings.Contains(string(raw), "m2") {
		said = "I would say: Aliens"
	}
	reply(w, map[string]any{"choices": []any{map[string]any{"message": map[string]any{"role": "assistant", "content": said}}}})
}

// platform installs one of the platform's samples, as it stands but for the
// addresses, which are those of the loopback server.
func (r *remote) platform(t *testing.T, h *home, name string) {
	t.Helper()
	raw, err := os.ReadFile("testdata/platform/" + name + ".pie")
	if err != nil {
		t.Fatal(err)
	}
	custom := fmt.Sprintf("provider: custom\n    providerName: Loopback\n    authorizationUrl: %s/authorize\n    tokenUrl: %s/token\n", r.URL, r.URL)
	host := strings.TrimPrefix(r.URL, "http://")
	text := strings.NewReplacer(
		"    provider: github\n", "    "+custom, "    provider: google\n", "    "+custom,
		"https://api.notion.com/v1/oauth", r.URL, "https://api.notion.com", r.URL+"/notion", "https://api.github.com", r.URL+"/github",
		"https://gmail.googleapis.com", r.URL+"/gmail", "https://api.openweathermap.org", r.URL+"/weather", "https://api.weather.example", r.URL+"/forecast",
		"[api.openweathermap.org]", `["http://`+host+`"]`, "[api.weather.example]", `["http://`+host+`"]`,
	).Replace(string(raw))
	p := h.install(t, backend.Source{Name: name + ".pie", Content: []byte(text)})
	for secretName := range p.Secrets() {
		value := map[string]string{"WEATHER_KEY": "weather-key-0123", "FORECAST_KEY": "forecast-key-0123", "GMAIL_PUBSUB_TOPIC": "projects/x/topics/mail"}[secretName]
		if value == "" {
			value = "client-0123456789"
		}
		if err := h.Secrets.Set(t.Context(), name, secretName, secret.New(value)); err != nil {
			t.Fatal(err)
		}
	}
}

// TestThePlatformsSamples runs the sample agents of the platform, written anew
// from what they do.
func TestThePlatformsSamples(t *testing.T) {
	t.Parallel()
	type call struct{ function, input, status, want string }
	for name, calls := range map[string][]call{
		"repo-lister": {{want: `{"repos":["pie","cake"]}`}},
		"notion-connector": {
			{input: `{"action":"search","query":"plan"}`, want: `{"results":[{"id":"p1","kind":"page","title":"Plan"},{"id":"d1","kind":"database","title":"Tasks"}]}`},
			{input: `{"action":"getPage","pageId":"p1"}`, want: `{"id":"p1","kind":"page","title":"Plan","text":"One\nTwo words"}`},
			{input: `{"action":"listDatabases"}`, want: `{"databases":[{"id":"d1","kind":"database","title":"Tasks"}]}`},
			{input: `{"action":"queryDatabase","databaseId":"d1"}`, want: `{"count":1,"rows":[{"id":"p1","kind":"page","title":"Plan"}]}`},
			{input: `{"action":"getPage","pageId":"none"}`, status: history.Failed, want: `{"error":true,"message":"Notion said 404: Could not find it"}`},
			{input: `{"action":"burn"}`, status: history.Failed, want: `{"error":true,"message":"There is no action burn. Take search, getPage, listDatabases or queryDatabase."}`},
		},
		"gmail-connector": {
			{input: `{"action":"search","query":"from:ada"}`, want: `{"messages":[{"id":"m1","from":"ada@test","subject":"Mail m1"},{"id":"m2","from":"ada@test","subject":"Mail m2"}]}`},
			{input: `{"action":"read","id":"m1"}`, want: `{"from":"ada@test","subject":"Mail m1","text":"Grüße aus Köln 🙂??>>"}`},
			{input: `{"action":"send","to":"bob@test","subject":"Hi","text":"Grüße 🙂"}`, want: `{"success":true,"id":"s1"}`},
			{input: `{"action":"archive","id":"m1"}`, want: `{"success":true,"labels":["UNREAD"]}`},
			{input: `{"action":"label","id":"m2","label":"finance"}`, want: `{"success":true,"labels":["UNREAD","L-Finance"]}`},
			{input: `{"action":"label","id":"m2","label":"New one"}`, want: `{"success":true,"labels":["UNREAD","L-New one"]}`},
			{input: `{"action":"trash","id":"m2"}`, want: `{"success":true}`},
			{input: `{"action":"read","id":"none"}`, status: history.Failed, want: `{"error":true,"message":"API error: 404"}`},
			{input: `{"action":"burn"}`, status: history.Failed, want: `{"error":true,"message":"Unknown action: burn. Valid: search, read, send, archive, label, trash"}`},
		},
		"email-labeler": {
			{want: `{"success":true,"labeled":{"m1":"Finance","m2":"Other"}}`},
			{function: "onWebhook", input: `{"body":{}}`, want: `{"success":true,"labeled":{"m1":"Finance","m2":"Other"}}`},
		},
		"morning-weather": {{want: `{"success":true,"temp":12}`}},
		"key-forecast":    {{input: `{"city":"Köln"}`, want: `{"city":"Köln","high":14}`}},
		"csv-uploader":    {{input: `{"filename":"a.csv","rows":[["a","b"],[1,"say \"x\""]]}`, want: `a.csv holds 2 rows`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, h := newRemote(t), newHome(t, t.TempDir())
			r.platform(t, h, name)
			address, model := r.URL+"/v1", "small"
			if err := h.SetModel(t.Context(), backend.ModelChange{Address: &address, Name: &model}); err != nil {
				t.Fatal(err)
			}
			if p, _, err := h.Agents.Get(name); err == nil && len(p.ServiceKeys()) > 0 {
				if run, err := h.Run(t.Context(), backend.RunRequest{Agent: name, Input: json.RawMessage(calls[0].input)}); err != nil || run.Status != history.RequiresAuth {
					t.Fatalf("before connecting: %v %+v", err, run)
				}
				h.consentAtOnce(t)
				h.connectTo(t, name)
			}
			for _, c := range calls {
				run, err := h.Run(t.Context(), backend.RunRequest{Agent: name, Function: c.function, Input: json.RawMessage(c.input)})
				if c.status == "" {
					c.status = history.OK
				}
				if err != nil || run.Status != c.status || !strings.Contains(string(run.Result), c.want) {
					t.Errorf("%s: %v %s %s %+v", c.input, err, run.Status, run.Result, run.Error)
				}
			}
			r.afterwards(t, h, name)
		})
	}
}

// afterwards looks at what the services and the person have got.
func (r *remote) afterwards(t *testing.T, h *home, name string) {
	t.Helper()
	messages := func() []string {
		var out []string
		list, err := h.Inbox.List(t.Context(), "", 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range list {
			out = append(out, m.Title+": "+m.Text)
		}
		return out
	}
	switch name {
	case "gmail-connector":
		if want := "To: bob@test\r\nSubject: Hi\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nGrüße 🙂"; r.sent != want {
			t.Errorf("sent %q", r.sent)
		}
	case "email-labeler":
		patience.Until(t, "the hook of the sign-in, which runs beside, is done", func() bool {
			runs, err := h.Runs(name, 10)
			return err == nil && slices.ContainsFunc(runs, func(run history.Run) bool {
				return run.Function == "onConnect" && run.Status == history.OK && string(run.Result) == `{"success":true,"watching":true,"until":"1790000000000"}`
			})
		})
		if r.topics != 1 || r.marked["m1"] != "L-Finance" || r.marked["m2"] != "L-Other" || !slices.Contains(r.labels, "Other") {
			t.Errorf("%d %v %v", r.topics, r.marked, r.labels)
		}
		if got := messages(); len(got) != 2 || got[0] != "Mail: 2 labeled: Finance, Other" {
			t.Errorf("%q", got)
		}
	case "morning-weather":
		if got := messages(); len(got) != 1 || got[0] != "Good morning: **Berlin** 🌤\nIt is 12 °C: light rain" {
			t.Errorf("%q", got)
		}
	case "csv-uploader":
		if _, content, err := h.Files.Read(name, "a.csv"); err != nil || string(content) != "\"a\",\"b\"\n\"1\",\"say \"\"x\"\"\"" {
			t.Errorf("%v %q", err, content)
		}
	}
}
