package connection

import (
	"context"
	"sync"
	"time"

	"pie/backend/fault"
	"pie/backend/oauth"
	"pie/backend/store"
)

const (
	tendEvery  = 10 * time.Minute
	tendAtOnce = 4 // renewals side by side
	mostAhead  = 2 * time.Minute
)

// Network tells when it is worth sending what cannot be sent twice.
type Network interface {
	// Settle returns when the network can be trusted, at once as a rule. Fault:
	// offline, when that does not happen.
	Settle(ctx context.Context) error
}

// renewBy is when an unused connection must be renewed, so that its refresh token
// does not die unused: after four fifths of the life that the catalogue knows,
// earlier by up to a twelfth so that connections do not all come at once. Nil when
// that life is not known.
func renewBy(s Service, r record, t *oauth.Token, now time.Time) *time.Time {
	life := time.Duration(s.Provider.Lifetime.RefreshTTL) * time.Second
	if life <= 0 || t.Refresh.IsEmpty() {
		return nil
	}
	wait := life * 4 / 5
	at := now.Add(wait - wait*time.Duration(jitter(r.ID))/1200).UTC().Truncate(time.Second)
	return &at
}

// noteClock compares this computer's clock with the server's.
func (r *record) noteClock(t *oauth.Token) {
	r.Ahead = t.Ahead
	if t.Ahead.Abs() <= mostAhead {
		r.relieve(causeClock)
		return
	}
	if r.Problem == nil {
		r.trouble(causeClock, ClockProblem(t.Ahead))
	}
}

// ClockProblem says how wrong the clock of this computer is; nil when it is not.
func ClockProblem(ahead time.Duration) *fault.Problem {
	if ahead.Abs() <= mostAhead {
		return nil
	}
	way := "ahead of"
	if ahead < 0 {
		way = "behind"
	}
	return &fault.Problem{
		Code: fault.Conflict, Message: "The clock of this computer is " + ahead.Abs().Round(time.Minute).String() + " " + way + " that of the service.",
		Hint: "Set the clock right: sign-ins and schedules depend on it.",
	}
}

// Ahead is how far the clock of this computer was ahead of a service's, as the
// newest token answer told; 0 when there was none.
func (m *Manager) Ahead() (ahead time.Duration, err error) {
	var newest time.Time
	err = m.Store.View(func(tx *store.Tx) error {
		return m.shelf.each(tx, "", func(_ string, r record) error {
			at := r.ConnectedAt
			if r.RefreshedAt != nil {
				at = *r.RefreshedAt
			}
			if r.Kind == kindOAuth && at.After(newest) {
				newest, ahead = at, r.Ahead
			}
			return nil
		})
	})
	return ahead, err
}

// schedule is when connections must be renewed, by record key. It is read from
// the file once and kept up with every writing of a record.
type schedule map[string]time.Time

func (s schedule) note(r record) {
	if r.RenewBy == nil || r.Status == NeedsReconnect {
		delete(s, r.key())
		return
	}
	s[r.key()] = *r.RenewBy
}

// toRenew are the keys of connections to be renewed now.
func (m *Manager) toRenew(now time.Time) ([]string, error) {
	if err := m.readSchedule(); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	var keys []string
	for key, at := range m.schedule {
		if !now.Before(at) {
			keys = append(keys, key)
		}
	}
	return keys, nil
}

// readSchedule reads the schedule from the file, once. What is written meanwhile
// counts more than what is read.
func (m *Manager) readSchedule() error {
	m.mu.Lock()
	known := m.schedule != nil
	if !known {
		m.schedule = schedule{}
	}
	m.mu.Unlock()
	if known {
		return nil
	}
	read := schedule{}
	err := m.Store.View(func(tx *store.Tx) error {
		return m.shelf.each(tx, "", func(_ string, r record) error {
			read.note(r)
			return nil
		})
	})
	m.mu.Lock()
	defer m.mu.Unlock()
	if err != nil {
		m.schedule = nil
		return err
	}
	for key, at := range read {
		if _, newer := m.schedule[key]; !newer {
			m.schedule[key] = at
		}
	}
	return nil
}

// noteSchedule keeps the schedule up with a record; gone tells that it was deleted.
func (m *Manager) noteSchedule(r record, gone bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.schedule == nil:
	case gone:
		delete(m.schedule, r.key())
	default:
		m.schedule.note(r)
	}
}

// Tend keeps connections alive that nobody uses, until ctx ends: those whose
// refresh token would die unused are renewed in good time.
func (m *Manager) Tend(ctx context.Context) {
	ticker := time.NewTicker(tendEvery)
	defer ticker.Stop()
	for {
		if err := m.TendOnce(ctx); err != nil {
			m.Log.Warn("keeping connections alive", "error", err)
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

// TendOnce renews what must be renewed now. A connection that fails stands so in
// the list, is tried again at the next time, and stops no other.
func (m *Manager) TendOnce(ctx context.Context) error {
	keys, err := m.toRenew(m.Now())
	if err != nil {
		return err
	}
	places := make(chan struct{}, tendAtOnce)
	var all sync.WaitGroup
	for _, key := range keys {
		if ctx.Err() != nil {
			break
		}
		places <- struct{}{}
		all.Go(func() {
			defer func() { <-places }()
			if err := m.renewUnused(ctx, key); err != nil {
				m.Log.Info("renewing an unused connection", "error", err)
			}
		})
	}
	all.Wait()
	return ctx.Err()
}

// renewUnused refreshes one connection, unless somebody has by now.
func (m *Manager) renewUnused(ctx context.Context, key string) error {
	unlock, err := m.lock(ctx, key)
	if err != nil {
		return err
	}
	defer unlock()
	var r record
	var found bool
	err = m.Store.View(func(tx *store.Tx) (err error) {
		r, found, err = m.shelf.get(tx, key)
		return err
	})
	if err != nil {
		return err
	}
	if !found || r.RenewBy == nil || m.Now().Before(*r.RenewBy) {
		m.noteSchedule(r, !found)
		return nil
	}
	s, err := m.Agents.Service(ctx, r.Agent, r.Service)
	if err != nil {
		return err
	}
	if r = m.settle(s, r); r.status(m.Now()) == NeedsReconnect || !r.madeBy(s.Provider) {
		return nil
	}
	m.mu.Lock()
	p, waits := m.pauses[r.ID]
	m.mu.Unlock()
	if waits && m.Now().Before(p.until) {
		return nil
	}
	m.working.Add(1)
	defer m.working.Done()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), refreshTime)
	defer cancel()
	_, _, err = m.refresh(ctx, s, r, "")
	return err
}
