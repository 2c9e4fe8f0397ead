package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"strings"
	"time"

	"pie/app"
	"pie/app/door"
	"pie/backend/connection"
	"pie/backend/fault"
)

// mostLine is the longest pasted address, in bytes.
const mostLine = 64 << 10

// stopTime is how long a stopped sign-in or run has to end by itself.
const stopTime = 5 * time.Second

// signIn is one sign-in under way.
type signIn struct {
	*face
	door   *door.Door
	op     string
	shown  bool
	events <-chan app.Event
	lines  <-chan string
	done   chan result
}

type result struct {
	raw json.RawMessage
	err error
}

// wait goes on until the sign-in is over. Ctrl-C ends it; the end of standard
// input does not.
func (s *signIn) wait(life context.Context) result {
	stopped, late := s.ctx.Done(), (<-chan time.Time)(nil)
	for {
		select {
		case r := <-s.done:
			return r
		case event, ok := <-s.events:
			if !ok {
				s.events = nil
			}
			if event.Kind == "attempt" && (event.ID == s.op || event.ID == "") {
				s.showAttempt(life)
			}
		case line, ok := <-s.lines:
			if !ok {
				s.lines = nil
				continue
			}
			if line = strings.TrimSpace(line); line != "" {
				s.paste(life, line)
			}
		case <-stopped:
			stopped, late = nil, time.After(stopTime)
			go func() { _ = s.door.Call(life, "Operations.Cancel", app.OpRef{Op: s.op}, nil) }()
		case <-late:
			return result{err: context.Canceled}
		}
	}
}

// showAttempt prints the address to sign in at, once.
func (s *signIn) showAttempt(ctx context.Context) {
	var a connection.Attempt
	if s.shown || s.door.Call(ctx, "Connections.Attempt", app.OpRef{Op: s.op}, &a) != nil || a.URL == "" {
		return
	}
	s.shown = true
	if a.Step == "device" || a.UserCode != "" {
		s.showDevice(a)
		return
	}
	if s.json {
		s.value(struct {
			Event       string `json:"event"`
			URL         string `json:"url"`
			RedirectURI string `json:"redirect_uri"`
		}{"authorize", a.URL, a.RedirectURI})
		return
	}
	s.say("\nSign in here:\n\n  %s\n", cell(a.URL))
	switch {
	case a.Relay:
		s.say("Your own page then hands you back by a button. If it does not, copy the link of\nthe button and paste it here, then press Enter.")
	case a.Kind == "paste":
		s.say("Afterwards the browser shows a page that cannot be opened. Copy its address and\npaste it here, then press Enter.")
	case a.Kind == "scheme":
		s.say("The browser then asks to open PIE Desktop. If it does not, copy the address of\nthe page and paste it here, then press Enter.")
	default:
		s.say("The browser comes back by itself. If it does not, copy the address of the page\nand paste it here, then press Enter.")
	}
}

// showDevice prints the code, and the page to type it on.
func (s *signIn) showDevice(a connection.Attempt) {
	left := time.Duration(0)
	if a.ExpiresAt != nil {
		left = time.Until(*a.ExpiresAt).Round(time.Second)
	}
	if s.json {
		s.value(struct {
			Event     string `json:"event"`
			URI       string `json:"verification_uri"`
			Complete  string `json:"verification_uri_complete"`
			UserCode  string `json:"user_code"`
			ExpiresIn int    `json:"expires_in"`
		}{"device", a.VerificationURI, a.VerificationURIComplete, a.UserCode, int(left.Seconds())})
		return
	}
	s.say("\nOpen this page in any browser, on this computer or another:\n\n  %s\n", cell(a.VerificationURI))
	s.say("and type this code:\n\n  %s\n", cell(a.UserCode))
	s.say("It is good for %s. Type it only there, and give it to nobody.", left)
}

// paste hands in an address that a person has copied. A wrong one is told and the
// sign-in goes on waiting.
func (s *signIn) paste(ctx context.Context, link string) {
	err := s.door.Call(ctx, "Connections.Callback", app.CallbackRequest{Link: link}, nil)
	if err == nil {
		return
	}
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Invalid) {
		problem := fault.Public(err)
		s.say("%s Still waiting: paste the whole address of the page that you came back to.", problem.Message)
	}
}

// ended prints how the sign-in ended.
func (s *signIn) ended(r result) error {
	if r.err != nil && s.json {
		s.value(struct {
			Event string         `json:"event"`
			Error *fault.Problem `json:"error"`
		}{"failed", fault.Public(r.err)})
		problem := fault.Public(r.err)
		s.say("pie: %s", problem.Message)
		if problem.Hint != "" {
			s.say("%s", problem.Hint)
		}
		return &ended{exitCode(r.err)}
	}
	if r.err != nil {
		return r.err
	}
	if s.json {
		s.value(struct {
			Event      string          `json:"event"`
			Connection json.RawMessage `json:"connection"`
		}{"connected", r.raw})
		return nil
	}
	var c connection.Connection
	if err := json.Unmarshal(r.raw, &c); err != nil {
		return fault.Wrap(err, fault.Internal, "The answer of PIE Desktop cannot be read.", "Look at: pie connections")
	}
	s.connected(c)
	return nil
}

func (f *face) connected(c connection.Connection) {
	as := ""
	if c.Account != nil && c.Account.Label != "" {
		as = " as " + cell(c.Account.Label)
	}
	by := ""
	if c.Kind == "token" {
		by = ", by a personal token"
	}
	f.print("%s is connected to %s%s%s.", cell(c.Agent), cell(c.Provider), as, by)
	if c.Kind == "token" && c.CheckedAt == nil && c.Problem == nil {
		f.print("It could not be tried: the service has no address for that.")
	}
	if c.Problem != nil {
		f.print("%s %s", cell(c.Problem.Message), cell(c.Problem.Hint))
	}
	if c.Status == connection.NeedsMore {
		f.print("It was given less than it asks for, so some of it may not work.")
	}
}

// readLines gives the lines of in until it ends. A line that is too long is cut.
func readLines(ctx context.Context, in io.Reader) <-chan string {
	lines := make(chan string)
	if in == nil {
		close(lines)
		return lines
	}
	go func() {
		defer close(lines)
		reader := bufio.NewReaderSize(in, mostLine)
		for {
			line, _, err := reader.ReadLine()
			if err != nil {
				return
			}
			select {
			case lines <- string(line):
			case <-ctx.Done():
				return
			}
		}
	}()
	return lines
}
