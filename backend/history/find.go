package history

import (
	"slices"
	"time"

	"pie/backend/store"
)

// mostLooked is how many runs are looked at for one page, so that what is rare
// never makes anybody wait.
const mostLooked = 20_000

// Filter says which runs are wanted. What is empty wants all.
type Filter struct {
	Agent    string
	Statuses []string
	Triggers []string
	Before   string // an id: older ones only
	Limit    int
}

// Row is a run as a list shows it. No key is needed for it.
type Row struct {
	ID         string    `json:"id"`
	Agent      string    `json:"agent"`
	Function   string    `json:"function"`
	Trigger    string    `json:"trigger"`
	Status     string    `json:"status"`
	StartedAt  time.Time `json:"started_at"`
	DurationMS int64     `json:"duration_ms"`
	Requests   int       `json:"requests"`
}

// Page is a part of the list of runs, the newest first. Next is what Before is for
// the next part, "" where there is none; a part can be short, and even empty, and
// have a next one.
type Page struct {
	Rows []Row  `json:"rows"`
	Next string `json:"next"`
}

func (f Filter) wants(run Run) bool {
	return (len(f.Statuses) == 0 || slices.Contains(f.Statuses, run.Status)) &&
		(len(f.Triggers) == 0 || slices.Contains(f.Triggers, run.Trigger))
}

// Find returns the newest runs that are wanted, Limit at most.
func (h *History) Find(f Filter) (Page, error) {
	page, looked, last := Page{Rows: []Row{}}, 0, ""
	err := h.store.View(func(tx *store.Tx) error {
		return runShelf().each(tx, f.Agent, f.Before, func(id string, s stored) error {
			if looked == mostLooked || len(page.Rows) >= f.Limit {
				page.Next = last
				return errEnough
			}
			looked, last = looked+1, id
			if run := s.Run; f.wants(run) {
				page.Rows = append(page.Rows, Row{run.ID, run.Agent, run.Function, run.Trigger, run.Status, run.StartedAt, run.DurationMS, len(run.Requests)})
			}
			return nil
		})
	})
	return page, err
}
