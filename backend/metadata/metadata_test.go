package metadata_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"pie/backend/fault"
	"pie/backend/metadata"
	"pie/backend/store"
)

// flip "seals" by flipping every bit, so that a plain text in the file is seen.
type flip struct{}

func (flip) Seal(_ context.Context, _, _ string, plain []byte) ([]byte, error) {
	out := bytes.Clone(plain)
	for i := range out {
		out[i] ^= 0xff
	}
	return out, nil
}

func (f flip) Open(ctx context.Context, agent, field string, sealed []byte) ([]byte, error) {
	return f.Seal(ctx, agent, field, sealed)
}

func opened(t *testing.T) (m *metadata.Metadata, file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "pie.db")
	st, err := store.Open(file, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	return metadata.New(st, flip{}), file
}

func update(t *testing.T, m *metadata.Metadata, agent, changes string) (string, error) {
	t.Helper()
	var object metadata.Object
	if err := json.Unmarshal([]byte(changes), &object); err != nil {
		t.Fatal(err)
	}
	out, err := m.Update(t.Context(), agent, object)
	return text(t, out), err
}

func text(t *testing.T, object metadata.Object) string {
	t.Helper()
	raw, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestUpdate(t *testing.T) {
	t.Parallel()
	m, file := opened(t)
	for _, step := range []struct{ agent, changes, want string }{
		{"a", `{}`, `{}`},
		{"a", `{"canary": 1, "list": [1, {"x": null}]}`, `{"canary":1,"list":[1,{"x":null}]}`},
		{"a", `{"canary": "two"}`, `{"canary":"two","list":[1,{"x":null}]}`},
		{"b", `{"own": true}`, `{"own":true}`},
		{"a", `{"list": null, "none": null}`, `{"canary":"two"}`},
	} {
		if got, err := update(t, m, step.agent, step.changes); err != nil || got != step.want {
			t.Errorf("%s: %s %v, want %s", step.changes, got, err, step.want)
		}
	}
	if got, err := m.Get(t.Context(), "a"); err != nil || text(t, got) != `{"canary":"two"}` {
		t.Errorf("%s %v", text(t, got), err)
	}
	if raw, err := os.ReadFile(file); err != nil || bytes.Contains(raw, []byte("canary")) {
		t.Errorf("it stands in the file as it is: %v", err)
	}
	for _, want := range []bool{true, false} {
		if has, err := m.Has("a"); err != nil || has != want {
			t.Errorf("%v %v", has, err)
		}
		if err := m.Remove("a"); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := m.Get(t.Context(), "b"); err != nil || text(t, got) != `{"own":true}` {
		t.Errorf("%s %v", text(t, got), err)
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	m, _ := opened(t)
	if _, err := update(t, m, "a", `{"kept": 1}`); err != nil {
		t.Fatal(err)
	}
	many := map[string]int{}
	for i := range metadata.MaxKeys {
		many[fmt.Sprint(i)] = i
	}
	keys, err := json.Marshal(many)
	if err != nil {
		t.Fatal(err)
	}
	for _, changes := range []string{`{"x":"` + strings.Repeat("x", metadata.MaxSize) + `"}`, string(keys)} {
		if _, err := update(t, m, "a", changes); !fault.Is(err, fault.Limited) {
			t.Errorf("%v", err)
		}
	}
	if got, err := m.Get(t.Context(), "a"); err != nil || text(t, got) != `{"kept":1}` {
		t.Errorf("%s %v", text(t, got), err)
	}
}

// TestUpdatesAtOnce: none of them is lost.
func TestUpdatesAtOnce(t *testing.T) {
	t.Parallel()
	m, _ := opened(t)
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			if _, err := m.Update(t.Context(), "a", metadata.Object{fmt.Sprint(i): json.RawMessage("1")}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got, err := m.Get(t.Context(), "a"); err != nil || len(got) != 20 {
		t.Errorf("%d %v", len(got), err)
	}
}
