package history_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"pie/backend/history"
)

func TestExport(t *testing.T) {
	t.Parallel()
	h := newHistory(t)
	end := time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC)
	fill(t, h, 450, end)
	for name, c := range map[string]struct {
		q       history.Selection
		runs    int
		results bool
	}{
		"all":          {history.Selection{}, 450, false},
		"of one agent": {history.Selection{Agent: "b"}, 225, false},
		"of ten days":  {history.Selection{Since: end.AddDate(0, 0, -9)}, 10, false},
		"with results": {history.Selection{Results: true}, 450, true},
		"of nobody":    {history.Selection{Agent: "c"}, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var b bytes.Buffer
			got, err := h.Export(t.Context(), c.q, &b)
			lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
			if c.runs == 0 {
				lines = nil
			}
			if err != nil || got.Runs != c.runs || len(lines) != c.runs || got.Bytes != int64(b.Len()) {
				t.Fatalf("%+v, %d lines, %v", got, len(lines), err)
			}
			if strings.Contains(b.String(), "xxx") != c.results {
				t.Error("results are where they should not be, or not where they should")
			}
			seen := map[string]bool{}
			for _, line := range lines {
				var run history.Run
				if err := json.Unmarshal([]byte(line), &run); err != nil || seen[run.ID] {
					t.Fatalf("%s: %v", line, err)
				}
				seen[run.ID] = true
			}
		})
	}
}
