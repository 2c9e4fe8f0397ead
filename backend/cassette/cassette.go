// Package cassette owns recordings of runs: what an agent's code asked of the
// world and what it was told, in a file that a person can read. Played back, a
// run needs no network, no connection and no secret.
//
// No secret enters a recording. What the program knows (tokens, the agent's
// secrets) is taken out in every form; what looks like a secret or is named like
// one is replaced by the same word wherever it stands, so that a request made of
// an earlier answer still fits.
package cassette

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"pie/backend/fault"
)

// Version is that of the files, and Longest how many bytes one may have.
const (
	Version = 1
	Longest = 32 << 20
)

const mostEntries = 10_000

// Cassette is one recording of one run.
type Cassette struct {
	Version     int                        `json:"version"`
	Agent       string                     `json:"agent"`
	Function    string                     `json:"function"`
	RecordedAt  time.Time                  `json:"recorded_at"`
	Zone        string                     `json:"zone"` // of the run's dates, an IANA name
	Input       json.RawMessage            `json:"input"`
	UserConfig  json.RawMessage            `json:"user_config,omitempty"`
	Connections map[string]json.RawMessage `json:"connections"` // by service, as the code sees them
	Exchanges   []Exchange                 `json:"exchanges"`
}

// Exchange is one question and its answer: a request or a call, and an answer or
// a fault.
type Exchange struct {
	Service string         `json:"service,omitempty"` // "" for context.fetch and for calls
	Request *Request       `json:"request,omitempty"`
	Call    *Call          `json:"call,omitempty"`
	Answer  *Answer        `json:"answer,omitempty"`
	Fault   *fault.Problem `json:"fault,omitempty"`
	MS      int64          `json:"ms"`
}

// Request is a request of the code.
type Request struct {
	Method  string            `json:"method"`
	URL     string            `json:"url"`
	Headers map[string]string `json:"headers,omitempty"`
	Body
}

// Call is something else that the code asked for, such as a file.
type Call struct {
	Op     string          `json:"op"`
	Params json.RawMessage `json:"params,omitempty"`
	Body
}

// Answer is what came back: a response with its status, or the value of a call.
type Answer struct {
	Status  int               `json:"status,omitempty"`
	Headers map[string]string `json:"headers,omitempty"`
	Value   json.RawMessage   `json:"value,omitempty"`
	Body
}

// Body is a content in the form that reads best. One field is set at most.
type Body struct {
	JSON   json.RawMessage `json:"json,omitempty"`
	Text   string          `json:"text,omitempty"`
	Base64 string          `json:"base64,omitempty"`
}

// NewBody gives content its form. JSON loses its white space.
func NewBody(content []byte) Body {
	switch {
	case len(content) == 0:
		return Body{}
	case !utf8.Valid(content):
		return Body{Base64: base64.StdEncoding.EncodeToString(content)}
	}
	var compact bytes.Buffer
	if (content[0] == '{' || content[0] == '[') && json.Compact(&compact, content) == nil {
		return Body{JSON: compact.Bytes()}
	}
	return Body{Text: string(content)}
}

// Bytes is the content.
func (b Body) Bytes() []byte {
	switch {
	case b.JSON != nil:
		var compact bytes.Buffer
		if json.Compact(&compact, b.JSON) != nil {
			return b.JSON
		}
		return compact.Bytes()
	case b.Base64 != "":
		raw, err := base64.StdEncoding.DecodeString(b.Base64)
		if err != nil {
			return nil
		}
		return raw
	}
	return []byte(b.Text)
}

// mostShown is how much of a content is shown to a person, in bytes.
const mostShown = 64 << 10

// Shorten leaves out the end of long contents, for showing.
func Shorten(list []Exchange) []Exchange {
	out := slices.Clone(list)
	for i, x := range out {
		if x.Request != nil {
			q := *x.Request
			q.Body, out[i].Request = q.shortened(), &q
		}
		if x.Call != nil {
			c := *x.Call
			c.Body, c.Params, out[i].Call = c.shortened(), shortened(c.Params), &c
		}
		if x.Answer != nil {
			a := *x.Answer
			a.Body, a.Value, out[i].Answer = a.shortened(), shortened(a.Value), &a
		}
	}
	return out
}

func (b Body) shortened() Body {
	if len(b.JSON)+len(b.Text)+len(b.Base64) <= mostShown {
		return b
	}
	if b.Base64 != "" {
		return Body{Base64: b.Base64[:mostShown]}
	}
	text := string(b.JSON) + b.Text
	return Body{Text: strings.ToValidUTF8(text[:mostShown], "") + "…"}
}

func shortened(raw json.RawMessage) json.RawMessage {
	if len(raw) <= mostShown {
		return raw
	}
	return json.RawMessage(`"…"`)
}

// Encode writes the file.
func (c *Cassette) Encode() ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(c); err != nil {
		return nil, fmt.Errorf("encoding recording: %w", err)
	}
	return b.Bytes(), nil
}

// Parse reads a file; name is for its faults. Fault: invalid.
func Parse(name string, raw []byte) (*Cassette, error) {
	wrong := func(what string) error {
		return fault.New(fault.Invalid, fmt.Sprintf("%s is no recording: %s.", name, what), "Record it again: pie agent dev FOLDER --once --record")
	}
	if len(raw) > Longest {
		return nil, wrong("it is larger than 32 MB")
	}
	c := &Cassette{}
	if err := json.Unmarshal(raw, c); err != nil {
		return nil, wrong(err.Error())
	}
	if c.Version != Version {
		return nil, wrong(fmt.Sprintf("its version is %d, and this program reads %d", c.Version, Version))
	}
	if len(c.Exchanges) > mostEntries {
		return nil, wrong("it holds more than 10,000 requests")
	}
	for i, x := range c.Exchanges {
		if (x.Request == nil) == (x.Call == nil) || (x.Answer == nil) == (x.Fault == nil) {
			return nil, wrong(fmt.Sprintf("exchanges[%d] needs a request or a call, and an answer or a fault", i))
		}
	}
	return c, nil
}
