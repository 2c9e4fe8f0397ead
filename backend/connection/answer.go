package connection

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"pie/backend/fault"
)

const (
	bodyLimit    = 10 << 20 // bytes, decoded
	maxCoding    = 3        // encodings laid over one another
	sharedBuffer = 32 << 10 // bytes
)

// stripped are answer headers that may carry credentials.
func stripped(name string) bool {
	switch name {
	case "set-cookie", "set-cookie2", "authorization", "proxy-authorization", "www-authenticate", "proxy-authenticate",
		"authentication-info", "proxy-authentication-info":
		return true
	}
	return false
}

var errCoding = errors.New("unknown encoding")

// take reads the answer whole, decodes it, removes every token of the run from
// it and writes it down.
func (s *Session) take(p pass, call Call, u *url.URL, started time.Time, res *http.Response) (Answer, error) {
	raw, err := s.m.readAnswer(res)
	body, codingErr := raw, error(nil)
	if err == nil && len(raw) > 0 {
		body, codingErr = decoded(raw, res.Header.Values("Content-Encoding"))
	}
	s.note(p, call.Method, u, started, event{status: res.StatusCode, in: int64(len(raw)), out: int64(len(call.Body)), decision: "sent"})
	switch {
	case errors.Is(err, errTooLarge) || errors.Is(codingErr, errTooLarge):
		return Answer{}, fault.New(fault.Limited, "The answer is larger than 10 MB.", "Ask the service for less at a time.")
	case err != nil:
		return Answer{}, fault.Wrap(err, fault.Offline, "The connection broke while the answer was coming in.", "Try again.")
	case codingErr != nil:
		return Answer{}, fault.Wrap(codingErr, fault.Denied, "The service answered in an encoding that was not asked for, so it cannot be looked through.", "Try again; if it stays, ask the service for another format.")
	}
	answer := Answer{OK: res.StatusCode >= 200 && res.StatusCode < 300, Status: res.StatusCode, Headers: s.headers(res.Header), Body: s.scrubber.Bytes(body)}
	challenge := strings.Join(res.Header.Values("WWW-Authenticate"), " ")
	answer.missingScope = strings.Contains(challenge, "insufficient_scope")
	answer.invalidToken = strings.Contains(challenge, "invalid_token")
	if len(answer.Body) != len(raw) || len(body) != len(raw) {
		delete(answer.Headers, "content-length")
	}
	delete(answer.Headers, "content-encoding")
	return answer, nil
}

var errTooLarge = errors.New("too large")

func readBounded(r io.Reader) ([]byte, error) { return readInto(nil, r) }

// readAnswer reads a body. A small one is read into a buffer that all requests
// share, which keeps nothing of it, and takes up no more than it needs.
func (m *Manager) readAnswer(res *http.Response) ([]byte, error) {
	shared, _ := m.buffers.Get().(*[]byte)
	if shared == nil {
		shared = new(make([]byte, 0, sharedBuffer))
	}
	body, err := readInto(*shared, res.Body)
	used := min(len(body), cap(*shared))
	if cap(body) == cap(*shared) {
		body = bytes.Clone(body)
	}
	clear((*shared)[:used])
	m.buffers.Put(shared)
	return body, err
}

// readInto reads r to its end, into the room of buffer while there is some.
func readInto(buffer []byte, r io.Reader) ([]byte, error) {
	r = io.LimitReader(r, bodyLimit+1)
	for {
		if len(buffer) == cap(buffer) {
			buffer = slices.Grow(buffer, max(len(buffer), 512))
		}
		n, err := r.Read(buffer[len(buffer):cap(buffer)])
		buffer = buffer[:len(buffer)+n]
		switch {
		case err == io.EOF && len(buffer) > bodyLimit:
			return buffer, errTooLarge
		case err == io.EOF:
			return buffer, nil
		case err != nil:
			return buffer, err
		}
	}
}

// decoded undoes content codings (RFC 9110, section 8.4), the last one first. The
// transport asks for gzip and undoes that by itself; a server may still send what
// nobody asked for, and a token must not hide in it.
func decoded(body []byte, header []string) ([]byte, error) {
	codings := strings.FieldsFunc(strings.ToLower(strings.Join(header, ",")), func(r rune) bool { return r == ',' || r == ' ' })
	if len(codings) > maxCoding {
		return nil, errCoding
	}
	for _, coding := range slices.Backward(codings) {
		r, err := decoder(coding, body)
		if err != nil {
			return nil, err
		}
		if body, err = readBounded(r); err != nil {
			return nil, err
		}
	}
	return body, nil
}

func decoder(coding string, body []byte) (io.Reader, error) {
	switch coding {
	case "identity":
		return bytes.NewReader(body), nil
	case "gzip", "x-gzip":
		return gzip.NewReader(bytes.NewReader(body))
	case "deflate":
		if r, err := zlib.NewReader(bytes.NewReader(body)); err == nil {
			return r, nil
		}
		return flate.NewReader(bytes.NewReader(body)), nil // as some servers do it
	}
	return nil, errCoding
}

// headers are those an agent may see, by lower-case name, without a token in name
// or value.
func (s *Session) headers(from http.Header) map[string]string {
	s.mu.Lock()
	lowered := s.lowered
	s.mu.Unlock()
	out := make(map[string]string, len(from))
	for name, values := range from {
		lower := strings.ToLower(name)
		if stripped(lower) || s.scrubber.Text(lower) != lower || containsAny(lower, lowered) {
			continue
		}
		out[lower] = s.scrubber.Text(strings.Join(values, ", "))
	}
	return out
}

func containsAny(text string, parts []string) bool {
	for _, part := range parts {
		if len(part) >= 8 && strings.Contains(text, part) {
			return true
		}
	}
	return false
}
