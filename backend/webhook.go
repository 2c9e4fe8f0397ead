package backend

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"pie/backend/fault"
	"pie/backend/store"
)

// hookHandler takes what programs on this computer send. A page in a browser is
// refused, whatever it knows.
type hookHandler struct {
	b    *Backend
	port int
}

func (h hookHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	status, err := h.take(w, r)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", strconv.Itoa(int(hookEvery/time.Second)))
	}
	w.WriteHeader(status)
	var body any = map[string]bool{"accepted": true}
	if err != nil {
		body = map[string]any{"error": fault.Public(err)}
	}
	_ = json.NewEncoder(w).Encode(body)
}

// take posts what came, and answers only when it is on disk.
func (h hookHandler) take(w http.ResponseWriter, r *http.Request) (int, error) {
	port := strconv.Itoa(h.port)
	if r.Host != "127.0.0.1:"+port && r.Host != "localhost:"+port || r.Header.Get("Origin") != "" || r.Header.Get("Sec-Fetch-Site") != "" {
		return http.StatusForbidden, fault.New(fault.Denied, "Pages in a browser may not send here.", "Send it from a program on this computer.")
	}
	id := h.b.hookOf(strings.TrimPrefix(r.URL.EscapedPath(), hookPath))
	switch {
	case id == "":
		return http.StatusNotFound, fault.New(fault.NotFound, "There is no such webhook.", "See its address: pie automation webhook AUTOMATION")
	case r.Method != http.MethodPost:
		w.Header().Set("Allow", http.MethodPost)
		return http.StatusMethodNotAllowed, fault.New(fault.Invalid, "A webhook takes POST alone.", "Send it with POST.")
	case !h.b.webhooks.allow(id):
		h.b.Automations.Refuse(id, "Too much came to its webhook at once.")
		return http.StatusTooManyRequests, fault.New(fault.Limited, "Too much comes to this webhook at once.", "Send it again a little later.")
	}
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, mostPayload))
	if _, long := errors.AsType[*http.MaxBytesError](err); long {
		h.b.Automations.Refuse(id, "What came to its webhook was larger than 256 KB.")
		return http.StatusRequestEntityTooLarge, tooLarge()
	}
	if err != nil {
		return http.StatusBadRequest, fault.Wrap(err, fault.Invalid, "The request broke off.", "Send it again.")
	}
	what := posted{}
	if len(raw) > 0 {
		what.Data = asJSON(raw)
	}
	err = h.b.post(r.Context(), id, what)
	switch {
	case fault.Is(err, fault.Limited):
		return http.StatusTooManyRequests, err
	case fault.Is(err, fault.NotFound):
		return http.StatusNotFound, err
	case err != nil:
		return http.StatusServiceUnavailable, err
	}
	return http.StatusAccepted, nil
}

// hookOf is the automation that a secret belongs to, "" when it is none's. Hashes
// are compared, so that how long it takes tells nothing of a secret.
func (b *Backend) hookOf(secret string) (id string) {
	hash := hashOf(secret)
	_ = b.db.View(func(tx *store.Tx) error {
		return hooks().Each(tx, "", func(key string, h hook) error {
			if h.Hash == hash {
				id = key
			}
			return nil
		})
	})
	return id
}

// forgetHooks makes the addresses of an agent worth nothing.
func (b *Backend) forgetHooks(agent string) error {
	err := b.db.Update(func(tx *store.Tx) error {
		var gone []string
		err := hooks().Each(tx, agent+"/", func(key string, _ hook) error {
			gone = append(gone, key)
			return nil
		})
		for _, key := range gone {
			err = errors.Join(err, hooks().Delete(tx, key))
		}
		return err
	})
	b.webhooks.changed(b)
	return err
}

func (w *webhooks) allow(id string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	r := w.rates[id]
	if r == nil {
		r = &rate{left: hookBurst, at: time.Now()}
		w.rates[id] = r
	}
	return r.allow(time.Now())
}
