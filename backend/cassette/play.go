package cassette

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"

	"pie/backend/fault"
	"pie/backend/secret"
)

// Player answers a run from a recording, each exchange once. It is safe for
// concurrent use.
type Player struct {
	hider *hider
	left  []Exchange
	keys  []string // of left
	told  map[string]json.RawMessage

	mu    sync.Mutex
	asked int
	miss  error
}

// Play begins to answer from c.
func (c *Cassette) Play() *Player {
	p := &Player{left: slices.Clone(c.Exchanges), told: c.Connections}
	p.hider = newHider(nil)
	for _, x := range p.left {
		p.keys = append(p.keys, p.key(x))
	}
	return p
}

// StandIn is what the code reads as the secret name while a recording plays. The
// value itself is in no recording.
func (p *Player) StandIn(name string) secret.String {
	value := secret.New("stand-in-for-" + name)
	p.hider.scrubber.Add(value)
	return value
}

// Connection is what the code was told of a service when the recording was made.
func (p *Player) Connection(service string) (told json.RawMessage, known bool) {
	told, known = p.told[service]
	return told, known
}

// Ask finds the answer to x, which holds a request or a call. Faults: the
// recorded one; not_found when nothing recorded fits.
func (p *Player) Ask(x Exchange) (Answer, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked++
	i := slices.Index(p.keys, p.key(x))
	if i < 0 {
		err := fault.New(fault.NotFound, fmt.Sprintf("The recording has no answer for %s, the %s of this run.", p.name(x), ordinal(p.asked)), p.nearest(x))
		if p.miss == nil {
			p.miss = err
		}
		return Answer{}, err
	}
	found := p.left[i]
	p.left, p.keys = slices.Delete(p.left, i, i+1), slices.Delete(p.keys, i, i+1)
	if found.Fault != nil {
		return Answer{}, fault.New(found.Fault.Code, found.Fault.Message, found.Fault.Hint)
	}
	return *found.Answer, nil
}

// Miss is the fault of the first question that nothing recorded fitted, nil when
// all had an answer. The code may have caught it; the recording is outdated
// nevertheless.
func (p *Player) Miss() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.miss
}

// Unused names the recorded questions that were not asked.
func (p *Player) Unused() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := []string{}
	for _, x := range p.left {
		out = append(out, p.name(x))
	}
	return out
}

func (p *Player) name(x Exchange) string {
	if x.Call != nil {
		return "the call " + x.Call.Op
	}
	return x.Request.Method + " " + p.hider.address(x.Request.URL)
}

// nearest says in what a recorded question for the same address differs.
func (p *Player) nearest(x Exchange) string {
	const again = "Record it again with --record, or correct the code."
	place := func(x Exchange) string {
		address, _, _ := strings.Cut(p.name(x), "?")
		return address
	}
	for _, each := range p.left {
		if place(each) != place(x) || x.Request == nil {
			continue
		}
		switch {
		case each.Service != x.Service:
			return "One was recorded that went through another service. " + again
		case normalAddress(p.hider, each.Request.URL) != normalAddress(p.hider, x.Request.URL):
			return "One was recorded with another query. " + again
		case normalBody(p.hider, each.Request) != normalBody(p.hider, x.Request):
			return "One was recorded with another body. " + again
		}
		return "One was recorded with other headers. " + again
	}
	if len(p.left) > 0 {
		return "The next one that was recorded is " + p.name(p.left[0]) + ". " + again
	}
	return "All that was recorded has been asked for. " + again
}

// key is what two exchanges have in common that are the same question.
func (p *Player) key(x Exchange) string {
	if q := x.Call; q != nil {
		return strings.Join([]string{"call", q.Op, normalJSON(p.hider, q.Params), p.hider.text(string(q.Bytes()))}, "\n")
	}
	q := x.Request
	var headers []string
	for name, value := range p.hider.headers(q.Headers) {
		if name = strings.ToLower(name); !slices.Contains([]string{"user-agent", "x-request-id", "date", "traceparent"}, name) {
			headers = append(headers, name+": "+value)
		}
	}
	slices.Sort(headers)
	return strings.Join([]string{
		"request", x.Service, strings.ToUpper(q.Method), normalAddress(p.hider, q.URL), strings.Join(headers, "\n"), normalBody(p.hider, q),
	}, "\n")
}

// Values that are named as secrets fit any other: what they are made of is not
// in the recording.
const anything = "*"

func normalAddress(h *hider, text string) string {
	before, query, _ := strings.Cut(h.text(text), "?")
	return before + "?" + normalForm(query)
}

func normalForm(query string) string {
	query, _, _ = strings.Cut(query, "#")
	values, err := url.ParseQuery(query)
	if err != nil {
		return query
	}
	for name := range values {
		if isSecretQuery(name) {
			values[name] = []string{anything}
		}
	}
	return values.Encode()
}

func normalBody(h *hider, q *Request) string {
	switch {
	case isForm(q):
		return normalForm(h.text(q.Text))
	case q.JSON != nil:
		return normalJSON(h, q.JSON)
	}
	return h.text(string(q.Bytes()))
}

func normalJSON(h *hider, raw json.RawMessage) string {
	text := member.ReplaceAllStringFunc(h.text(string(raw)), func(all string) string {
		m := member.FindStringSubmatch(all)
		if !isSecretName(m[1]) {
			return all
		}
		return `"` + m[1] + `":"` + anything + `"`
	})
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var value any
	if decoder.Decode(&value) != nil {
		return text
	}
	var b bytes.Buffer
	if json.NewEncoder(&b).Encode(value) != nil { // sorts the keys
		return text
	}
	return strings.TrimSpace(b.String())
}

func ordinal(n int) string {
	suffix := "th"
	if n%100 < 11 || n%100 > 13 {
		switch n % 10 {
		case 1:
			suffix = "st"
		case 2:
			suffix = "nd"
		case 3:
			suffix = "rd"
		}
	}
	return fmt.Sprintf("%d%s question", n, suffix)
}
