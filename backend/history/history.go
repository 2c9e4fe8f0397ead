// Package history keeps what happened: every run with its logs, requests and
// result, and an audit row for every request that went out or was blocked.
//
// Inputs, results, logs and errors of a run are people's mail, so they are
// sealed; what is needed to list runs is not. Queries and fragments of addresses
// never arrive here.
package history

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"time"

	"pie/backend/fault"
	"pie/backend/store"
)

// Sealer seals a text for one field of one agent. The vault is one.
type Sealer interface {
	Seal(ctx context.Context, agent, field string, plaintext []byte) ([]byte, error)
	Open(ctx context.Context, agent, field string, sealed []byte) ([]byte, error)
}

// Statuses of a run.
const (
	Queued       = "queued"
	Running      = "running"
	Waiting      = "waiting"
	OK           = "ok"
	Failed       = "failed" // threw, or returned error:true
	RequiresAuth = "requires_auth"
	Stopped      = "stopped" // a limit
	Canceled     = "canceled"
	Interrupted  = "interrupted"
	Missed       = "missed"
	Skipped      = "skipped"
)

// Run is one call of an agent's function.
type Run struct {
	ID         string          `json:"id"`
	Agent      string          `json:"agent"`
	Function   string          `json:"function"`
	Trigger    string          `json:"trigger"`
	Status     string          `json:"status"`
	Result     json.RawMessage `json:"result"`
	Error      *fault.Problem  `json:"error"`
	Logs       []Log           `json:"logs"`
	Requests   []Request       `json:"requests"`
	StartedAt  time.Time       `json:"started_at"`
	DurationMS int64           `json:"duration_ms"`
	Input      json.RawMessage `json:"-"`
}

// Log is one line that the agent wrote.
type Log struct {
	At    time.Time `json:"at"`
	Level string    `json:"level"`
	Text  string    `json:"text"`
}

// Request is one request of a run. URL is without query and fragment.
type Request struct {
	At      time.Time `json:"at"`
	Method  string    `json:"method"`
	URL     string    `json:"url"`
	Status  int       `json:"status"`
	MS      int64     `json:"ms"`
	Bytes   int64     `json:"bytes"`
	Service *string   `json:"service"`
}

// History is the record of one home. It is safe for concurrent use.
type History struct {
	store  *store.Store
	sealer Sealer
	bare   func(agent string) bool
}

// Without lets runs of the agents for which bare returns true be kept without
// input, result and logs. Call it before anything runs.
func (h *History) Without(bare func(agent string) bool) { h.bare = bare }

func (h *History) keepsNothing(agent string) bool { return h.bare != nil && h.bare(agent) }

// PageSize is that of a file of runs and audit: a quarter as many pages to free when
// a drawer goes.
const PageSize = 16 << 10

// New makes a History over the file of runs and audit.
func New(st *store.Store, sealer Sealer) *History { return &History{store: st, sealer: sealer} }

// NewID makes an id that sorts by the time it was made.
func NewID(now time.Time) string {
	raw := make([]byte, 14)
	binary.BigEndian.PutUint64(raw, uint64(now.UnixMicro())) // #nosec G115 -- after 1970
	_, _ = rand.Read(raw[8:])
	return hex.EncodeToString(raw[1:])
}

// Complete gives a run empty lists where it has none, for its JSON form.
func (r Run) Complete() Run {
	if r.Logs == nil {
		r.Logs = []Log{}
	}
	if r.Requests == nil {
		r.Requests = []Request{}
	}
	return r
}
