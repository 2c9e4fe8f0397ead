package connection

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"

	"pie/backend/fault"
	"pie/backend/provider"
)

const (
	hopLimit = 10
	hopTime  = 2 * time.Minute // one hop with its whole body
)

// send follows redirects by itself: every hop is checked, and the token is set
// on a hop only when that hop is allowed.
func (s *Session) send(ctx context.Context, p pass, call Call, u *url.URL) (Answer, error) {
	call.Method = strings.ToUpper(call.Method)
	if call.Method == "" {
		call.Method = http.MethodGet
	}
	for range hopLimit {
		answer, next, err := s.hop(ctx, p, call, u)
		if err != nil || next == nil {
			return answer, err
		}
		again, follow := redirected(call, answer.Status)
		if !follow {
			return answer, nil
		}
		if err := s.mayFollow(p, again.Method, next); err != nil {
			return Answer{}, err
		}
		call, u = again, next
	}
	return Answer{}, fault.New(fault.Limited, "The service redirected ten times without an answer.", "Try again later.")
}

// hop sends one request and reads its answer; next is where a redirect leads.
func (s *Session) hop(ctx context.Context, p pass, call Call, u *url.URL) (a Answer, next *url.URL, err error) {
	started := s.m.Now()
	ctx, cancel := context.WithTimeout(ctx, hopTime)
	defer cancel()
	r, err := newRequest(ctx, p, call, u)
	if err != nil {
		return Answer{}, nil, err
	}
	if p.may.left != nil {
		r = r.WithContext(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { p.may.left() }}))
	}
	// Not by a client: it reads Location by itself and prints it in its errors.
	res, err := s.m.transportFor(p.allowed, u).RoundTrip(r)
	if err != nil {
		return Answer{}, nil, s.unreached(ctx, p, call.Method, u, started, err)
	}
	defer func() { _ = res.Body.Close() }()
	next = location(res, u)
	a, err = s.take(p, call, u, started, res)
	if err != nil && ctx.Err() != nil {
		err = stopped(ctx)
	}
	return a, next, err
}

func location(res *http.Response, from *url.URL) *url.URL {
	switch res.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
	default:
		return nil
	}
	text := res.Header.Get("Location")
	next, err := from.Parse(text)
	if err != nil || text == "" || len(text) > longestURL || next.Host == "" {
		return nil
	}
	return next
}

// redirected is the request that follows a redirect (RFC 9110, section 15.4). A
// body goes on only with 307 and 308. Another write than POST is not turned into
// a read by a 301 or 302: the agent gets that answer as it is.
func redirected(call Call, status int) (again Call, follow bool) {
	switch {
	case isRead(call.Method), status == http.StatusTemporaryRedirect, status == http.StatusPermanentRedirect:
		return call, true
	case status != http.StatusSeeOther && call.Method != http.MethodPost:
		return call, false
	}
	again = Call{Method: http.MethodGet, URL: call.URL, Headers: map[string]string{}}
	for name, value := range call.Headers {
		if !strings.HasPrefix(http.CanonicalHeaderKey(name), "Content-") {
			again.Headers[name] = value
		}
	}
	return again, true
}

// mayFollow: a read goes on without the token to any public https address (that
// is how files are handed out); a write and context.fetch never leave the
// approved hosts. What may only read does not become a write on the way.
func (s *Session) mayFollow(p pass, method string, next *url.URL) error {
	hint := "Nothing was sent there."
	if p.readOnly != nil && !p.readOnly(method, next) {
		return s.block(p, method, next, "The service redirected a read to what may be a write.", hint)
	}
	if p.allowed.Allowed(next) {
		if !isRead(method) && p.may.writeTo != nil && !p.may.writeTo(next) {
			return s.block(p, method, next, fmt.Sprintf("The service redirected a write to %s, which the agent never wrote to before.", s.host(next)), hint)
		}
		return nil
	}
	if _, ok := provider.Origin(next); ok && p.sign != nil && isRead(method) && strings.EqualFold(next.Scheme, "https") && !provider.NamesPrivate(next.Hostname()) {
		return nil
	}
	return s.block(p, method, next, fmt.Sprintf("The service redirected to %s, which is not allowed.", s.host(next)), hint)
}

// dropped are request headers that the program sets itself, or nobody should.
func dropped() []string {
	return []string{
		"Authorization", "Proxy-Authorization", "Proxy-Connection", "Cookie", "Host", "Connection", "Transfer-Encoding",
		"Content-Length", "Accept-Encoding", "Upgrade", "Te", "Trailer", "Keep-Alive", "Expect",
	}
}

// disguises are headers by which some servers take one method for another.
func disguises() []string {
	return []string{"X-Http-Method-Override", "X-Http-Method", "X-Method-Override"}
}

func newRequest(ctx context.Context, p pass, call Call, u *url.URL) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, call.Method, u.String(), bytes.NewReader(call.Body))
	if err != nil {
		return nil, unsendable()
	}
	r.Header.Set("User-Agent", "PIE-Desktop")
	allowed := p.allowed.Allowed(u)
	for name, value := range call.Headers {
		if !httpguts.ValidHeaderFieldName(name) || !httpguts.ValidHeaderFieldValue(value) {
			return nil, unsendable()
		}
		if header := http.CanonicalHeaderKey(name); passes(p, header, allowed) {
			r.Header.Set(header, value)
		}
	}
	if p.sign != nil && allowed {
		p.sign(r)
	}
	return r, nil
}

// passes tells whether a header of the agent goes out. Beyond the allowed hosts
// nothing does that could hold a key of its own.
func passes(p pass, header string, allowed bool) bool {
	switch {
	case !allowed:
		return header == "Accept"
	case header == "Authorization":
		return p.sign == nil // an agent's own key, to a host it was given
	case p.readOnly != nil && slices.Contains(disguises(), header):
		return false
	}
	return !slices.Contains(dropped(), header)
}

func (s *Session) unreached(ctx context.Context, p pass, method string, u *url.URL, started time.Time, err error) error {
	private := errors.Is(err, errPrivate)
	err = errors.New(s.scrubber.Text(err.Error())) // a library may print a line of the answer
	decision, reason := "sent", "no answer"
	if private {
		decision, reason = "blocked", "private network"
	}
	s.note(p, method, u, started, event{decision: decision, reason: reason})
	switch {
	case private:
		return fault.Wrap(err, fault.Denied, s.host(u)+" leads into a private network, which was not approved.", "Approve the address itself if it is yours.")
	case ctx.Err() != nil:
		return stopped(ctx)
	}
	return fault.Wrap(err, fault.Offline, s.host(u)+" cannot be reached.", "Check the network and try again.")
}
