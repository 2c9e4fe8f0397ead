package store

import (
	"encoding/json"
	"fmt"

	"pie/backend/fault"
)

// Table is a bucket of typed records. A record on disk is {"v":N,"d":{…}};
// Upgrades[n] turns the data of version n into that of version n+1, so that an
// older file stays readable. A record of a newer program is a conflict.
//
// Records that are read by the hundred pack themselves: with Pack and Unpack,
// the data is a JSON string of base64, which costs a tenth of an object to read.
type Table[T any] struct {
	Bucket   string
	Version  int
	Upgrades map[int]func(data []byte) ([]byte, error)
	Pack     func(value T) []byte
	Unpack   func(packed []byte) (T, error)
	Ordered  bool // keys come in ascending order, so pages are filled and not halved
}

type record struct {
	Version int             `json:"v"`
	Data    json.RawMessage `json:"d"`
}

// Get reads a record; false when there is none.
func (t Table[T]) Get(tx *Tx, key string) (value T, found bool, err error) {
	raw := tx.peek(t.Bucket, key)
	if raw == nil {
		return value, false, nil
	}
	value, err = t.Decode(raw)
	return value, err == nil, err
}

// Put writes a record.
func (t Table[T]) Put(tx *Tx, key string, value T) error {
	if t.Pack != nil {
		return t.put(tx, key, t.pack(value))
	}
	data, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encoding record of %s: %w", t.Bucket, err)
	}
	raw, err := json.Marshal(record{t.Version, data})
	if err != nil {
		return fmt.Errorf("encoding record of %s: %w", t.Bucket, err)
	}
	return t.put(tx, key, raw)
}

func (t Table[T]) put(tx *Tx, key string, raw []byte) error {
	if t.Ordered {
		return tx.Append(t.Bucket, key, raw)
	}
	return tx.Put(t.Bucket, key, raw)
}

// Delete removes a record; there need not be one.
func (t Table[T]) Delete(tx *Tx, key string) error { return tx.Delete(t.Bucket, key) }

// Each calls fn for every record whose key has the prefix, in order.
func (t Table[T]) Each(tx *Tx, prefix string, fn func(key string, value T) error) error {
	return tx.forward(t.Bucket, prefix, t.decoded(fn))
}

// EachReverse is Each from the last record to the first.
func (t Table[T]) EachReverse(tx *Tx, prefix string, fn func(key string, value T) error) error {
	return t.EachBefore(tx, prefix, prefix+"\xff", fn)
}

// EachBefore is EachReverse from the last record whose key sorts before edge.
func (t Table[T]) EachBefore(tx *Tx, prefix, edge string, fn func(key string, value T) error) error {
	return tx.backward(t.Bucket, prefix, edge, t.decoded(fn))
}

func (t Table[T]) decoded(fn func(string, T) error) func(string, []byte) error {
	return func(key string, raw []byte) error {
		value, err := t.Decode(raw)
		if err != nil {
			return err
		}
		return fn(key, value)
	}
}

// Decode reads a record as it came from Tx, and keeps nothing of raw.
func (t Table[T]) Decode(raw []byte) (value T, err error) {
	if packed, ours := t.packed(raw); ours {
		return t.unpack(packed)
	}
	var r record
	if err := json.Unmarshal(raw, &r); err != nil {
		return value, t.damaged(err)
	}
	if r.Version > t.Version {
		return value, fault.New(fault.Conflict, "The data was written by a newer PIE Desktop.", "Install the newer version again.")
	}
	for ; r.Version < t.Version; r.Version++ {
		upgrade, ok := t.Upgrades[r.Version]
		if !ok {
			return value, t.damaged(fmt.Errorf("no way up from version %d", r.Version))
		}
		if r.Data, err = upgrade(r.Data); err != nil {
			return value, t.damaged(err)
		}
	}
	if t.Unpack != nil {
		var packed []byte
		if err := json.Unmarshal(r.Data, &packed); err != nil {
			return value, t.damaged(err)
		}
		return t.unpack(packed)
	}
	if err := json.Unmarshal(r.Data, &value); err != nil {
		return value, t.damaged(err)
	}
	return value, nil
}

func (t Table[T]) damaged(err error) error {
	return fault.Wrap(fmt.Errorf("decoding record of %s: %w", t.Bucket, err), fault.Internal,
		"A record in the data file cannot be read.", "The other records are fine. Restore a backup if you need this one.")
}
