// Package store owns the bbolt files: opening them safely, transactions, and
// typed records that carry a version.
//
// A damaged file is an error, never the end of the process: both metadata pages
// are read with ordinary reads before the file is mapped, and every transaction
// turns a memory fault or a panic of the library into a fault. A file held by
// another process is in_use after one second. Records are durable (fsync) when
// Update returns.
package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime/debug"
	"sync/atomic"
	"syscall"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"pie/backend/fault"
)

// Options of Open.
type Options struct {
	Timeout time.Duration // how long to wait for another process, 1 s when zero

	// PageSize is that of a file that is made now, the system's when zero. Large
	// pages suit a file of many rows that come and go by the thousand.
	PageSize int
}

// Store is one open file. It is safe for concurrent use.
type Store struct {
	db     *bbolt.DB
	reads  atomic.Uint64
	writes atomic.Uint64
}

// Open opens the file or makes it, mode 0600. Faults: in_use when another
// process holds it, internal when it is damaged.
func Open(path string, o Options) (*Store, error) {
	if o.Timeout == 0 {
		o.Timeout = time.Second
	}
	if err := prepare(path, o.PageSize); err != nil {
		return nil, err
	}
	var db *bbolt.DB
	err := guard(func() (err error) {
		db, err = bbolt.Open(path, 0o600, &bbolt.Options{
			Timeout: o.Timeout, FreelistType: bbolt.FreelistMapType,
		})
		return err
	})
	if err != nil {
		return nil, translate(err)
	}
	return &Store{db: db}, nil
}

// prepare makes a missing file as a whole one and checks a present one.
func prepare(path string, pageSize int) error {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return create(path, pageSize)
	}
	if err != nil {
		return fmt.Errorf("looking at database: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return fmt.Errorf("closing database to others: %w", err)
	}
	return preflight(path, info.Size())
}

// create makes the file under another name and moves it: a crash while its
// first pages are written must not leave half a database. The link call fails
// where another process was first, and then that file stands.
func create(path string, pageSize int) error {
	temp := fmt.Sprintf("%s.new-%d", path, os.Getpid())
	_ = os.Remove(temp)
	db, err := bbolt.Open(temp, 0o600, &bbolt.Options{Timeout: time.Second, FreelistType: bbolt.FreelistMapType, PageSize: pageSize})
	if err != nil {
		return translate(fmt.Errorf("making database: %w", err))
	}
	defer func() { _ = os.Remove(temp) }()
	if err := db.Close(); err != nil {
		return translate(fmt.Errorf("making database: %w", err))
	}
	if err := os.Link(temp, path); err == nil || errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err := os.Rename(temp, path); err != nil {
		return fmt.Errorf("moving database into place: %w", err)
	}
	return nil
}

// Close closes the file and gives it free for other processes.
func (s *Store) Close() error { return translate(s.db.Close()) }

// Path is the name of the file.
func (s *Store) Path() string { return s.db.Path() }

// Reads is how many records were read since Open: what reading costs, told in a
// way that no machine changes.
func (s *Store) Reads() uint64 { return s.reads.Load() }

// View runs fn in a read transaction. Do not keep the Tx.
func (s *Store) View(fn func(*Tx) error) error {
	return translate(guard(func() error {
		return s.db.View(func(tx *bbolt.Tx) error { return fn(&Tx{tx, &s.reads}) })
	}))
}

// Version grows with every Update. What was read after it was asked for is so still
// while it is the same: no other process writes a file that is open here.
func (s *Store) Version() uint64 { return s.writes.Load() }

// Update runs fn in a write transaction. What fn wrote is on disk when Update
// returns nil, and nothing of it otherwise. Do not keep the Tx. Fault: limited
// when the disk is full.
func (s *Store) Update(fn func(*Tx) error) error {
	defer s.writes.Add(1) // when what was written can be read
	return translate(guard(func() error {
		return s.db.Update(func(tx *bbolt.Tx) error { return fn(&Tx{tx, &s.reads}) })
	}))
}

// errDamaged is the cause of every fault about a damaged file.
var errDamaged = errors.New("damaged database")

// guard runs fn so that a panic or a memory fault inside the library becomes an
// error. SetPanicOnFault counts for this goroutine alone.
func guard(fn func() error) (err error) {
	old := debug.SetPanicOnFault(true)
	defer debug.SetPanicOnFault(old)
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %v", errDamaged, r)
		}
	}()
	return fn()
}

// translate gives the library's errors their meaning; faults pass unchanged.
func translate(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*fault.Error](err); ok {
		return err
	}
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return fault.Wrap(err, fault.InUse, "Another program is using the data of PIE Desktop.", "Close the other PIE Desktop and try again.")
	case errors.Is(err, errDamaged), errors.Is(err, bolterrors.ErrInvalid),
		errors.Is(err, bolterrors.ErrChecksum), errors.Is(err, bolterrors.ErrVersionMismatch):
		return fault.Wrap(err, fault.Internal, "The data file of PIE Desktop is damaged.",
			"Nothing was changed. Restore a backup, or move the file aside and connect your services again.")
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, bolterrors.ErrMaxSizeReached):
		return fault.Wrap(err, fault.Limited, "The disk is full, so nothing was saved.", "Make room on the disk and try again.")
	case errors.Is(err, fs.ErrPermission):
		return fault.Wrap(err, fault.Denied, "The data file of PIE Desktop cannot be opened.", "Check who owns the file and its folder.")
	}
	return err
}
