package backend

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"golang.org/x/net/netutil"

	"pie/backend/fault"
	"pie/backend/plugin"
	"pie/backend/settings"
	"pie/backend/store"
)

// Bounds of what comes to webhooks.
const (
	hookPath    = "/hook/"
	hookClients = 32               // connections at once
	hookBurst   = 30               // requests of one webhook at once,
	hookEvery   = 2 * time.Second  // and one more each time
	hookTime    = 10 * time.Second // for one request
)

// Webhook is where programs on this computer send what an automation runs for.
// Whoever knows the address may use it.
type Webhook struct {
	ID        string `json:"id"`
	URL       string `json:"url"`
	Listening bool   `json:"listening"` // in this moment, by this program
	Problem   string `json:"problem"`   // why it does not listen, "" when it does or need not
}

// hook is a webhook as it is kept: the secret of its address is sealed, and known
// again by its hash.
type hook struct {
	Hash   string `json:"hash"`
	Sealed []byte `json:"sealed"`
}

func hooks() store.Table[hook] { return store.Table[hook]{Bucket: "webhooks", Version: 1} }

// webhooks listens on loopback while an automation wants it. The zero value is
// ready.
type webhooks struct {
	mu      sync.Mutex
	started bool
	server  *http.Server
	problem string
	rates   map[string]*rate
}

// rate lets hookBurst requests through at once and one more each hookEvery.
type rate struct {
	left int
	at   time.Time
}

func (r *rate) allow(now time.Time) bool {
	if more := int(now.Sub(r.at) / hookEvery); more > 0 {
		r.left, r.at = min(hookBurst, r.left+more), now
	}
	if r.left == 0 {
		return false
	}
	r.left--
	return true
}

// Webhook returns the address of a webhook, making it at the first time and with
// renew anew, so that the old one is worth nothing. Faults: not_found, invalid
// (no webhook), locked.
func (b *Backend) Webhook(ctx context.Context, id string, renew bool) (Webhook, error) {
	p, t, err := b.Trigger(id)
	if err != nil {
		return Webhook{}, err
	}
	id = AutomationID(id)
	if t.Type != "webhook" {
		return Webhook{}, fault.New(fault.Invalid, id+" is no webhook, so it has no address.", "It runs at its times.")
	}
	var h hook
	err = b.db.View(func(tx *store.Tx) error {
		h, _, err = hooks().Get(tx, id)
		return err
	})
	if err != nil {
		return Webhook{}, err
	}
	if h.Hash == "" || renew {
		if h, err = b.newHook(ctx, p.Name, id); err != nil {
			return Webhook{}, err
		}
	}
	secret, err := b.postbox().Open(ctx, p.Name, "webhook/"+id, h.Sealed)
	if err != nil {
		return Webhook{}, err
	}
	port, err := b.webhookPort()
	if err != nil {
		return Webhook{}, err
	}
	b.webhooks.mu.Lock()
	defer b.webhooks.mu.Unlock()
	return Webhook{
		ID: id, URL: "http://" + net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) + hookPath + string(secret),
		Listening: b.webhooks.server != nil, Problem: b.webhooks.problem,
	}, nil
}

func (b *Backend) newHook(ctx context.Context, agent, id string) (hook, error) {
	secret := rand.Text() + rand.Text()
	sealed, err := b.postbox().Seal(ctx, agent, "webhook/"+id, []byte(secret))
	if err != nil {
		return hook{}, err
	}
	h := hook{Hash: hashOf(secret), Sealed: sealed}
	return h, b.db.Update(func(tx *store.Tx) error { return hooks().Put(tx, id, h) })
}

func hashOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// webhookPort is the port of all webhooks of this home, chosen once: programs
// that send to it keep it.
func (b *Backend) webhookPort() (int, error) {
	if port := b.Settings().WebhookPort; port != 0 {
		return port, nil
	}
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // at once
	if err != nil {
		return 0, fault.Wrap(err, fault.InUse, "This computer has no port free for a webhook.", "Try again.")
	}
	address, ok := l.Addr().(*net.TCPAddr)
	_ = l.Close()
	if !ok {
		return 0, errors.New("listener without a port")
	}
	return address.Port, b.Change(func(s *settings.Settings) { s.WebhookPort = address.Port })
}

// start listens from now on while an automation wants it.
func (w *webhooks) start(b *Backend) {
	w.mu.Lock()
	w.started = true
	w.mu.Unlock()
	w.changed(b)
}

// changed begins or ends listening, as the automations that are on want it.
func (w *webhooks) changed(b *Backend) {
	ids, err := b.Automations.For(plugin.OnWebhook)
	port, noPort := 0, error(nil)
	if len(ids) > 0 {
		port, noPort = b.webhookPort()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if err = errors.Join(err, noPort); err != nil || !w.started {
		return
	}
	if len(ids) == 0 {
		w.close()
		return
	}
	if w.server != nil {
		return
	}
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port))) //nolint:noctx // at once
	if err != nil {
		w.problem = fmt.Sprintf("Port %d of the webhooks is used by another program.", port)
		b.options.Log.Warn("listening for webhooks", "error", err)
		return
	}
	w.problem, w.rates = "", map[string]*rate{}
	w.server = &http.Server{
		Handler: hookHandler{b, port}, ReadHeaderTimeout: hookTime, ReadTimeout: hookTime, WriteTimeout: 2 * hookTime,
		IdleTimeout: hookTime, MaxHeaderBytes: 16 << 10,
	}
	go func(s *http.Server) { _ = s.Serve(netutil.LimitListener(l, hookClients)) }(w.server)
}

func (w *webhooks) close() {
	if w.server != nil {
		_ = w.server.Close()
		w.server = nil
	}
}

// stop ends listening for good.
func (w *webhooks) stop() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.started = false
	w.close()
}
