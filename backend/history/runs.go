package history

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"pie/backend/fault"
	"pie/backend/store"
)

const (
	openRuns = "runs-open" // ids of runs that have begun and not ended
	atOnce   = 1000        // rows that are moved in one step
)

// stored is a run in the file: Sealed holds a body.
type stored struct {
	Run    Run    `json:"run"`
	Sealed []byte `json:"sealed"`
}

type body struct {
	Input  json.RawMessage `json:"input,omitempty"`
	Result json.RawMessage `json:"result,omitempty"`
	Error  *fault.Problem  `json:"error,omitempty"`
	Logs   []Log           `json:"logs,omitempty"`
}

// SaveRun writes the run, over an older state of it. Fault: locked.
func (h *History) SaveRun(ctx context.Context, run Run) error { return h.SaveRuns(ctx, []Run{run}) }

// SaveRuns writes several in one step. Fault: locked.
func (h *History) SaveRuns(ctx context.Context, list []Run) error {
	sealed := make([]stored, 0, len(list))
	for _, run := range list {
		s, err := h.seal(ctx, run)
		if err != nil {
			return err
		}
		sealed = append(sealed, s)
	}
	return h.store.Update(func(tx *store.Tx) error {
		for _, s := range sealed {
			if err := put(tx, s); err != nil {
				return err
			}
		}
		return nil
	})
}

func (h *History) seal(ctx context.Context, run Run) (stored, error) {
	content := body{run.Input, run.Result, run.Error, run.Logs}
	if h.keepsNothing(run.Agent) {
		content = body{Error: run.Error}
	}
	for _, raw := range []json.RawMessage{content.Input, content.Result} {
		if len(raw) > 0 && !json.Valid(raw) {
			return stored{}, errors.New("encoding run: its input or result is no JSON")
		}
	}
	sealed, err := h.sealer.Seal(ctx, run.Agent, "run/"+run.ID, packBody(content))
	if err != nil {
		return stored{}, err
	}
	run.Input, run.Result, run.Error, run.Logs = nil, nil, nil, nil
	return stored{run, sealed}, nil
}

// Has tells whether there is such a run. It needs no key.
func (h *History) Has(id string) (found bool, err error) {
	err = h.store.View(func(tx *store.Tx) (err error) {
		_, found, err = get(tx, id)
		return err
	})
	return found, err
}

// open opens what is sealed of a run into it.
func (h *History) open(ctx context.Context, run *Run, sealed []byte) error {
	plain, err := h.sealer.Open(ctx, run.Agent, "run/"+run.ID, sealed)
	if err != nil {
		return err
	}
	b, err := unpackBody(plain)
	if err != nil {
		return fmt.Errorf("decoding run: %w", err)
	}
	run.Input, run.Result, run.Error, run.Logs = b.Input, b.Result, b.Error, b.Logs
	*run = run.Complete()
	return nil
}

// Run returns one run. Faults: not_found, locked.
func (h *History) Run(ctx context.Context, id string) (Run, error) {
	var s stored
	var found bool
	err := h.store.View(func(tx *store.Tx) (err error) {
		s, found, err = get(tx, id)
		return err
	})
	if err == nil && !found {
		err = fault.New(fault.NotFound, "There is no such run.", "Run pie history to see the runs.")
	}
	if err != nil {
		return Run{}, err
	}
	err = h.open(ctx, &s.Run, s.Sealed)
	return s.Run, err
}

// Runs returns the newest runs, of all agents when agent is empty.
func (h *History) Runs(ctx context.Context, agent string, limit int) ([]Run, error) {
	return h.page(ctx, agent, "", limit, 0)
}

// page are the newest runs that are older than before, or of all when it is empty:
// at most limit, and not many more than most sealed bytes unless that is zero.
func (h *History) page(ctx context.Context, agent, before string, limit, most int) ([]Run, error) {
	found, sealed, size := make([]Run, 0, min(limit, pageRuns)), make([][]byte, 0, min(limit, pageRuns)), 0
	err := h.store.View(func(tx *store.Tx) error {
		return runShelf().each(tx, agent, before, func(_ string, s stored) error {
			if len(found) >= limit || most > 0 && size >= most {
				return errEnough
			}
			found, sealed, size = append(found, s.Run), append(sealed, s.Sealed), size+len(s.Sealed)
			return nil
		})
	})
	for i := range found {
		if err == nil {
			err = h.open(ctx, &found[i], sealed[i])
		}
	}
	if err != nil {
		return nil, err
	}
	return found, nil
}

// put writes a run into its drawer, takes it out of an older one, and keeps the
// list of open ones.
func put(tx *store.Tx, s stored) error {
	id, index := s.Run.ID, byAgent(s.Run.Agent, s.Run.ID)
	d, before := runShelf().drawer(id), runShelf().monthly(id)
	if err := rows(d.rows).Put(tx, id, s); err != nil {
		return err
	}
	mark := tx.Delete
	if s.Run.Status == Running || s.Run.Status == Queued {
		mark = func(bucket, key string) error { return tx.Put(bucket, key, []byte{1}) }
	}
	return errors.Join(mark(openRuns, id), tx.Put(d.index, index, []byte{1}), tx.Delete(before.rows, id), tx.Delete(before.index, index))
}

func get(tx *store.Tx, id string) (stored, bool, error) {
	s, found, err := rows(runShelf().drawer(id).rows).Get(tx, id)
	if err != nil || found {
		return s, found, err
	}
	return rows(runShelf().monthly(id).rows).Get(tx, id)
}

// InterruptOpen marks what was running when the program last ended. The sealed
// part stays as it is, so no key is needed.
func (h *History) InterruptOpen() error {
	for more := true; more; {
		err := h.store.Update(func(tx *store.Tx) (err error) {
			if more, err = arrange(tx); err != nil || more {
				return err
			}
			return interruptOpen(tx)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func interruptOpen(tx *store.Tx) error {
	var open []string
	err := tx.Each(openRuns, "", func(id string, _ []byte) error {
		open = append(open, id)
		return nil
	})
	for _, id := range open {
		s, found, failed := get(tx, id)
		s.Run.Status = Interrupted
		switch err = cmp.Or(err, failed); {
		case err != nil:
			return err
		case found:
			err = put(tx, s)
		default:
			err = tx.Delete(openRuns, id)
		}
	}
	return err
}

// arrange moves runs that lie as they did before there were months, some at a
// time, and tells whether there may be more.
func arrange(tx *store.Tx) (more bool, err error) {
	old := runShelf().old()
	var all []stored
	err = runShelf().eachOf(tx, old, "", "\xff", func(_ string, s stored) error {
		if len(all) == atOnce {
			return errEnough
		}
		all = append(all, s)
		return nil
	})
	if err == nil && len(all) == 0 {
		return false, old.drop(tx)
	}
	if errors.Is(err, errEnough) {
		err = nil
	}
	for _, s := range all {
		if err == nil {
			err = errors.Join(put(tx, s), tx.Delete(old.rows, s.Run.ID))
		}
	}
	return true, err
}
