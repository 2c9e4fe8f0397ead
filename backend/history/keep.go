package history

import (
	"errors"
	"time"

	"pie/backend/store"
)

// Keep says how much is kept. What is zero has no bound.
type Keep struct {
	Age  time.Duration // runs and audit rows older than that go
	Size int64         // bytes of runs; the oldest go first
}

// Trimmed is what a Trim has removed.
type Trimmed struct {
	Runs  int `json:"runs"`
	Audit int `json:"audit"`
}

// Trim removes the oldest runs and audit rows, as keep wants it. Whole months go
// at once.
func (h *History) Trim(keep Keep, now time.Time) (Trimmed, error) {
	var out Trimmed
	err := h.store.Update(func(tx *store.Tx) (err error) {
		edge := "" // ids below go
		if keep.Age > 0 {
			edge = firstID(now.Add(-keep.Age))
		}
		if keep.Size > 0 {
			edge = max(edge, edgeBySize(tx, keep.Size))
		}
		if out.Runs, err = trimRuns(tx, edge); err != nil || keep.Age == 0 {
			return err
		}
		out.Audit, err = trimAudit(tx, firstID(now.Add(-keep.Age)))
		return err
	})
	return out, err
}

// firstID sorts before every id that is made at t or later.
func firstID(t time.Time) string { return NewID(t)[:14] }

// edgeBySize is the id of the oldest run that still fits, "" when all do.
func edgeBySize(tx *store.Tx, most int64) (edge string) {
	size := int64(0)
	for _, m := range months(tx) {
		err := tx.EachReverse(runsOf+m, "", func(id string, raw []byte) error {
			if size += int64(len(raw)); size > most {
				if edge == "" {
					edge = id + "00" // not even the newest fits
				}
				return errEnough
			}
			edge = id
			return nil
		})
		if err != nil {
			return edge
		}
	}
	return ""
}

// trimRuns removes runs whose id is below edge.
func trimRuns(tx *store.Tx, edge string) (count int, err error) {
	if edge == "" {
		return 0, nil
	}
	for _, m := range months(tx) {
		switch at := month(edge + "000000000000"); {
		case m > at:
		case m < at:
			n, _ := tx.Count(runsOf + m)
			count += n
			err = errors.Join(err, tx.Drop(runsOf+m), tx.Drop(agentsOf+m))
		default:
			n, failed := trimMonth(tx, m, edge)
			count, err = count+n, errors.Join(err, failed)
		}
	}
	return count, err
}

func trimMonth(tx *store.Tx, m, edge string) (count int, err error) {
	var gone []stored
	err = runs(m).Each(tx, "", func(id string, s stored) error {
		if id >= edge {
			return errEnough
		}
		gone = append(gone, stored{Run: Run{ID: id, Agent: s.Run.Agent}})
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return 0, err
	}
	for _, s := range gone {
		if err := errors.Join(runs(m).Delete(tx, s.Run.ID), tx.Delete(agentsOf+m, byAgent(s.Run.Agent, s.Run.ID)), tx.Delete(openRuns, s.Run.ID)); err != nil {
			return 0, err
		}
	}
	return len(gone), nil
}

func trimAudit(tx *store.Tx, edge string) (int, error) {
	gone := map[string]string{}
	err := audit().Each(tx, "", func(id string, row AuditRow) error {
		if id >= edge {
			return errEnough
		}
		gone[id] = row.Agent
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return 0, err
	}
	for id, agent := range gone {
		if err := errors.Join(audit().Delete(tx, id), tx.Delete(auditByAgent, byAgent(agent, id))); err != nil {
			return 0, err
		}
	}
	return len(gone), nil
}
