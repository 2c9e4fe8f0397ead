package history

import (
	"errors"
	"slices"
	"strings"
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

// Trim removes the oldest runs and audit rows, as keep wants it, in steps between
// which others write: a drawer at once, what goes of a drawer by the thousand. Each
// step is whole, so a crash leaves a shorter trim. The file keeps its length, and
// what comes later uses the room.
func (h *History) Trim(keep Keep, now time.Time) (out Trimmed, err error) {
	edge := "" // ids below go
	if keep.Age > 0 {
		edge = firstID(now.Add(-keep.Age))
		if out.Audit, err = h.trim(auditShelf().trimSome, edge); err != nil {
			return out, err
		}
	}
	if keep.Size > 0 {
		err = h.store.View(func(tx *store.Tx) error {
			edge = max(edge, edgeBySize(tx, keep.Size))
			return nil
		})
	}
	if err == nil && edge != "" {
		out.Runs, err = h.trim(runShelf().trimSome, edge)
	}
	return out, err
}

// firstID sorts before every id that is made at t or later.
func firstID(t time.Time) string { return NewID(t)[:14] }

// rowExtra is what a row takes in a page besides its key and value.
const rowExtra = 16

// edgeBySize is the id of the oldest run that still fits, "" when all do.
func edgeBySize(tx *store.Tx, most int64) (edge string) {
	s, size := runShelf(), int64(0)
	for _, d := range s.drawers(tx, "") {
		_, all := tx.Count(d.rows)
		if size+all <= most {
			size += all
			continue
		}
		_ = tx.EachReverse(d.rows, "", func(id string, raw []byte) error {
			if size += int64(len(id) + len(raw) + rowExtra); size > most {
				edge = id + "00" // just above it
				return errEnough
			}
			return nil
		})
		if edge != "" {
			return edge
		}
	}
	return ""
}

// A step of a trim takes some ten milliseconds: that many rows that go with their
// whole drawer, which touches only pages, or fewer one by one.
const (
	mostDropped = 200_000
	mostDeleted = 5_000
)

// trim removes rows whose id is below edge, the oldest first.
func (h *History) trim(trimSome func(tx *store.Tx, edge string) (int, bool, error), edge string) (count int, err error) {
	for more := true; more && err == nil; {
		n := 0
		err = h.store.Update(func(tx *store.Tx) (err error) {
			n, more, err = trimSome(tx, edge)
			return err
		})
		if err == nil {
			count += n
		}
	}
	return count, err
}

// trimSome takes one step and tells whether there may be more to remove.
func (s shelf[T]) trimSome(tx *store.Tx, edge string) (count int, more bool, err error) {
	for _, d := range slices.Backward(s.drawers(tx, "")) {
		newest := last(tx, d.rows)
		switch {
		case newest == "":
			continue
		case count >= mostDropped:
			return count, true, nil
		case newest < edge:
			n, _ := tx.Count(d.index) // its pages are fewer than those of the rows
			if err := d.drop(tx); err != nil {
				return 0, false, err
			}
			count += n
		case count > 0:
			return count, true, nil
		default:
			count, err = d.trim(tx, edge)
			return count, count == mostDeleted, err
		}
	}
	return count, false, nil
}

// last is the id of the newest row of a bucket, "" when there is none.
func last(tx *store.Tx, bucket string) (id string) {
	_ = tx.EachReverse(bucket, "", func(key string, _ []byte) error {
		id = key
		return errEnough
	})
	return id
}

// trim removes the oldest rows below edge. No row is read for that, only keys.
func (d drawer) trim(tx *store.Tx, edge string) (int, error) {
	var ids, keys []string
	_ = tx.Keys(d.rows, "", func(id string) error {
		if id >= edge || len(ids) == mostDeleted {
			edge = id
			return errEnough
		}
		ids = append(ids, id)
		return nil
	})
	_ = tx.Keys(d.index, "", func(key string) error {
		if key[strings.LastIndexByte(key, '/')+1:] < edge {
			keys = append(keys, key)
		}
		return nil
	})
	for _, id := range ids {
		if err := errors.Join(tx.Delete(d.rows, id), tx.Delete(openRuns, id)); err != nil {
			return 0, err
		}
	}
	for _, key := range keys {
		if err := tx.Delete(d.index, key); err != nil {
			return 0, err
		}
	}
	return len(ids), nil
}
