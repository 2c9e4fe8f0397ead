// Package history keeps what happened: every run with its logs, requests and
// result, and an audit row for every request that went out or was blocked.
//
// Inputs, results, logs and errors of a run are people's mail, so they are
// sealed; what is needed to list runs is not. Queries and fragments of addresses
// never arrive here.
package history

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
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

// AuditRow is one request that was sent or blocked.
type AuditRow struct {
	At       time.Time `json:"at"`
	Agent    string    `json:"agent"`
	Service  *string   `json:"service"`
	Run      string    `json:"run"`
	Method   string    `json:"method"`
	Host     string    `json:"host"`
	Path     string    `json:"path"`
	Status   int       `json:"status"`
	MS       int64     `json:"ms"`
	BytesIn  int64     `json:"bytes_in"`
	BytesOut int64     `json:"bytes_out"`
	Decision string    `json:"decision"` // sent | blocked
	Reason   string    `json:"reason"`

	// Connection is the id of the connection that was used, "" where there was none.
	// Run is "" for what the program asked by itself.
	Connection string `json:"connection"`
}

// stored is a run in the file: Sealed holds a body.
type stored struct {
	Run    Run    `json:"run"`
	Sealed []byte `json:"sealed"`
}

type body struct {
	Input  json.RawMessage `json:"input,omitempty"`
	Result json.RawMessage `json:"result,omitempty"`
	Error  *fault.Problem  `json:"error,omitempty"`
	Logs   []Log           `json:"logs,omitempty"`
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

// New makes a History over the file of runs and audit.
func New(st *store.Store, sealer Sealer) *History { return &History{store: st, sealer: sealer} }

// NewID makes an id that sorts by the time it was made.
func NewID(now time.Time) string {
	raw := make([]byte, 14)
	binary.BigEndian.PutUint64(raw, uint64(now.UnixMicro())) // #nosec G115 -- after 1970
	_, _ = rand.Read(raw[8:])
	return hex.EncodeToString(raw[1:])
}

func audit() store.Table[AuditRow] { return store.Table[AuditRow]{Bucket: "audit", Version: 1} }

const auditByAgent = "audit-by-agent"

func byAgent(agent, id string) string { return agent + "/" + id }

// SaveRun writes the run, over an older state of it. Fault: locked.
func (h *History) SaveRun(ctx context.Context, run Run) error { return h.SaveRuns(ctx, []Run{run}) }

// SaveRuns writes several in one step. Fault: locked.
func (h *History) SaveRuns(ctx context.Context, list []Run) error {
	sealed := make([]stored, 0, len(list))
	for _, run := range list {
		s, err := h.seal(ctx, run)
		if err != nil {
			return err
		}
		sealed = append(sealed, s)
	}
	return h.store.Update(func(tx *store.Tx) error {
		for _, s := range sealed {
			if err := put(tx, s); err != nil {
				return err
			}
		}
		return nil
	})
}

func (h *History) seal(ctx context.Context, run Run) (stored, error) {
	content := body{run.Input, run.Result, run.Error, run.Logs}
	if h.keepsNothing(run.Agent) {
		content = body{Error: run.Error}
	}
	plain, err := json.Marshal(content)
	if err != nil {
		return stored{}, fmt.Errorf("encoding run: %w", err)
	}
	sealed, err := h.sealer.Seal(ctx, run.Agent, "run/"+run.ID, plain)
	if err != nil {
		return stored{}, err
	}
	run.Input, run.Result, run.Error, run.Logs = nil, nil, nil, nil
	return stored{run, sealed}, nil
}

// Run returns one run. Faults: not_found, locked.
func (h *History) Run(ctx context.Context, id string) (Run, error) {
	var s stored
	var found bool
	err := h.store.View(func(tx *store.Tx) (err error) {
		s, found, err = get(tx, id)
		return err
	})
	if err == nil && !found {
		err = fault.New(fault.NotFound, "There is no such run.", "Run pie history to see the runs.")
	}
	if err != nil {
		return Run{}, err
	}
	return h.open(ctx, s)
}

func (h *History) open(ctx context.Context, s stored) (Run, error) {
	run := s.Run
	plain, err := h.sealer.Open(ctx, run.Agent, "run/"+run.ID, s.Sealed)
	if err != nil {
		return run, err
	}
	var b body
	if err := json.Unmarshal(plain, &b); err != nil {
		return run, fmt.Errorf("decoding run: %w", err)
	}
	run.Input, run.Result, run.Error, run.Logs = b.Input, b.Result, b.Error, b.Logs
	return run.Complete(), nil
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

// errEnough ends a walk that has found all it wants.
var errEnough = fault.New(fault.Internal, "enough", "")

// Runs returns the newest runs, of all agents when agent is empty.
func (h *History) Runs(ctx context.Context, agent string, limit int) ([]Run, error) {
	var found []stored
	err := h.store.View(func(tx *store.Tx) error {
		return eachRun(tx, agent, func(id string) error {
			if len(found) >= limit {
				return errEnough
			}
			s, ok, err := get(tx, id)
			if ok {
				found = append(found, s)
			}
			return err
		})
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	if err != nil {
		return nil, err
	}
	out := make([]Run, 0, len(found))
	for _, s := range found {
		run, err := h.open(ctx, s)
		if err != nil {
			return nil, err
		}
		out = append(out, run)
	}
	return out, nil
}

// walk calls fn for the newest ids, at most limit.
func (h *History) walk(all, index, agent string, limit int, fn func(tx *store.Tx, id string) error) error {
	return h.store.View(func(tx *store.Tx) error {
		left := limit
		step := func(id string) error {
			if left == 0 {
				return errEnough
			}
			left--
			return fn(tx, id)
		}
		bucket, prefix := all, ""
		if agent != "" {
			bucket, prefix = index, agent+"/"
		}
		err := tx.EachReverse(bucket, prefix, func(key string, _ []byte) error { return step(key[len(prefix):]) })
		if err == errEnough { //nolint:errorlint // the very value, never wrapped
			return nil
		}
		return err
	})
}

// AppendAudit writes a row.
func (h *History) AppendAudit(row AuditRow) error {
	id := NewID(row.At)
	return h.store.Update(func(tx *store.Tx) error {
		if err := audit().Put(tx, id, row); err != nil {
			return err
		}
		return tx.Put(auditByAgent, byAgent(row.Agent, id), []byte{1})
	})
}

// Audit returns the newest rows, of all agents when agent is empty.
func (h *History) Audit(agent string, limit int) ([]AuditRow, error) {
	out := []AuditRow{}
	err := h.walk(audit().Bucket, auditByAgent, agent, limit, func(tx *store.Tx, id string) error {
		row, ok, err := audit().Get(tx, id)
		if ok {
			out = append(out, row)
		}
		return err
	})
	return out, err
}

// InterruptOpen marks what was running when the program last ended. The sealed
// part stays as it is, so no key is needed.
func (h *History) InterruptOpen() error {
	return h.store.Update(func(tx *store.Tx) error {
		if err := arrange(tx); err != nil {
			return err
		}
		var open []string
		err := tx.Each(openRuns, "", func(id string, _ []byte) error {
			open = append(open, id)
			return nil
		})
		for _, id := range open {
			s, found, failed := get(tx, id)
			s.Run.Status = Interrupted
			if err = cmp.Or(err, failed); err == nil && found {
				err = put(tx, s)
			}
		}
		return err
	})
}

// AuditOf returns the rows of one run, the newest first.
func (h *History) AuditOf(run Run) ([]AuditRow, error) {
	out := []AuditRow{}
	before := run.StartedAt.Add(-time.Minute) // a clock may have been set meanwhile
	err := h.walk(audit().Bucket, auditByAgent, run.Agent, -1, func(tx *store.Tx, id string) error {
		row, ok, err := audit().Get(tx, id)
		switch {
		case ok && row.Run == run.ID:
			out = append(out, row)
		case ok && row.At.Before(before):
			return errEnough
		}
		return err
	})
	return out, err
}
