package store

import (
	"bytes"
	"fmt"

	"go.etcd.io/bbolt"
)

// Tx is a transaction. Keys sort as bytes. Values that come out are copies.
type Tx struct{ tx *bbolt.Tx }

// Get returns a copy of the value, nil when there is none.
func (t *Tx) Get(bucket, key string) []byte {
	b := t.tx.Bucket([]byte(bucket))
	if b == nil {
		return nil
	}
	return bytes.Clone(b.Get([]byte(key)))
}

// Put writes the value.
func (t *Tx) Put(bucket, key string, value []byte) error {
	b, err := t.tx.CreateBucketIfNotExists([]byte(bucket))
	if err != nil {
		return fmt.Errorf("making bucket %s: %w", bucket, err)
	}
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
	b := t.tx.Bucket([]byte(bucket))
	if b == nil {
		return nil
	}
	c := b.Cursor()
	for k, v := c.Seek([]byte(prefix)); k != nil && bytes.HasPrefix(k, []byte(prefix)); k, v = c.Next() {
		if err := fn(string(k), bytes.Clone(v)); err != nil {
			return err
		}
	}
	return nil
}

// EachReverse is Each from the last key to the first.
func (t *Tx) EachReverse(bucket, prefix string, fn func(key string, value []byte) error) error {
	b := t.tx.Bucket([]byte(bucket))
	if b == nil {
		return nil
	}
	c := b.Cursor()
	k, v := c.Seek(append([]byte(prefix), 0xff))
	if k == nil {
		k, v = c.Last()
	}
	for k != nil && bytes.Compare(k, []byte(prefix)) >= 0 {
		if bytes.HasPrefix(k, []byte(prefix)) {
			if err := fn(string(k), bytes.Clone(v)); err != nil {
				return err
			}
		}
		k, v = c.Prev()
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

// Count is the number of keys of a bucket, read from its pages without its values.
func (t *Tx) Count(bucket string) int {
	b := t.tx.Bucket([]byte(bucket))
	if b == nil {
		return 0
	}
	return b.Stats().KeyN
}
