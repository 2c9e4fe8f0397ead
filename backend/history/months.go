package history

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"pie/backend/store"
)

// A shelf is a kind of rows, kept by id. They lie in a drawer for each quarter of a
// month, with an index by agent beside it: a drawer that has to go goes at once,
// whatever is in it. Ids sort by the time they were made.
type shelf[T any] struct {
	rows, index string // names of buckets, before the month
	table       func(bucket string) store.Table[T]
}

// drawer is the names of its buckets. What was kept when a drawer held a month, or
// all, lies there still.
type drawer struct{ rows, index string }

func runShelf() shelf[stored] { return shelf[stored]{"runs", "runs-by-agent", rows} }

func auditShelf() shelf[AuditRow] { return shelf[AuditRow]{"audit", "audit-by-agent", audit} }

func (s shelf[T]) drawer(id string) drawer { return s.named(quarter(id)) }

// monthly is where the row would lie if it was kept when drawers were months.
func (s shelf[T]) monthly(id string) drawer { return s.named(quarter(id)[:len("2006-01")]) }

func (s shelf[T]) named(time string) drawer { return drawer{s.rows + "/" + time, s.index + "/" + time} }

func (s shelf[T]) old() drawer { return drawer{s.rows, s.index} }

// drawers are those that may hold ids below before, or all when it is empty; the
// latest first.
func (s shelf[T]) drawers(tx *store.Tx, before string) []drawer {
	out := []drawer{s.old()}
	for _, name := range tx.Buckets(s.rows + "/") {
		m := strings.TrimPrefix(name, s.rows)
		if before == "" || m[1:] <= quarter(before) {
			out = append(out, drawer{name, s.index + m})
		}
	}
	slices.Reverse(out)
	return out
}

// quarter of a month in which an id was made, in UTC, such as 2026-06-2 for its
// ninth to sixteenth day. It sorts after the month alone.
func quarter(id string) string {
	raw, err := hex.DecodeString(id)
	if err != nil || len(raw) < 7 {
		return "0000-00-0"
	}
	micros := binary.BigEndian.Uint64(append([]byte{0}, raw[:7]...))
	at := time.UnixMicro(int64(micros)).UTC() // #nosec G115 -- 56 bits
	return at.Format("2006-01-") + strconv.Itoa(1+(at.Day()-1)/8)
}

func byAgent(agent, id string) string { return agent + "/" + id }

// errEnough ends a walk that has found all it wants.
var errEnough = errors.New("enough")

// each calls fn for the newest rows below before (or all when it is empty), of one
// agent or of all, until fn returns errEnough or another error.
func (s shelf[T]) each(tx *store.Tx, agent, before string, fn func(id string, row T) error) error {
	edge := before
	if edge == "" {
		edge = "\xff"
	}
	for _, d := range s.drawers(tx, before) {
		err := s.eachOf(tx, d, agent, edge, fn)
		if err == errEnough { //nolint:errorlint // the very value, never wrapped
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s shelf[T]) eachOf(tx *store.Tx, d drawer, agent, edge string, fn func(id string, row T) error) error {
	table := s.table(d.rows)
	if agent == "" {
		return table.EachBefore(tx, "", edge, fn)
	}
	prefix := byAgent(agent, "")
	return tx.EachBefore(d.index, prefix, prefix+edge, func(key string, _ []byte) error {
		id := key[len(prefix):]
		row, found, err := table.Get(tx, id)
		if err != nil || !found {
			return err
		}
		return fn(id, row)
	})
}

// drop removes a drawer with all that is in it.
func (d drawer) drop(tx *store.Tx) error { return errors.Join(tx.Drop(d.rows), tx.Drop(d.index)) }
