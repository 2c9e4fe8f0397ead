package connection_test

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"html"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"pie/backend/connection"
	"pie/backend/fault"
	"pie/backend/secret"
)

func urlEscape(text string) string { return url.QueryEscape(text) }

// encodings are ways in which services hand a token back.
func encodings(token string) map[string]string {
	quoted, _ := json.Marshal(token)
	unicodes, percents := "", ""
	for _, c := range []byte(token) {
		unicodes += `\u00` + hex.EncodeToString([]byte{c})
		percents += "%" + hex.EncodeToString([]byte{c})
	}
	runes := []byte(token)
	slices.Reverse(runes)
	return map[string]string{
		"raw": token, "json": strings.Trim(string(quoted), `"`), "json slash": strings.ReplaceAll(token, "/", `\/`), "json unicode": unicodes,
		"query": url.QueryEscape(token), "path": url.PathEscape(token), "query twice": url.QueryEscape(url.QueryEscape(token)), "percent all": percents,
		"html": html.EscapeString(token), "hex": hex.EncodeToString([]byte(token)), "HEX": strings.ToUpper(hex.EncodeToString([]byte(token))),
		"base64": base64.StdEncoding.EncodeToString([]byte("Bearer " + token)), "base64 url": base64.RawURLEncoding.EncodeToString([]byte(token)),
		"base64 shifted": base64.StdEncoding.EncodeToString([]byte("x" + token)), "reversed": string(runes),
	}
}

func deflated(text string) []byte {
	var b bytes.Buffer
	f, _ := flate.NewWriter(&b, flate.BestCompression)
	_, _ = io.WriteString(f, text)
	_ = f.Close()
	return b.Bytes()
}

func zlibbed(text string) []byte {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	_, _ = io.WriteString(z, text)
	_ = z.Close()
	return b.Bytes()
}

func gzipped(text string) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = io.WriteString(z, text)
	_ = z.Close()
	return b.Bytes()
}

// shows tells whether text holds token in any encoding, or a good part of it.
func shows(text, token string) string {
	for name, form := range encodings(token) {
		form = strings.TrimRight(form, "=")
		if strings.Contains(text, form) || strings.Contains(text, form[4:len(form)-4]) {
			return name
		}
	}
	return ""
}

// TestEcho: a service that hands the token back, in whatever wrapping, does not
// hand it to the agent.
func TestEcho(t *testing.T) {
	t.Parallel()
	bearer := func(r *http.Request) string { return strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ") }
	all := func(token string) string {
		var b strings.Builder
		for name, form := range encodings(token) {
			b.WriteString(name + "=" + form + "\n")
		}
		return b.String()
	}
	coded := func(coding string, code func(string) []byte) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", coding)
			_, _ = w.Write(code(all(bearer(r))))
		}
	}
	cases := map[string]struct {
		api  http.HandlerFunc
		code fault.Code
	}{
		"body": {func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, all(bearer(r))) }, ""},
		"split": {func(w http.ResponseWriter, r *http.Request) {
			for _, c := range []byte(all(bearer(r))) {
				_, _ = w.Write([]byte{c})
				if c == 'K' {
					_ = http.NewResponseController(w).Flush()
				}
			}
		}, ""},
		"headers": {func(w http.ResponseWriter, r *http.Request) {
			for name, form := range encodings(bearer(r)) {
				w.Header().Add("X-"+strings.ReplaceAll(name, " ", "-"), form)
			}
			w.Header().Add("Set-Cookie", "token="+bearer(r))
			w.Header().Add("WWW-Authenticate", "Bearer "+bearer(r))
		}, ""},
		"error status": {func(w http.ResponseWriter, r *http.Request) { http.Error(w, all(bearer(r)), http.StatusBadRequest) }, ""},
		"gzip":         {coded("gzip", gzipped), ""},
		"GZIP twice":   {coded("gzip, GZIP", func(s string) []byte { return gzipped(string(gzipped(s))) }), ""},
		"zlib":         {coded("deflate", zlibbed), ""},
		"deflate":      {coded("deflate", deflated), ""},
		"identity":     {coded("identity", func(s string) []byte { return []byte(s) }), ""},
		"brotli":       {coded("br", func(s string) []byte { return []byte(s) }), fault.Denied},
		"zstd in gzip": {coded("zstd, gzip", gzipped), fault.Denied},
		"not gzip":     {coded("gzip", func(s string) []byte { return []byte(s) }), fault.Denied},
		"bomb":         {coded("deflate", func(string) []byte { return zlibbed(strings.Repeat("a", 11<<20)) }), fault.Limited},
		"many":         {coded("gzip,gzip,gzip,gzip", gzipped), fault.Denied},
		"redirect": {func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/api/items" {
				http.Redirect(w, r, "/api/"+url.PathEscape(bearer(r))+"?"+url.QueryEscape(bearer(r)), http.StatusFound)
			}
		}, ""},
		"redirect away": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "https://"+url.PathEscape(bearer(r))+".127.0.0.1/")
			w.WriteHeader(http.StatusFound)
		}, ""},
		"location only": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "/api/"+bearer(r))
			w.WriteHeader(http.StatusCreated)
		}, ""},
	}
	for name, c := range cases {
		for _, headers := range []map[string]string{nil, {"Accept-Encoding": "br", "Range": "bytes=0-"}} {
			t.Run(name+map[bool]string{true: " plain", false: " range"}[headers == nil], func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				w.connect(connection.Request{})
				w.service.set(func() { w.service.api = c.api })
				session := w.session()
				a, err := session.OAuthFetch(context.Background(), "default", connection.Call{URL: w.url("/api/items"), Headers: headers})
				if name != "not gzip" || !fault.Is(err, fault.Offline) { // the transport itself undoes what it asked for
					wantCode(t, err, c.code)
				}
				seen, _ := json.Marshal([]any{session.Requests(), w.audit(), fault.Public(err)})
				text := string(a.Body) + string(seen)
				for header, value := range a.Headers {
					text += "\n" + header + ": " + value
				}
				for _, token := range with(w.service, func() []string { return slices.Clone(w.service.issued) }) {
					if form := shows(text, token); form != "" {
						t.Errorf("the token comes back as %s: %s", form, text)
					}
				}
				if c.code == "" && name == "body" && !strings.Contains(text, "[redacted]") {
					t.Errorf("nothing was echoed: %s", text)
				}
			})
		}
	}
}

// TestHeaderNames: a token without special characters fits into the name of a
// header or of a host.
func TestHeaderNames(t *testing.T) {
	t.Parallel()
	const token = "ghp_AbCdEfGh1234567890"
	w := newWorld(t)
	w.service.set(func() {
		w.service.access[token] = &family{account: "ann"}
		w.service.api = func(rw http.ResponseWriter, _ *http.Request) { rw.Header().Set("X-"+token, "x") }
	})
	c, err := w.m.ConnectToken(context.Background(), connection.Request{Agent: "mail"}, secret.New(token))
	if err != nil || c.Kind != "token" || c.Account.ID != "ann" || c.ExpiresAt != nil {
		t.Fatalf("got %s, %v", describe(c), err)
	}
	a, err := w.fetch(connection.Call{URL: w.url("/api/items")})
	if err != nil || len(a.Headers) == 0 {
		t.Fatalf("got %+v, %v", a, err)
	}
	for name := range a.Headers {
		if strings.Contains(name, strings.ToLower(token)) {
			t.Errorf("the token is in the header %s", name)
		}
	}
	w.service.set(func() {
		w.service.api = func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Location", "https://"+token+".internal/")
			rw.WriteHeader(http.StatusFound)
		}
	})
	session := w.session()
	_, err = session.OAuthFetch(context.Background(), "default", connection.Call{URL: w.url("/api/items")})
	wantCode(t, err, fault.Denied)
	if seen, _ := json.Marshal([]any{session.Requests(), w.audit(), fault.Public(err)}); strings.Contains(string(seen), token) {
		t.Errorf("the token is written down as a host: %s", seen)
	}
	w.service.expireAccess()
	w.get401()
	w.agree(fault.Reconnect)
	for _, bad := range []string{"", "two words", "line\nbreak", "refused-by-the-service"} {
		_, err := w.m.ConnectToken(context.Background(), connection.Request{Agent: "notes"}, secret.New(bad))
		if !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.Denied) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if list, err := w.m.List(context.Background(), "notes"); err != nil || list[0].Status != connection.NotConnected {
		t.Errorf("a bad token was kept: %v, %v", list, err)
	}
}

func (w *world) get401() {
	w.t.Helper()
	if a, err := w.fetch(connection.Call{URL: w.url("/api/items")}); err != nil || a.Status != http.StatusUnauthorized {
		w.t.Errorf("got %d, %v", a.Status, err)
	}
}

func TestBodyLimit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect(connection.Request{})
	size := 10 << 20
	w.service.set(func() {
		w.service.api = func(rw http.ResponseWriter, _ *http.Request) { _, _ = rw.Write(make([]byte, size)) }
	})
	if a, err := w.fetch(connection.Call{URL: w.url("/api/items")}); err != nil || len(a.Body) != size {
		t.Errorf("exactly 10 MB: %d, %v", len(a.Body), err)
	}
	size++
	_, err := w.fetch(connection.Call{URL: w.url("/api/items")})
	wantCode(t, err, fault.Limited)
	w.service.set(func() {
		w.service.api = func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(rw, "half")
			panic(http.ErrAbortHandler)
		}
	})
	_, err = w.fetch(connection.Call{URL: w.url("/api/items")})
	wantCode(t, err, fault.Offline)
}
