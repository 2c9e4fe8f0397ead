//go:build unix

package bench_test

import (
	"crypto/rand"
	"database/sql"
	"path/filepath"
	"testing"

	_ "modernc.org/sqlite"
)

// bodySize is how long the sealed body of a run is here.
const bodySize = 330

// table is the same history in SQLite: an integer as the key, which is the fastest
// it has, an index for the runs of one agent, and a log written ahead. A whole
// delete in one step was faster than one in parts, and an integer as the key
// than a text with or without row ids.
type table struct{ db *sql.DB }

func newTable(b *testing.B) *table {
	b.Helper()
	db, err := sql.Open("sqlite", filepath.Join(b.TempDir(), "runs.db"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	db.SetMaxOpenConns(1) // pragmas are a connection's
	t := &table{db}
	for _, text := range []string{
		"PRAGMA journal_mode=WAL", "PRAGMA synchronous=NORMAL", "PRAGMA cache_size=-262144",
		`CREATE TABLE runs(id INTEGER PRIMARY KEY, agent TEXT, function TEXT, "trigger" TEXT, status TEXT, started INTEGER, took INTEGER, requests TEXT, body BLOB)`,
		"CREATE INDEX by_agent ON runs(agent)",
	} {
		t.do(b, text)
	}
	return t
}

func (t *table) do(b *testing.B, text string, values ...any) int {
	b.Helper()
	result, err := t.db.ExecContext(b.Context(), text, values...)
	if err != nil {
		b.Fatal(text, err)
	}
	n, err := result.RowsAffected()
	if err != nil {
		b.Fatal(err)
	}
	return int(n)
}

func (t *table) fill(b *testing.B) {
	b.Helper()
	body := make([]byte, bodySize)
	_, _ = rand.Read(body)
	const requests = `[{"at":"2026-06-30T00:00:00Z","method":"GET","url":"https://tasks.example/lists/today/tasks","status":200,"ms":180,"bytes":5120,"service":"tasks"}]`
	for i := 0; i < allRuns; {
		t.do(b, "BEGIN")
		insert, err := t.db.PrepareContext(b.Context(), "INSERT INTO runs VALUES(?,?,?,?,?,?,?,?,?)")
		if err != nil {
			b.Fatal(err)
		}
		for range oneStep {
			if _, err := insert.ExecContext(b.Context(), i, agentOf(i), "handler", "automation", "ok", at(i).UnixMicro(), 412, requests, body); err != nil {
				b.Fatal(err)
			}
			i++
		}
		_ = insert.Close()
		t.do(b, "COMMIT")
	}
	t.do(b, "PRAGMA wal_checkpoint(TRUNCATE)")
}

func (t *table) trimHalf(b *testing.B) int {
	b.Helper()
	return t.do(b, "DELETE FROM runs WHERE id < ?", allRuns/2)
}
