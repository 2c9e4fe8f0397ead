// Package ai asks a language model on a server that speaks the OpenAI API: one
// on this computer, or one that the person has an account with. It keeps
// nothing. Which server, which model and which key are the caller's to know.
//
// Source: the OpenAI API reference, chat completions and models.
package ai

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"pie/backend/fault"
	"pie/backend/secret"
)

// DefaultAddress is where a model server on this computer commonly listens.
const DefaultAddress = "http://127.0.0.1:11434/v1"

const (
	longestAnswer   = 4 << 20
	longestQuestion = 1 << 20 // bytes of a request
	longestReason   = 300     // bytes of what a server says about a refusal
)

// Server is a model server and how to be known there. Key may be empty.
type Server struct {
	Address string // up to /v1, without /chat/completions
	Key     secret.String
}

// Message is one turn of a conversation.
type Message struct {
	Role    string `json:"role"` // system | user | assistant
	Content string `json:"content"`
}

// Question is what Chat sends. Zero values are left out.
type Question struct {
	Model       string
	Messages    []Message
	Temperature *float64
	MaxTokens   int
	JSON        bool // the answer shall be a JSON object
}

// Answer is what a model said.
type Answer struct {
	Content      string
	Model        string
	FinishReason string // stop | length | …
	InputTokens  int
	OutputTokens int
}

// Exchange is what went over the wire, for the audit.
type Exchange struct {
	Method, Host, Path string
	Status             int
	In, Out            int64
	Took               time.Duration
}

// Client asks model servers. It is safe for concurrent use.
type Client struct {
	http    *http.Client
	observe func(context.Context, Exchange)
}

// New makes a Client that follows no redirect: the key goes to the address that
// the person set, and the words too. observe may be nil.
func New(observe func(context.Context, Exchange)) *Client {
	if observe == nil {
		observe = func(context.Context, Exchange) {}
	}
	return &Client{observe: observe, http: &http.Client{
		Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, MaxIdleConnsPerHost: 4, IdleConnTimeout: time.Minute,
			TLSHandshakeTimeout: 15 * time.Second, DialContext: (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Close lets go of idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// ParseAddress takes an https address, or http on this computer. Fault: invalid.
func ParseAddress(text string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimRight(strings.TrimSpace(text), "/"))
	bad := err != nil || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" ||
		(u.Scheme != "https" && (u.Scheme != "http" || !isLocal(u)))
	if bad {
		return nil, fault.New(fault.Invalid, "This is no address of a model server.", "Give an https address such as https://api.example.com/v1, or an http address on this computer such as "+DefaultAddress+".")
	}
	return u, nil
}

// IsLocal tells whether the server is on this computer, so that no word leaves it.
func IsLocal(address string) bool {
	u, err := ParseAddress(address)
	return err == nil && isLocal(u)
}

func isLocal(u *url.URL) bool {
	ip := net.ParseIP(u.Hostname())
	return strings.EqualFold(u.Hostname(), "localhost") || ip != nil && ip.IsLoopback()
}

// Chat asks for the next turn of a conversation. Faults: invalid, limited (too
// long, too often), offline, denied (the key), not_found (the model).
func (c *Client) Chat(ctx context.Context, s Server, q Question) (Answer, error) {
	body := map[string]any{"model": q.Model, "messages": q.Messages, "stream": false}
	if q.Temperature != nil {
		body["temperature"] = *q.Temperature
	}
	if q.MaxTokens > 0 {
		body["max_tokens"] = q.MaxTokens
	}
	if q.JSON {
		body["response_format"] = map[string]string{"type": "json_object"}
	}
	encoded, err := json.Marshal(body)
	if err != nil {
		return Answer{}, fmt.Errorf("encoding question: %w", err)
	}
	if len(encoded) > longestQuestion {
		return Answer{}, fault.New(fault.Limited, "The question to the model is longer than 1 MB.", "Send less text at a time.")
	}
	var got struct {
		Model   string `json:"model"`
		Choices []struct {
			Message struct {
				Content *string `json:"content"`
			} `json:"message"`
			FinishReason string `json:"finish_reason"`
		} `json:"choices"`
		Usage struct {
			PromptTokens     int `json:"prompt_tokens"`
			CompletionTokens int `json:"completion_tokens"`
		} `json:"usage"`
	}
	if err := c.do(ctx, s, http.MethodPost, "/chat/completions", encoded, &got); err != nil {
		return Answer{}, err
	}
	if len(got.Choices) == 0 || got.Choices[0].Message.Content == nil {
		return Answer{}, strange()
	}
	first := got.Choices[0]
	return Answer{
		Content: *first.Message.Content, Model: got.Model, FinishReason: first.FinishReason,
		InputTokens: got.Usage.PromptTokens, OutputTokens: got.Usage.CompletionTokens,
	}, nil
}

// Models returns the names of the server's models in order. Faults: as Chat.
func (c *Client) Models(ctx context.Context, s Server) ([]string, error) {
	var got struct {
		Data []struct {
			ID string `json:"id"`
		} `json:"data"`
	}
	if err := c.do(ctx, s, http.MethodGet, "/models", nil, &got); err != nil {
		return nil, err
	}
	names := []string{}
	for _, each := range got.Data {
		if each.ID != "" {
			names = append(names, each.ID)
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

func (c *Client) do(ctx context.Context, s Server, method, path string, body []byte, into any) error {
	u, err := ParseAddress(s.Address)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, method, u.String()+path, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("making request: %w", err)
	}
	r.Header.Set("Accept", "application/json")
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if !s.Key.IsEmpty() {
		r.Header.Set("Authorization", "Bearer "+s.Key.Reveal())
	}
	started := time.Now()
	exchange := Exchange{Method: method, Host: u.Host, Path: r.URL.Path, Out: int64(len(body))}
	defer func() {
		exchange.Took = time.Since(started)
		c.observe(ctx, exchange)
	}()
	res, err := c.http.Do(r)
	if err != nil {
		return unreachable(u, err)
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(io.LimitReader(res.Body, longestAnswer+1))
	exchange.Status, exchange.In = res.StatusCode, int64(len(raw))
	switch {
	case err != nil:
		return unreachable(u, err)
	case len(raw) > longestAnswer:
		return fault.New(fault.Limited, "The model's answer is larger than 4 MB.", "Ask for less.")
	case res.StatusCode != http.StatusOK:
		return refused(u, res.StatusCode, reason(raw, s.Key))
	case json.Unmarshal(raw, into) != nil:
		return strange()
	}
	return nil
}

func unreachable(u *url.URL, err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	if errors.Is(err, context.Canceled) {
		return fault.Wrap(err, fault.Canceled, "The question to the model was stopped.", "")
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return fault.Wrap(err, fault.Limited, "The model at "+u.Host+" did not answer in time.", "Ask for less, or give the agent more time.")
	}
	return fault.Wrap(err, fault.Offline, "The model server at "+u.Host+" cannot be reached.", "Start it, or set another: pie ai set --address URL")
}

func refused(u *url.URL, status int, said string) error {
	switch {
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return fault.New(fault.Denied, "The model server at "+u.Host+" does not take the key."+said, "Set the right one: pie ai set --key")
	case status == http.StatusNotFound:
		return fault.New(fault.NotFound, "The model server at "+u.Host+" does not know the model, or the address is another."+said, "See its models: pie ai models")
	case status == http.StatusTooManyRequests:
		return fault.New(fault.Limited, "The model server at "+u.Host+" wants fewer requests, or the account has no credit."+said, "Wait a little, or look at your account there.")
	case status >= 500:
		return fault.New(fault.Offline, fmt.Sprintf("The model server at %s has trouble (%d).%s", u.Host, status, said), "Try again later.")
	}
	return fault.New(fault.Invalid, fmt.Sprintf("The model server at %s did not take the question (%d).%s", u.Host, status, said), "Check the model and the options.")
}

// reason is what the server says, short and without the key.
func reason(raw []byte, key secret.String) string {
	var said struct {
		Error any `json:"error"`
	}
	if json.Unmarshal(raw, &said) != nil {
		return ""
	}
	text, _ := said.Error.(string)
	if object, ok := said.Error.(map[string]any); ok {
		text, _ = object["message"].(string)
	}
	text = strings.Join(strings.Fields(secret.NewScrubber(key).Text(text)), " ")
	if text == "" {
		return ""
	}
	if len(text) > longestReason {
		text = strings.ToValidUTF8(text[:longestReason], "") + "…"
	}
	return " It says: " + text
}

func strange() error {
	return fault.New(fault.Invalid, "The address answers, but not as a model server does.", "Check it: pie ai show")
}
