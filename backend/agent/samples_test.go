package agent_test

import (
	"encoding/json"
	"io/fs"
	"strconv"
	"strings"
	"testing"

	"pie/backend/agent"
	"pie/backend/history"
	"pie/backend/plugin"
	"pie/backend/secret"
)

// sample reads one of the bundled agents.
func sample(t *testing.T, name string) *plugin.Package {
	t.Helper()
	all, err := plugin.Samples()
	if err != nil {
		t.Fatal(err)
	}
	known := func(string) bool { return true }
	if raw, err := fs.ReadFile(all, name+".pie"); err == nil {
		p, err := plugin.Parse(name+".pie", raw, known)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	folder, err := fs.Sub(all, name)
	if err != nil {
		t.Fatal(err)
	}
	p, err := plugin.LoadFolder(folder, name, known)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// services are what the samples call, with answers in the real ones' shapes.
func services(connected bool) *world {
	w := newWorld()
	w.known["default"] = agent.Connection{Connected: connected, APIBase: "https://notes.test"}
	gmail := "https://gmail.googleapis.com/gmail/v1/users/me/messages"
	message := `{"payload":{"headers":[{"name":"From","value":"Ada <ada@test>"},{"name":"SUBJECT","value":"Grüße"}],
		"parts":[{"mimeType":"text/html","body":{"data":"PGI-"}},{"mimeType":"text/plain","body":{"data":"R3LDvMOfZSDwn5mCPz8_"}}]}}`
	for url, body := range map[string]string{
		"https://notes.test/notes":              `{"notes":[{"id":1,"text":"one"},{"id":2,"text":"two"}]}`,
		"https://api.github.com/user/repos":     `[{"name":"pie","private":true},{"name":"cake"}]`,
		gmail + "?labelIds=INBOX&maxResults=10": `{"messages":[{"id":"a1","threadId":"a1"}],"resultSizeEstimate":1}`,
		gmail + "/a1?format=metadata":           message,
		gmail + "/a%2F1?format=full":            message,
		"https://api.notion.com/v1/search":      `{"object":"list","results":[{"object":"page","id":"p","url":"https://notion.so/p","properties":{"Name":{"type":"title","title":[{"plain_text":"A "},{"plain_text":"page"}]}}},{"object":"database","id":"d","url":"https://notion.so/d","title":[]}]}`,
		"https://api.openweathermap.org/data/2.5/weather?q=K%C3%B6ln&units=metric&appid=k+%26k": `{"main":{"temp":21.6},"weather":[{"description":"light rain"}]}`,
		"https://api.exchangeratesapi.io/v1/latest?base=EUR&symbols=USD":                        `{"rates":{"USD":1.1}}`,
	} {
		w.answers[url] = agent.Response{Status: 200, Body: []byte(body)}
	}
	return w
}

func TestSamples(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		sample, input, config, status, want string
		apart                               bool // not connected
		secrets                             map[string]string
	}{
		"notes":                  {sample: "practice-notes", want: `{"notes":["one","two"]}`},
		"notes, add":             {sample: "practice-notes", input: `{"action":"add","text":"x"}`, want: `{"added":{"notes":[{"id":1,"text":"one"},{"id":2,"text":"two"}]}}`},
		"notes, not connected":   {sample: "practice-notes", apart: true, status: history.RequiresAuth, want: `{"error":true,"message":"Connect the practice account first.","requiresAuth":true}`},
		"repos":                  {sample: "github-repos", want: `{"repos":["pie","cake"]}`},
		"repos, not connected":   {sample: "github-repos", apart: true, status: history.RequiresAuth, want: `{"error":true,"requiresAuth":true}`},
		"inbox":                  {sample: "gmail-inbox", want: `{"inbox":[{"id":"a1","from":"Ada <ada@test>","subject":"Grüße"}]}`},
		"inbox, one":             {sample: "gmail-inbox", input: `{"id":"a/1"}`, want: `{"from":"Ada <ada@test>","subject":"Grüße","text":"Grüße 🙂???"}`},
		"inbox, not connected":   {sample: "gmail-inbox", apart: true, status: history.RequiresAuth, want: `{"error":true,"message":"Connect your Google account first.","requiresAuth":true}`},
		"inbox, none":            {sample: "gmail-inbox", input: `{"id":"none"}`, status: history.Failed},
		"notion":                 {sample: "notion-search", input: `{"query":"a"}`, want: `{"found":[{"id":"p","kind":"page","url":"https://notion.so/p","title":"A page"},{"id":"d","kind":"database","url":"https://notion.so/d","title":"(no title)"}]}`},
		"weather":                {sample: "daily-weather", config: `{"city":"Köln"}`, secrets: map[string]string{"WEATHER_API_KEY": "k &k"}, want: `{"success":true,"temp":22}`},
		"weather, wrong key":     {sample: "daily-weather", secrets: map[string]string{"WEATHER_API_KEY": "no"}, status: history.Failed},
		"rates":                  {sample: "api-key-tool", input: `{"from":"EUR","to":"USD"}`, secrets: map[string]string{"RATES_API_KEY": "key-of-rates"}, want: `{"from":"EUR","to":"USD","rate":1.1}`},
		"rates, no key":          {sample: "api-key-tool", input: `{"from":"EUR","to":"USD"}`, status: history.Failed, want: `{"error":true,"message":"Set the secret RATES_API_KEY first."}`},
		"rates, unknown address": {sample: "api-key-tool", input: `{"from":"EUR","to":"XXX"}`, secrets: map[string]string{"RATES_API_KEY": "key-of-rates"}, status: history.Failed, want: `{"error":true,"message":"The service answered 404."}`},
	}
	r := runner(t)
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, w := sample(t, c.sample), services(!c.apart)
			j := agent.Job{
				Agent: p.Name, Code: p.Code, CodeName: p.CodeName, CodeLine: p.CodeLine, Services: p.ServiceKeys(), TimeZone: "UTC",
				Input: json.RawMessage(c.input), UserConfig: json.RawMessage(c.config), Secrets: map[string]secret.String{},
			}
			for name, value := range c.secrets {
				j.Secrets[name] = secret.New(value)
			}
			if c.status == "" {
				c.status = history.OK
			}
			out := r.Run(t.Context(), j, w)
			if out.Status != c.status || string(out.Result) != c.want {
				t.Errorf("%s %s %+v", out.Status, out.Result, out.Error)
			}
			checkRequests(t, name, w)
		})
	}
}

// checkRequests holds what left the process to what the services ask for.
func checkRequests(t *testing.T, name string, w *world) {
	t.Helper()
	sent := func(method, header, value, body string) {
		t.Helper()
		if len(w.requests) != 1 {
			t.Fatalf("%d requests", len(w.requests))
		}
		if q := w.requests[0]; q.Method != method || q.Headers[header] != value || string(q.Body) != body {
			t.Errorf("%+v", q)
		}
	}
	switch name {
	case "notes, add":
		sent("POST", "Content-Type", "application/json", `{"text":"x"}`)
	case "repos":
		sent("GET", "Accept", "application/vnd.github.v3+json", "")
	case "notion":
		sent("POST", "Notion-Version", "2022-06-28", `{"query":"a","page_size":20}`)
	case "rates":
		sent("GET", "Authorization", "Bearer key-of-rates", "")
	case "weather":
		if len(w.notices) != 1 || w.notices[0].Title != "Weather today" || !strings.Contains(w.notices[0].Text, "**Köln**: 22 °C, light rain") {
			t.Errorf("%+v", w.notices)
		}
	}
}

// What an author reads of an error is the place in the file that they wrote.
func TestErrorsNameTheAuthorsLine(t *testing.T) {
	t.Parallel()
	p, w := sample(t, "daily-weather"), services(true)
	line := 1 + strings.Count(p.Code[:strings.Index(p.Code, "throw new Error")], "\n")
	out := runner(t).Run(t.Context(), agent.Job{
		Agent: p.Name, Code: p.Code, CodeName: p.CodeName, CodeLine: p.CodeLine,
		Secrets: map[string]secret.String{"WEATHER_API_KEY": secret.New("wrong")},
	}, w)
	want := p.CodeName + ", line " + strconv.Itoa(p.CodeLine+line-1) + ","
	if out.Error == nil || out.Error.Message != "The weather service answered 404." || !strings.Contains(out.Error.Hint, want) {
		t.Errorf("%+v, want %s", out.Error, want)
	}
}
