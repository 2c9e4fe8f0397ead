package store

import (
	"bytes"
	"fmt"
	"sync/atomic"

	"go.etcd.io/bbolt"
)

// Tx is a transaction. Keys sort as bytes. Values that come out are copies.
type Tx struct {
	tx    *bbolt.Tx
	reads *atomic.Uint64
}

// Get returns a copy of the value, nil when there is none.
func (t *Tx) Get(bucket, key string) []byte { return bytes.Clone(t.peek(bucket, key)) }

// peek is Get without a copy: what it returns lives as long as the transaction.
func (t *Tx) peek(bucket, key string) []byte {
	b := t.tx.Bucket([]byte(bucket))
	if b == nil {
		return nil
	}
	t.reads.Add(1)
	return b.Get([]byte(key))
}

// Put writes the value.
func (t *Tx) Put(bucket, key string, value []byte) error {
	return t.put(bucket, key, value, bbolt.DefaultFillPercent)
}

// filled is how much of a page is used where keys come in order.
const filled = 0.95

// Append is Put where keys come in ascending order, as a rule: their pages are
// filled, where other pages are left half empty for what comes between.
func (t *Tx) Append(bucket, key string, value []byte) error {
	return t.put(bucket, key, value, filled)
}

func (t *Tx) put(bucket, key string, value []byte, fill float64) error {
	b, err := t.tx.CreateBucketIfNotExists([]byte(bucket))
	if err != nil {
		return fmt.Errorf("making bucket %s: %w", bucket, err)
	}
	b.FillPercent = fill
	if err := b.Put([]byte(key), value); err != nil {
		return fmt.Errorf("writing to %s: %w", bucket, err)
	}
	return nil
}

// Delete removes the value; there need not be one.
func (t *Tx) Delete(bucket, key string) error {
	b := t.tx.Bucket([]byte(bucket))
	if b == nil {
		return nil
	}
	if err := b.Delete([]byte(key)); err != nil {
		return fmt.Errorf("deleting from %s: %w", bucket, err)
	}
	return nil
}

// Each calls fn for every key with the prefix, in order, until fn returns an
// error. fn must not write to the bucket.
func (t *Tx) Each(bucket, prefix string, fn func(key string, value []byte) error) error {
	return t.forward(bucket, prefix, copied(fn))
}

// Keys is Each without values.
func (t *Tx) Keys(bucket, prefix string, fn func(key string) error) error {
	return t.forward(bucket, prefix, func(key string, _ []byte) error { return fn(key) })
}

// EachReverse is Each from the last key to the first.
func (t *Tx) EachReverse(bucket, prefix string, fn func(key string, value []byte) error) error {
	return t.EachBefore(bucket, prefix, prefix+"\xff", fn)
}

// EachBefore is EachReverse from the last key that sorts before edge: what comes
// after it is not read.
func (t *Tx) EachBefore(bucket, prefix, edge string, fn func(key string, value []byte) error) error {
	return t.backward(bucket, prefix, edge, copied(fn))
}

func copied(fn func(string, []byte) error) func(string, []byte) error {
	return func(key string, value []byte) error { return fn(key, bytes.Clone(value)) }
}

// forward and backward walk without copying values, which live as long as the
// transaction.
func (t *Tx) forward(bucket, prefix string, fn func(key string, value []byte) error) error {
	b := t.tx.Bucket([]byte(bucket))
	if b == nil {
		return nil
	}
	c := b.Cursor()
	for k, v := c.Seek([]byte(prefix)); k != nil && bytes.HasPrefix(k, []byte(prefix)); k, v = c.Next() {
		t.reads.Add(1)
		if err := fn(string(k), v); err != nil {
			return err
		}
	}
	return nil
}

func (t *Tx) backward(bucket, prefix, edge string, fn func(key string, value []byte) error) error {
	b := t.tx.Bucket([]byte(bucket))
	if b == nil {
		return nil
	}
	c := b.Cursor()
	var k, v []byte
	if found, _ := c.Seek([]byte(edge)); found == nil {
		k, v = c.Last()
	} else {
		k, v = c.Prev()
	}
	for ; k != nil && bytes.HasPrefix(k, []byte(prefix)); k, v = c.Prev() {
		t.reads.Add(1)
		if err := fn(string(k), v); err != nil {
			return err
		}
	}
	return nil
}

// Buckets are the names with the prefix, in order.
func (t *Tx) Buckets(prefix string) []string {
	var out []string
	c := t.tx.Cursor()
	for k, v := c.Seek([]byte(prefix)); k != nil && bytes.HasPrefix(k, []byte(prefix)); k, v = c.Next() {
		if v == nil {
			out = append(out, string(k))
		}
	}
	return out
}

// Drop removes a bucket with all that is in it, at once; there need not be one.
func (t *Tx) Drop(bucket string) error {
	if t.tx.Bucket([]byte(bucket)) == nil {
		return nil
	}
	if err := t.tx.DeleteBucket([]byte(bucket)); err != nil {
		return fmt.Errorf("removing bucket %s: %w", bucket, err)
	}
	return nil
}

// Count is the number of keys of a bucket and how many bytes they take with their
// values, read from its pages alone.
func (t *Tx) Count(bucket string) (keys int, size int64) {
	b := t.tx.Bucket([]byte(bucket))
	if b == nil {
		return 0, 0
	}
	stats := b.Stats()
	return stats.KeyN, int64(stats.LeafInuse) + int64(stats.InlineBucketInuse)
}
