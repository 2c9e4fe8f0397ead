package cassette_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"pie/backend/cassette"
	"pie/backend/fault"
	"pie/backend/secret"
)

func get(url string) cassette.Exchange {
	return cassette.Exchange{Service: "default", Request: &cassette.Request{Method: "GET", URL: url, Headers: map[string]string{"Accept": "application/json"}}}
}

func post(url, kind, body string) cassette.Exchange {
	return cassette.Exchange{Request: &cassette.Request{Method: "POST", URL: url, Headers: map[string]string{"Content-Type": kind}, Body: cassette.NewBody([]byte(body))}}
}

func answered(x cassette.Exchange, body string, headers ...string) cassette.Exchange {
	x.Answer = &cassette.Answer{Status: 200, Headers: map[string]string{"content-type": "application/json"}, Body: cassette.NewBody([]byte(body))}
	for i := 0; i+1 < len(headers); i += 2 {
		x.Answer.Headers[headers[i]] = headers[i+1]
	}
	return x
}

const (
	apiKey  = "k3y-Of-The-Agent/42"
	session = "aB3xK9qLmZ7tWv2YcD5yN8rPoA1uXw4V"
)

// tape writes a recording and reads it again, as from a file.
func tape(t *testing.T, exchanges ...cassette.Exchange) (file string, player *cassette.Player) {
	t.Helper()
	r := cassette.NewRecorder(map[string]secret.String{"API_KEY": secret.New(apiKey)})
	for _, x := range exchanges {
		r.Add(x)
	}
	r.Connection("default", json.RawMessage(`{"connected":true,"apiBase":"https://a.test"}`))
	raw, err := r.Cassette(cassette.Cassette{Agent: "my-agent", Function: "handler", Input: json.RawMessage(`{"n":1}`), RecordedAt: time.Unix(0, 0)}).Encode()
	if err != nil {
		t.Fatal(err)
	}
	c, err := cassette.Parse("tape.json", raw)
	if err != nil {
		t.Fatalf("%v\n%s", err, raw)
	}
	p := c.Play()
	p.StandIn("API_KEY")
	return string(raw), p
}

func TestNoSecretIsRecorded(t *testing.T) {
	t.Parallel()
	signIn := answered(post("https://a.test/login", "application/x-www-form-urlencoded", "user=me&password=hunter2hunter2"),
		`{"access_token":"`+session+`","csrfToken":"short","nextPageToken":"page-2-of-the-list","user":{"name":"Ada"}}`, "set-cookie", "sid=1", "x-auth-token", "abc", "etag", `"1"`)
	list := answered(get("https://a.test/items?appid="+strings.ReplaceAll(apiKey, "/", "%2F")+"&cursor="+session+"&sig=1234&q=milk"), `{"items":["`+session+`", "ghp_`+strings.Repeat("a1B2", 9)+`"]}`)
	list.Request.Headers["Authorization"] = "Bearer " + apiKey
	list.Request.Headers["X-Api-Key"] = apiKey
	list.Request.Headers["Notion-Version"] = "2022-06-28"
	links := answered(get("https://a.test/links"), `{"download_url":"https://raw.a.test/x?token=ABCDEFGHIJ7&v=2","signed":"https://s3.a.test/y?v=1\u0026X-Amz-Signature=0123abcd"}`, "link", `<https://a.test/items?access_token=linktoken99>; rel="next"`)
	html := answered(get("https://a.test/page"), `<a href="/next?v=1&amp;sessionid=abcd1234x">`)
	file, _ := tape(t, signIn, list, links, html)
	for _, never := range []string{apiKey, session, "%2F42", "hunter2", "short", "ghp_", "sid=1", "abc", "Bearer", "sig=1234", "ABCDEFGHIJ7", "0123abcd", "linktoken99", "abcd1234x", "X-Api-Key", "cookie"} {
		if strings.Contains(file, never) {
			t.Errorf("%s is in the recording:\n%s", never, file)
		}
	}
	for _, still := range []string{"page-2-of-the-list", "Ada", "q=milk", "etag", "Notion-Version", `"user": {`, "&v=2", "rel="} {
		if !strings.Contains(file, still) {
			t.Errorf("%s is not in the recording:\n%s", still, file)
		}
	}
}

// TestPlay plays what a run asks that reads stand-ins instead of secrets.
func TestPlay(t *testing.T) {
	t.Parallel()
	key := "stand-in-for-API_KEY"
	recorded := []cassette.Exchange{
		answered(get("https://a.test/one?appid="+apiKey+"&a=1&b=2"), `{"next_cursor": "`+session+`"}`),
		answered(get("https://a.test/two?cursor="+session), `[2]`),
		answered(post("https://a.test/three", "application/json", `{"b": {"c": 1.0}, "a": "x", "password": "first-password"}`), `{"n": 1}`),
		answered(post("https://a.test/three", "application/json", `{"b": {"c": 1.0}, "a": "x", "password": "first-password"}`), `{"n": 2}`),
		answered(post("https://a.test/bytes", "application/octet-stream", "\xff\x00"), "\xfe"),
		{Service: "default", Request: get("https://a.test/off").Request, Fault: &fault.Problem{Code: fault.Offline, Message: "a.test cannot be reached.", Hint: "Wait."}},
		{Call: &cassette.Call{Op: "ai.chat", Params: json.RawMessage(`{"messages": []}`)}, Answer: &cassette.Answer{Value: json.RawMessage(`{"text":"hello"}`)}},
	}
	_, p := tape(t, recorded...)
	for _, c := range []struct {
		ask  cassette.Exchange
		want string
	}{
		{get("https://a.test/one?b=2&appid=" + key + "&a=1"), `{"next_cursor":"hidden-1"}`},
		{post("https://a.test/three", "application/json", `{"a":"x","b":{"c":1.0},"password":"other"}`), `{"n":1}`},
		{get("https://a.test/two?cursor=hidden-1"), `[2]`},
		{post("https://a.test/three", "application/json", `{"a":"x","b":{"c":1.0},"password":""}`), `{"n":2}`},
		{post("https://a.test/bytes", "application/octet-stream", "\xff\x00"), "\xfe"},
	} {
		a, err := p.Ask(c.ask)
		if err != nil || string(a.Bytes()) != c.want {
			t.Errorf("%s: %v %s", c.ask.Request.URL, err, a.Bytes())
		}
	}
	if _, err := p.Ask(get("https://a.test/off")); !fault.Is(err, fault.Offline) {
		t.Errorf("%v", err)
	}
	if p.Miss() != nil || len(p.Unused()) != 1 || p.Unused()[0] != "the call ai.chat" {
		t.Errorf("%v %v", p.Miss(), p.Unused())
	}
	a, err := p.Ask(cassette.Exchange{Call: &cassette.Call{Op: "ai.chat", Params: json.RawMessage(`{"messages":[]}`)}})
	if err != nil || string(a.Value) != `{"text":"hello"}` && !strings.Contains(string(a.Value), "hello") {
		t.Errorf("%v %s", err, a.Value)
	}
	if told, ok := p.Connection("default"); !ok || !strings.Contains(string(told), "a.test") {
		t.Errorf("%s", told)
	}
	if _, ok := p.Connection("other"); ok {
		t.Error("a service was told of that the recording does not have")
	}
}

func TestWhatDoesNotFitIsNamed(t *testing.T) {
	t.Parallel()
	base := answered(post("https://a.test/x?q=1", "application/json", `{"a":1}`), `{}`)
	change := func(edit func(*cassette.Exchange)) cassette.Exchange {
		x := post("https://a.test/x?q=1", "application/json", `{"a":1}`)
		edit(&x)
		return x
	}
	for name, c := range map[string]struct {
		ask     cassette.Exchange
		message string
		hint    string
	}{
		"another address": {get("https://a.test/y"), "GET https://a.test/y, the 1st question", "next one that was recorded is POST https://a.test/x?q=1"},
		"another query":   {post("https://a.test/x?q=2", "application/json", `{"a":1}`), "POST https://a.test/x?q=2", "another query"},
		"another body":    {post("https://a.test/x?q=1", "application/json", `{"a":2}`), "POST", "another body"},
		"another service": {change(func(x *cassette.Exchange) { x.Service = "default" }), "POST", "another service"},
		"another header":  {change(func(x *cassette.Exchange) { x.Request.Headers["Notion-Version"] = "1" }), "POST", "other headers"},
		"a call":          {cassette.Exchange{Call: &cassette.Call{Op: "tools.list"}}, "the call tools.list", "recorded"},
		"no secret":       {get("https://a.test/z?token=" + session), "token=hidden", "recorded"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, p := tape(t, base)
			_, err := p.Ask(c.ask)
			problem := fault.Public(err)
			if !fault.Is(err, fault.NotFound) || !strings.Contains(problem.Message, c.message) || !strings.Contains(problem.Hint, c.hint) {
				t.Fatalf("%+v", problem)
			}
			if _, again := p.Ask(get("https://a.test/never")); p.Miss() == nil || p.Miss().Error() != err.Error() || again == nil {
				t.Errorf("%v", p.Miss())
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"nothing":     "",
		"other":       `{"version": 2}`,
		"no question": `{"version": 1, "exchanges": [{"answer": {}}]}`,
		"no answer":   `{"version": 1, "exchanges": [{"request": {"method": "GET", "url": "x"}}]}`,
		"a list":      `[]`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := cassette.Parse("x.json", []byte(text)); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "x.json") {
				t.Fatal(err)
			}
		})
	}
}

// FuzzPlay: whatever stands in a file, asking for what it holds gives it.
func FuzzPlay(f *testing.F) {
	f.Add([]byte(`{"version":1,"exchanges":[{"service":"default","request":{"method":"GET","url":"https://a.test/?key=1","json":{"a":"b"}},"answer":{"status":200,"text":"x"}}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		c, err := cassette.Parse("x.json", raw)
		if err != nil {
			return
		}
		p := c.Play()
		for _, x := range c.Exchanges {
			if _, err := p.Ask(x); err != nil && x.Fault == nil {
				t.Fatal(err)
			}
		}
		if _, err := c.Encode(); err != nil {
			t.Fatal(err)
		}
	})
}

func TestShorten(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ä", 50_000)
	list := []cassette.Exchange{answered(post("https://a.test/", "text/plain", long), `["`+long+`"]`), {Call: &cassette.Call{Op: "x", Params: json.RawMessage(`"` + long + `"`)}}}
	short := cassette.Shorten(list)
	if n := len(short[0].Request.Text); n > 65<<10 || !strings.HasSuffix(short[0].Request.Text, "ä…") {
		t.Errorf("%d bytes", n)
	}
	if short[0].Answer.JSON != nil || !strings.HasPrefix(short[0].Answer.Text, `["ä`) || string(short[1].Call.Params) != `"…"` {
		t.Error("a content is whole")
	}
	if list[0].Request.Text != long || len(list[1].Call.Params) != len(long)+2 {
		t.Error("the recording itself is shorter")
	}
}
