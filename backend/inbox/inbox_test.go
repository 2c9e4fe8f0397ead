package inbox_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"pie/backend/fault"
	"pie/backend/inbox"
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

// filled is an inbox with the messages 1 to 4, of a, b, a and ab.
func filled(t *testing.T) (in *inbox.Inbox, file string, closeStore func() error) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "audit.db")
	st, err := store.Open(file, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	in = inbox.New(st, flip{})
	for i, agent := range []string{"a", "b", "a", "ab"} {
		m := inbox.Message{
			ID: fmt.Sprint(i + 1), Agent: agent, Run: "r", At: time.Unix(int64(i), 0).UTC(), Cut: i == 1,
			Title: "canary title", Text: strings.Repeat("canary\n", 2000),
		}
		if err := in.Add(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	return in, file, st.Close
}

func ids(t *testing.T, in *inbox.Inbox, agent string, limit int) string {
	t.Helper()
	list, err := in.List(t.Context(), agent, limit)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, m := range list {
		mark := m.ID
		if m.Read {
			mark += " read"
		}
		out = append(out, mark)
	}
	return strings.Join(out, ",")
}

func TestList(t *testing.T) {
	t.Parallel()
	in, file, closeStore := filled(t)
	for _, c := range []struct {
		agent string
		limit int
		want  string
	}{{"", 10, "4,3,2,1"}, {"", 2, "4,3"}, {"a", 10, "3,1"}, {"a", 1, "3"}, {"nobody", 10, ""}} {
		if got := ids(t, in, c.agent, c.limit); got != c.want {
			t.Errorf("%q %d: %s, want %s", c.agent, c.limit, got, c.want)
		}
	}
	list, err := in.List(t.Context(), "b", 1)
	want := inbox.Message{ID: "2", Agent: "b", Run: "r", At: time.Unix(1, 0).UTC(), Cut: true, Title: "canary title", Text: strings.Repeat("canary\n", 2000)}
	if diff := cmp.Diff([]inbox.Message{want}, list); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	if err := closeStore(); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(file)
	if err != nil || bytes.Contains(raw, []byte("canary")) {
		t.Errorf("words stand in the file as they are: %v", err)
	}
}

func TestReadAndRemove(t *testing.T) {
	t.Parallel()
	in, _, _ := filled(t)
	steps := []struct {
		do   func() (int, error)
		want string
	}{
		{func() (int, error) { return in.SetRead("", []string{"2", "4"}, true) }, "4 read,3,2 read,1"},
		{func() (int, error) { return in.SetRead("", []string{"2"}, false) }, "4 read,3,2,1"},
		{func() (int, error) { return in.SetRead("a", nil, true) }, "4 read,3 read,2,1 read"},
		{func() (int, error) { return in.Remove("", []string{"3"}) }, "4 read,2,1 read"},
		{func() (int, error) { return in.Remove("a", nil) }, "4 read,2"},
		{func() (int, error) { return in.Remove("", nil) }, ""},
	}
	for i, step := range steps {
		if n, err := step.do(); err != nil || n == 0 {
			t.Fatal(n, err)
		}
		if got := ids(t, in, "", 10); got != step.want {
			t.Errorf("step %d: %s, want %s", i, got, step.want)
		}
	}
}

// TestUnknownMessage: one id that is not there leaves the others as they were.
func TestUnknownMessage(t *testing.T) {
	t.Parallel()
	in, _, _ := filled(t)
	if _, err := in.Remove("", []string{"1", "9"}); !fault.Is(err, fault.NotFound) {
		t.Errorf("%v", err)
	}
	if _, err := in.SetRead("", []string{"1", "9"}, true); !fault.Is(err, fault.NotFound) {
		t.Errorf("%v", err)
	}
	if got := ids(t, in, "", 10); got != "4,3,2,1" {
		t.Error(got)
	}
}
