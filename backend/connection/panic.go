package connection

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"pie/backend/fault"
	"pie/backend/store"
)

// mostAtOnce bounds how many services are asked at a time.
const mostAtOnce = 8

// Panic takes everything back at once: pending sign-ins end, every connection is
// revoked at its service, deleted here, and its key destroyed. A service that
// cannot be reached costs the others nothing, and its row says so. Fault: locked,
// before anything is done.
func (m *Manager) Panic(ctx context.Context) ([]Disconnected, error) {
	all, err := m.all()
	if err != nil {
		return nil, err
	}
	for _, r := range all {
		if _, err := m.readToken(ctx, r); fault.Is(err, fault.Locked) {
			return nil, err
		}
	}
	ended := m.cancelAttempts()
	rows := m.endAll(ctx, all)
	// A code that was being exchanged meanwhile may have become one more.
	for _, each := range ended {
		<-each
	}
	err = m.Store.Update(func(tx *store.Tx) error {
		return dropFlows(tx, func(storedFlow) bool { return true })
	})
	late, listErr := m.all()
	late = slices.DeleteFunc(late, func(r record) bool {
		return slices.ContainsFunc(all, func(each record) bool { return each.ID == r.ID })
	})
	return append(rows, m.endAll(ctx, late)...), cmp.Or(err, listErr)
}

// cancelAttempts ends the sign-ins that wait; the channels close when they have.
func (m *Manager) cancelAttempts() []chan struct{} {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := []chan struct{}{}
	for _, a := range m.attempts {
		a.cancel()
		out = append(out, a.ended)
	}
	return out
}

// endAll ends connections, a grant at a time and several grants at once.
func (m *Manager) endAll(ctx context.Context, all []record) []Disconnected {
	rows := make([]Disconnected, len(all))
	slots := make(chan struct{}, mostAtOnce)
	var working sync.WaitGroup
	for _, group := range grants(all) {
		working.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			m.endGrant(context.WithoutCancel(ctx), all, group, rows)
		})
	}
	working.Wait()
	return rows
}

func (m *Manager) all() ([]record, error) {
	out := []record{}
	err := m.Store.View(func(tx *store.Tx) error {
		return records().Each(tx, "", func(_ string, r record) error {
			out = append(out, r)
			return nil
		})
	})
	return out, err
}

// grants puts the places of records that may stand on one grant together: they
// are ended one after the other.
func grants(all []record) [][]int {
	var groups [][]int
	for i, r := range all {
		at := slices.IndexFunc(groups, func(group []int) bool {
			return slices.ContainsFunc(group, func(j int) bool { return sameGrant(r, all[j]) })
		})
		if at < 0 {
			groups = append(groups, []int{i})
			continue
		}
		groups[at] = append(groups[at], i)
	}
	return groups
}

// endGrant ends the connections of one group. A service may not confirm what it has
// taken back a moment before; where the account is known to be the same, that was it.
func (m *Manager) endGrant(ctx context.Context, all []record, group []int, rows []Disconnected) {
	var taken []record
	for _, i := range group {
		r := all[i]
		done, err := m.DisconnectWith(ctx, r.Agent, r.Service, r.Label, DisconnectOptions{Everywhere: true})
		if err != nil {
			done = Disconnected{Connection: m.shape(r), Revoked: new(false), Detail: failedEnd(err)}
		}
		if done.Revoked != nil && *done.Revoked {
			taken = append(taken, r)
		} else if at := slices.IndexFunc(taken, func(each record) bool { return sameKnownGrant(r, each) }); err == nil && done.Revoked != nil && at >= 0 {
			done.Revoked, done.Detail = new(true), "The service has taken the access back together with that of "+nameOf(taken[at])+"."
		}
		done.Stopped = []string{r.Agent}
		rows[i] = done
	}
}

func sameKnownGrant(a, b record) bool {
	return sameGrant(a, b) && a.Account != nil && b.Account != nil
}

func failedEnd(err error) string {
	problem := fault.Public(err)
	return strings.TrimSpace(fmt.Sprintf("It could not be ended: %s %s", problem.Message, problem.Hint))
}
