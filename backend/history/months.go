package history

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"time"

	"pie/backend/store"
)

// A shelf is a kind of rows, kept by id. They lie in a drawer for each month, with
// an index by agent beside it: a month that has to go goes at once, whatever is in
// it. Ids sort by the time they were made.
type shelf struct {
	rows, index string // names of buckets, before the month
	agentOf     func(raw []byte) (string, error)
}

// drawer is one month: the names of its buckets. What was kept before there were
// months lies in a drawer of its own.
type drawer struct{ rows, index string }

func runShelf() shelf {
	return shelf{"runs", "runs-by-agent", func(raw []byte) (string, error) {
		s, err := rows("").Decode(raw)
		return s.Run.Agent, err
	}}
}

func auditShelf() shelf {
	return shelf{"audit", "audit-by-agent", func(raw []byte) (string, error) {
		row, err := audit("").Decode(raw)
		return row.Agent, err
	}}
}

func (s shelf) drawer(id string) drawer { m := "/" + month(id); return drawer{s.rows + m, s.index + m} }
func (s shelf) old() drawer             { return drawer{s.rows, s.index} }

// drawers are those that may hold ids below before, or all when it is empty; the
// latest first.
func (s shelf) drawers(tx *store.Tx, before string) []drawer {
	out := []drawer{s.old()}
	for _, name := range tx.Buckets(s.rows + "/") {
		m := strings.TrimPrefix(name, s.rows)
		if before == "" || m[1:] <= month(before) {
			out = append(out, drawer{name, s.index + m})
		}
	}
	slices.Reverse(out)
	return out
}

// month of an id: when it was made, in UTC.
func month(id string) string {
	raw, err := hex.DecodeString(id)
	if err != nil || len(raw) < 7 {
		return "0000-00"
	}
	micros := binary.BigEndian.Uint64(append([]byte{0}, raw[:7]...))
	return time.UnixMicro(int64(micros)).UTC().Format("2006-01") // #nosec G115 -- 56 bits
}

func byAgent(agent, id string) string { return agent + "/" + id }

// errEnough ends a walk that has found all it wants.
var errEnough = errors.New("enough")

// each calls fn for the newest rows below before (or all when it is empty), of one
// agent or of all, until fn returns errEnough or another error.
func (s shelf) each(tx *store.Tx, agent, before string, fn func(id string, raw []byte) error) error {
	edge := before
	if edge == "" {
		edge = "\xff"
	}
	for _, d := range s.drawers(tx, before) {
		err := d.each(tx, agent, edge, fn)
		if err == errEnough { //nolint:errorlint // the very value, never wrapped
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (d drawer) each(tx *store.Tx, agent, edge string, fn func(id string, raw []byte) error) error {
	if agent == "" {
		return tx.EachBefore(d.rows, "", edge, fn)
	}
	prefix := byAgent(agent, "")
	return tx.EachBefore(d.index, prefix, prefix+edge, func(key string, _ []byte) error {
		id := key[len(prefix):]
		if raw := tx.Get(d.rows, id); raw != nil {
			return fn(id, raw)
		}
		return nil
	})
}

// drop removes a drawer with all that is in it.
func (d drawer) drop(tx *store.Tx) error { return errors.Join(tx.Drop(d.rows), tx.Drop(d.index)) }
