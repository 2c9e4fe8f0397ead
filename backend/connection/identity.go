package connection

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"pie/backend/fault"
	"pie/backend/oauth"
)

// canProbe tells whether there is an address to ask whose account it is, and it
// may receive the token.
func canProbe(s Service) (*url.URL, bool) {
	u, err := url.Parse(s.Provider.Identity.URL)
	return u, err == nil && s.Provider.Identity.URL != "" && !s.Provider.Identity.Keep && s.Hosts.Allowed(u)
}

// probe asks the identity address, as any request with a token is made: checked,
// guarded and audited.
func (m *Manager) probe(ctx context.Context, s Service, r record, t *oauth.Token) (Answer, error) {
	u, ok := canProbe(s)
	if !ok {
		return Answer{}, nil
	}
	session := m.Session(RunRef{Agent: r.Agent})
	return session.send(ctx, session.signed(&s, r, t, allowance{write: s.Provider.Identity.Post != ""}), probeCall(s, u), u)
}

// probeCall is the catalogue's own request, so its POST counts as no write.
func probeCall(s Service, u *url.URL) Call {
	if s.Provider.Identity.Post == "" {
		return Call{URL: u.String()}
	}
	return Call{
		Method: http.MethodPost, URL: u.String(), Body: []byte(s.Provider.Identity.Post),
		Headers: map[string]string{"Content-Type": "application/json"},
	}
}

// identify notes whose account it is, where that can be told.
func (m *Manager) identify(ctx context.Context, s Service, r, old record, t *oauth.Token) record {
	answer, err := m.probe(ctx, s, r, t)
	if err != nil || !answer.OK && !s.Provider.Identity.Keep {
		return r
	}
	account := oauth.AccountOf(s.Provider, t, answer.Body)
	if account == nil {
		return r
	}
	changed, err := m.change(r, func(r *record) {
		now := m.Now().UTC().Truncate(time.Second)
		r.Account, r.CheckedAt = account, &now
		if old.Account != nil && old.Account.ID != account.ID && (r.Problem == nil || r.Cause == causeClock) {
			r.trouble(causeAccount, &fault.Problem{
				Code:    fault.Conflict,
				Message: "You are now connected as " + account.Label + ", before as " + old.Account.Label + ".",
				Hint:    "Connect again with the other account if that was not meant.",
			})
		}
	})
	if err != nil {
		return r
	}
	return changed
}

// Check asks the service now whether the connection is good, refreshing it when
// that is due. What is found out stands in the connection, as its status and
// problem; the error is not_found, locked or internal.
func (m *Manager) Check(ctx context.Context, agent, service, label string) (Connection, error) {
	r, err := m.one(agent, service, label)
	if err != nil {
		return Connection{}, err
	}
	s, err := m.of(ctx, r)
	if err != nil {
		return Connection{}, err
	}
	err = m.check(ctx, s, r)
	if err != nil && aboutUs(err) {
		return Connection{}, err
	}
	r, found, findErr := m.find(r.Agent, r.Service, r.Label)
	if findErr != nil {
		return Connection{}, findErr
	}
	if !found {
		return Connection{}, err
	}
	return m.shape(r), nil
}

// aboutUs tells that a fault says nothing about the connection itself.
func aboutUs(err error) bool {
	return fault.Is(err, fault.Locked) || fault.Is(err, fault.Internal) || fault.Is(err, fault.Canceled)
}

func (m *Manager) check(ctx context.Context, s Service, r record) error {
	now := m.Now().UTC().Truncate(time.Second)
	u, ok := canProbe(s)
	if !ok {
		before := r.Refreshes
		_, r, err := m.fresh(ctx, &s, r, want{})
		if err == nil && r.Refreshes > before {
			_, err = m.change(r, func(r *record) { r.CheckedAt = &now })
		}
		return err
	}
	session := m.Session(RunRef{Agent: r.Agent})
	answer, err := session.authorized(ctx, &s, r, allowance{write: s.Provider.Identity.Post != ""}, probeCall(s, u), u)
	_, changeErr := m.change(r, func(r *record) {
		switch {
		case err != nil:
			if r.status(now) != NeedsReconnect && r.Problem == nil && !aboutUs(err) {
				r.trouble(causeAPI, fault.Public(err))
			}
		case answer.OK:
			r.relieve(causeAPI, causeAccount)
			r.CheckedAt = &now
			if account := oauth.AccountOf(s.Provider, &oauth.Token{}, answer.Body); account != nil {
				r.Account = account
			}
		case answer.Status >= http.StatusInternalServerError:
			r.trouble(causeAPI, &fault.Problem{Code: fault.Offline, Message: s.Provider.Name + " has trouble of its own.", Hint: "Try again in a few minutes."})
		default:
			r.CheckedAt = &now
		}
	})
	if err == nil {
		err = changeErr
	}
	return err
}
