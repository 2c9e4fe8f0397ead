package cassette

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"pie/backend/secret"
)

var (
	// secretName are names of values that nobody else may know.
	secretName = regexp.MustCompile(`(?i)(?:token|secret|passw(?:or)?d|api_?-?key|access_?-?key|private_?-?key|credentials?|authorization|cookie|session_?id|jwt|assertion|otp|signature|sig)$`)
	// openName are names that only look so: they lead to the next page of a list.
	openName = regexp.MustCompile(`(?i)(?:page|sync|next|continuation|delta)_?-?token$`)
	// queryName are further ones, in addresses and forms.
	queryName = regexp.MustCompile(`(?i)^(?:key|appid|app_id|auth|hash|code|state|nonce)$`)
	// parameter is one of an address within a text, also within JSON.
	parameter = regexp.MustCompile(`([?&]|\\u0026|&amp;)([A-Za-z0-9_.-]{1,64})=([^&\s"'<>\\#]+)`)
	// member is a text of a JSON object with its name.
	member = regexp.MustCompile(`"((?:[^"\\]|\\.){1,100})"(\s*:\s*)"((?:[^"\\]|\\.)*)"`)
)

func isSecretName(name string) bool {
	return secretName.MatchString(name) && !openName.MatchString(name)
}

func isSecretQuery(name string) bool { return isSecretName(name) || queryName.MatchString(name) }

// keptHeaders are those that say how a content is to be read, and nothing about
// a person.
func keptHeader(name string) bool {
	return !isSecretName(name) && !strings.Contains(strings.ToLower(name), "cookie") && !strings.Contains(strings.ToLower(name), "auth") &&
		!strings.HasSuffix(strings.ToLower(name), "key")
}

const shortestSecret = 8 // a shorter value is replaced where it stands, not everywhere

// hider replaces secrets. Each value has one word, wherever it stands.
type hider struct {
	scrubber *secret.Scrubber // knows the values of the agent's secrets
	words    map[string]string
	order    []string // longest first
}

func newHider(secrets []secret.String) *hider {
	return &hider{scrubber: secret.NewScrubber(secrets...), words: map[string]string{}}
}

var hiddenWord = regexp.MustCompile(`^(?:hidden(?:-\d+)?|\[redacted\])$`)

func (h *hider) learn(value string) {
	if len(value) < shortestSecret || h.words[value] != "" || hiddenWord.MatchString(value) || h.scrubber.Text(value) != value {
		return
	}
	h.words[value] = fmt.Sprintf("hidden-%d", len(h.words)+1)
	h.order = append(h.order, value)
	slices.SortStableFunc(h.order, func(a, b string) int { return len(b) - len(a) })
}

// look learns what a text holds.
func (h *hider) look(text string) {
	for _, s := range secret.Suspects(text, false) {
		if s.Kind != secret.KindNamed { // names are looked at below, more closely
			h.learn(text[s.Start:s.End])
		}
	}
	for _, m := range member.FindAllStringSubmatch(text, -1) {
		if isSecretName(m[1]) {
			h.learn(unquote(m[3]))
		}
	}
	for _, m := range parameter.FindAllStringSubmatch(text, -1) {
		if value, err := url.QueryUnescape(m[3]); err == nil && isSecretName(m[2]) {
			h.learn(value)
		}
	}
}

// lookAt learns what an address or a form holds.
func (h *hider) lookAt(values url.Values) {
	for name, list := range values {
		for _, value := range list {
			if isSecretQuery(name) {
				h.learn(value)
			}
			h.look(`"` + value + `"`)
		}
	}
}

// text replaces all that is known.
func (h *hider) text(text string) string {
	text = h.scrubber.Text(text)
	for _, value := range h.order {
		for _, form := range []string{value, url.QueryEscape(value), url.PathEscape(value), quote(value)} {
			text = strings.ReplaceAll(text, form, h.words[value])
		}
	}
	return parameter.ReplaceAllStringFunc(text, func(all string) string {
		m := parameter.FindStringSubmatch(all)
		if !isSecretName(m[2]) || hiddenWord.MatchString(m[3]) {
			return all
		}
		return m[1] + m[2] + "=hidden"
	})
}

// json is text for JSON; what is named as a secret goes whatever it is.
func (h *hider) json(raw json.RawMessage) json.RawMessage {
	if raw == nil {
		return nil
	}
	out := member.ReplaceAllStringFunc(h.text(string(raw)), func(all string) string {
		m := member.FindStringSubmatch(all)
		if !isSecretName(m[1]) || m[3] == "" || hiddenWord.MatchString(m[3]) {
			return all
		}
		return `"` + m[1] + `"` + m[2] + `"hidden"`
	})
	if !json.Valid([]byte(out)) {
		return json.RawMessage(`"hidden"`) // a replacement broke it; nothing of it is kept
	}
	return json.RawMessage(out)
}

// address hides the values of the query that are named as secrets.
func (h *hider) address(text string) string {
	text = h.text(text)
	before, query, found := strings.Cut(text, "?")
	if !found {
		return text
	}
	return before + "?" + h.form(query)
}

// form is address for a query alone. The order stays.
func (h *hider) form(query string) string {
	query, fragment, found := strings.Cut(query, "#")
	pairs := strings.Split(h.text(query), "&")
	for i, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		plain, err := url.QueryUnescape(name)
		if err == nil && isSecretQuery(plain) && value != "" && !hiddenWord.MatchString(value) {
			pairs[i] = name + "=hidden"
		}
	}
	if found {
		return strings.Join(pairs, "&") + "#" + h.text(fragment)
	}
	return strings.Join(pairs, "&")
}

func (h *hider) headers(headers map[string]string) map[string]string {
	out := map[string]string{}
	for name, value := range headers {
		if keptHeader(name) {
			out[name] = h.text(value)
		}
	}
	return out
}

func (h *hider) body(b Body, form bool) Body {
	if form {
		return Body{Text: h.form(b.Text)}
	}
	return Body{JSON: h.json(b.JSON), Text: h.text(b.Text), Base64: h.text(b.Base64)}
}

func unquote(inner string) string {
	var out string
	if json.Unmarshal([]byte(`"`+inner+`"`), &out) != nil {
		return inner
	}
	return out
}

func quote(value string) string {
	raw, err := json.Marshal(value)
	if err != nil {
		return value
	}
	return strings.Trim(string(raw), `"`)
}
