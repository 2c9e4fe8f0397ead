package backend

import (
	"slices"
	"time"

	"pie/backend/fault"
	"pie/backend/history"
	"pie/backend/settings"
)

// keepsNothing tells whether the person wants no results of the agent kept.
func (b *Backend) keepsNothing(agent string) bool {
	return slices.Contains(b.Settings().NoResults, agent)
}

// SetKeep changes how much history is kept, and trims it at once: days and
// megabytes, 0 for all. Fault: invalid.
func (b *Backend) SetKeep(days, megabytes int) (history.Trimmed, error) {
	if days < 0 || days > 36500 || megabytes < 0 || megabytes > 1<<20 {
		return history.Trimmed{}, fault.New(fault.Invalid, "This is no age and no size of a history.", "Use days and megabytes, or 0 for all.")
	}
	if err := b.Change(func(s *settings.Settings) { s.KeepDays, s.KeepMB = days, megabytes }); err != nil {
		return history.Trimmed{}, err
	}
	return b.trim()
}

// SetResults keeps results of an agent's runs from now on, or does not. Fault:
// not_found.
func (b *Backend) SetResults(agent string, kept bool) error {
	if _, _, err := b.Agents.Get(agent); err != nil {
		return err
	}
	return b.Change(func(s *settings.Settings) {
		rest := slices.DeleteFunc(slices.Clone(s.NoResults), func(name string) bool { return name == agent })
		if !kept {
			rest = append(rest, agent)
		}
		s.NoResults = rest
	})
}

func (b *Backend) trim() (history.Trimmed, error) {
	s := b.Settings()
	if s.KeepDays == 0 && s.KeepMB == 0 {
		return history.Trimmed{}, nil
	}
	return b.History.Trim(history.Keep{Age: time.Duration(s.KeepDays) * 24 * time.Hour, Size: int64(s.KeepMB) << 20}, time.Now())
}

// trimDaily trims history now and once a day until stop is closed.
func (b *Backend) trimDaily(stop <-chan struct{}) {
	day := time.NewTicker(24 * time.Hour)
	defer day.Stop()
	for {
		if _, err := b.trim(); err != nil {
			b.options.Log.Error("trimming history", "error", err)
		}
		select {
		case <-stop:
			return
		case <-day.C:
		}
	}
}

func (b *Backend) endTrim() {
	if b.trims != nil {
		close(b.trims)
		b.trims = nil
	}
}
