package store

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"io"
	"os"
)

// The layout of a bbolt metadata page, little endian here and on every machine
// that this program runs on: a page header of 16 bytes, then the meta.
const (
	pageHeader  = 16
	metaSize    = 64
	metaMagic   = 0xED0CDAED
	metaVersion = 2
	minPage     = 1024
	maxPage     = 65536
)

// preflight reads both metadata pages with ordinary reads. The newest valid one
// must not name pages behind the end of the file, which mapping would fault on.
func preflight(path string, size int64) error {
	file, err := os.Open(path) // #nosec G304 -- the program's own database
	if err != nil {
		return translate(fmt.Errorf("opening database: %w", err))
	}
	defer func() { _ = file.Close() }()
	first, ok := readMeta(file, 0)
	newest := first
	if !ok {
		newest, ok = findSecond(file)
	} else if second, valid := readMeta(file, int64(first.pageSize)); valid && second.txid > newest.txid {
		newest = second
	}
	if !ok {
		return translate(fmt.Errorf("%w: no valid metadata page", errDamaged))
	}
	if int64(newest.pages)*int64(newest.pageSize) > size { // #nosec G115 -- bounded by readMeta
		return translate(fmt.Errorf("%w: the file is shorter than it says", errDamaged))
	}
	return nil
}

// findSecond looks for the other metadata page when the first is lost and so
// the page size is not known.
func findSecond(file io.ReaderAt) (meta, bool) {
	for size := int64(minPage); size <= maxPage; size *= 2 {
		if m, ok := readMeta(file, size); ok && int64(m.pageSize) == size {
			return m, true
		}
	}
	return meta{}, false
}

type meta struct {
	pageSize uint32
	pages    uint64
	txid     uint64
}

func readMeta(file io.ReaderAt, offset int64) (meta, bool) {
	raw := make([]byte, pageHeader+metaSize)
	if _, err := file.ReadAt(raw, offset); err != nil {
		return meta{}, false
	}
	body := raw[pageHeader:]
	sum := fnv.New64a()
	_, _ = sum.Write(body[:metaSize-8])
	le := binary.LittleEndian
	m := meta{pageSize: le.Uint32(body[8:]), pages: le.Uint64(body[40:]), txid: le.Uint64(body[48:])}
	valid := le.Uint32(body) == metaMagic && le.Uint32(body[4:]) == metaVersion &&
		le.Uint64(body[56:]) == sum.Sum64() &&
		m.pageSize >= minPage && m.pageSize <= maxPage && m.pages < 1<<40
	return m, valid
}
