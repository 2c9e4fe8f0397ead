package history

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// What an export holds in memory at a time, as a rule: a page ends with the run
// that reaches either.
const (
	pageRuns  = 200
	pageBytes = 1 << 20
)

// Selection is what an export holds.
type Selection struct {
	Agent   string    // of all when empty
	Since   time.Time // from the beginning when zero
	Results bool      // with inputs, results and logs, which are people's mail
}

// Contents says what an export would hold.
type Contents struct {
	Runs   int            `json:"runs"`
	Agents map[string]int `json:"agents"` // runs by agent
	From   *time.Time     `json:"from"`   // the oldest and the newest, null when there is none
	To     *time.Time     `json:"to"`
	Bytes  int64          `json:"bytes"`
	Fields []string       `json:"fields"` // of each run
}

// exported is one run of an export. Secrets are in no run, and addresses have no
// queries.
type exported struct {
	ID         string          `json:"id"`
	Agent      string          `json:"agent"`
	Function   string          `json:"function"`
	Trigger    string          `json:"trigger"`
	Status     string          `json:"status"`
	Code       string          `json:"code"` // of its error
	Requests   []Request       `json:"requests"`
	StartedAt  time.Time       `json:"started_at"`
	DurationMS int64           `json:"duration_ms"`
	Input      json.RawMessage `json:"input,omitempty"`
	Result     json.RawMessage `json:"result,omitempty"`
	Message    string          `json:"message,omitempty"`
	Logs       []Log           `json:"logs,omitempty"`
}

// Export writes the selected runs, the newest first, one JSON object a line, and
// returns what that is. With io.Discard it is a preview. Fault: locked.
func (h *History) Export(ctx context.Context, q Selection, w io.Writer) (Contents, error) {
	out := Contents{Agents: map[string]int{}, Fields: []string{"id", "agent", "function", "trigger", "status", "code", "requests", "started_at", "duration_ms"}}
	if q.Results {
		out.Fields = append(out.Fields, "input", "result", "message", "logs")
	}
	before := ""
	for {
		page, err := h.page(ctx, q.Agent, before, pageRuns, pageBytes)
		if err != nil || len(page) == 0 {
			return out, err
		}
		for _, run := range page {
			if run.StartedAt.Before(q.Since) {
				return out, nil
			}
			if err := out.add(run, q, w); err != nil {
				return out, err
			}
		}
		before = page[len(page)-1].ID
	}
}

func (c *Contents) add(run Run, q Selection, w io.Writer) error {
	e := exported{
		ID: run.ID, Agent: run.Agent, Function: run.Function, Trigger: run.Trigger, Status: run.Status, Requests: run.Requests,
		StartedAt: run.StartedAt, DurationMS: run.DurationMS,
	}
	if run.Error != nil {
		e.Code = string(run.Error.Code)
	}
	if q.Results {
		e.Input, e.Result, e.Logs = run.Input, run.Result, run.Logs
		if run.Error != nil {
			e.Message = run.Error.Message
		}
	}
	raw, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("encoding run: %w", err)
	}
	n, err := w.Write(append(raw, '\n'))
	if err != nil {
		return fmt.Errorf("writing export: %w", err)
	}
	c.Runs++
	c.Agents[run.Agent]++
	c.Bytes += int64(n)
	if c.To == nil {
		c.To = &e.StartedAt
	}
	c.From = &e.StartedAt
	return nil
}
