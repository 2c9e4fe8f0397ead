// Package quiet owns what was not shown in the hours in which the person wants no
// notifications, and tells of it once when they are over. It counts and names
// agents; what they said stands in the inbox.
package quiet

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"pie/backend/store"
)

// tick is how often the clock on the wall is looked at; a longer timer would sleep
// with the computer.
const tick = 30 * time.Second

// Sum is what was not shown.
type Sum struct {
	Agents map[string]int `json:"agents"` // how much of each
	Lost   int            `json:"lost"`   // of that, what no inbox has, for the vault was locked
}

// Options of New. All must be set.
type Options struct {
	Store *store.Store
	Now   func() time.Time         // the clock on the wall
	Quiet func(now time.Time) bool // whether the person wants quiet
	Tell  func(Sum)                // shows it; must not call the Hours
	Log   *slog.Logger
}

// Hours are the quiet hours of one home. They are safe for concurrent use.
type Hours struct {
	options Options
	mu      sync.Mutex
}

// New makes Hours; what was held when the program last ended is there.
func New(o Options) *Hours { return &Hours{options: o} }

const key = "held"

func held() store.Table[Sum] { return store.Table[Sum]{Bucket: "quiet", Version: 1} }

// Hold counts something of an agent that is not to be shown now, and tells whether
// that is so. kept tells whether the inbox has it.
func (h *Hours) Hold(agent string, kept bool) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.options.Quiet(h.options.Now()) {
		h.over()
		return false
	}
	err := h.options.Store.Update(func(tx *store.Tx) error {
		sum, _, err := held().Get(tx, key)
		if err != nil {
			return err
		}
		if sum.Agents == nil {
			sum.Agents = map[string]int{}
		}
		sum.Agents[agent]++
		if !kept {
			sum.Lost++
		}
		return held().Put(tx, key, sum)
	})
	if err != nil {
		h.options.Log.Error("counting what is not shown", "error", err)
	}
	return true
}

// Watch tells what was held, soon after the hours are over, until ctx ends.
func (h *Hours) Watch(ctx context.Context) {
	beat := time.NewTicker(tick)
	defer beat.Stop()
	for {
		h.mu.Lock()
		if !h.options.Quiet(h.options.Now()) {
			h.over()
		}
		h.mu.Unlock()
		select {
		case <-ctx.Done():
			return
		case <-beat.C:
		}
	}
}

// over tells what was held, once: it is forgotten before it is shown. The caller
// holds mu.
func (h *Hours) over() {
	var sum Sum
	err := h.options.Store.View(func(tx *store.Tx) (err error) {
		sum, _, err = held().Get(tx, key)
		return err
	})
	if err == nil && len(sum.Agents) == 0 {
		return
	}
	if forgetting := h.options.Store.Update(func(tx *store.Tx) error { return held().Delete(tx, key) }); err == nil {
		err = forgetting
	}
	if err != nil {
		h.options.Log.Error("telling what was not shown", "error", err)
		return
	}
	h.options.Tell(sum)
}
