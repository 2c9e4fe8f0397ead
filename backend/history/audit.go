package history

import (
	"time"

	"pie/backend/store"
)

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

func audit(bucket string) store.Table[AuditRow] {
	return store.Table[AuditRow]{Bucket: bucket, Version: 1, Ordered: true}
}

// AppendAudit writes a row.
func (h *History) AppendAudit(row AuditRow) error {
	id := NewID(row.At)
	d := auditShelf().drawer(id)
	return h.store.Update(func(tx *store.Tx) error {
		if err := audit(d.rows).Put(tx, id, row); err != nil {
			return err
		}
		return tx.Put(d.index, byAgent(row.Agent, id), []byte{1})
	})
}

// Audit returns the newest rows, of all agents when agent is empty.
func (h *History) Audit(agent string, limit int) ([]AuditRow, error) {
	out := []AuditRow{}
	err := h.eachAudit(agent, func(row AuditRow) error {
		if len(out) >= limit {
			return errEnough
		}
		out = append(out, row)
		return nil
	})
	return out, err
}

// AuditOf returns the rows of one run, the newest first.
func (h *History) AuditOf(run Run) ([]AuditRow, error) {
	out := []AuditRow{}
	before := run.StartedAt.Add(-time.Minute) // a clock may have been set meanwhile
	err := h.eachAudit(run.Agent, func(row AuditRow) error {
		switch {
		case row.Run == run.ID:
			out = append(out, row)
		case row.At.Before(before):
			return errEnough
		}
		return nil
	})
	return out, err
}

func (h *History) eachAudit(agent string, fn func(row AuditRow) error) error {
	return h.store.View(func(tx *store.Tx) error {
		return auditShelf().each(tx, agent, "", func(_ string, row AuditRow) error { return fn(row) })
	})
}
