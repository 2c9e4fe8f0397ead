package connection

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"pie/backend/fault"
	"pie/backend/oauth"
)

// OAuthFetch is context.oauth.fetch, for the default service when the key is
// empty. Faults: reconnect, denied, offline, limited, invalid, locked, canceled.
func (s *Session) OAuthFetch(ctx context.Context, serviceKey string, call Call) (Answer, error) {
	return s.oauthFetch(ctx, serviceKey, call, nil)
}

func (s *Session) oauthFetch(ctx context.Context, serviceKey string, call Call, a *approval) (Answer, error) {
	service, err := s.service(ctx, cmp.Or(serviceKey, defaultService))
	if err == nil {
		service, err = s.ofRun(service)
	}
	if err != nil {
		return Answer{}, err
	}
	u, err := parse(call)
	if err != nil {
		return Answer{}, err
	}
	p := pass{service: new(service.Key), allowed: service.Hosts}
	if !service.Hosts.Allowed(u) {
		return Answer{}, s.block(p, call.Method, u, fmt.Sprintf("%s may not receive your access to %s.", s.host(u), service.Provider.Name),
			"The access goes only to "+strings.Join(service.Hosts.Strings(), ", ")+".")
	}
	r, err := s.usableNow(service)
	p.connection = r.ID
	if err == nil {
		err = a.sameConnection(r)
	}
	if err == nil && s.ref.Background {
		err = s.m.rested(service, r)
	}
	if err != nil {
		return Answer{}, s.blockAs(p, call.Method, u, err)
	}
	if isRead(call.Method) || readPost(service.Provider, call.Method, u) {
		free := r.Access == AccessFull && !s.ref.DryRun && !s.ref.Background
		return s.authorized(ctx, &service, r, allowance{write: free}, call, u)
	}
	p.sign = func(*http.Request) {} // the token is set when it is sent
	if held, err := s.gate(ctx, p, r, call, u, a); err != nil || held != nil {
		return given(held), err
	}
	answer, err := s.authorized(ctx, &service, r, s.allowed(r, a), call, u)
	if err == nil {
		s.wrote(r, u, a)
	}
	return answer, err
}

// usableNow picks the connection of the run. Fault: reconnect.
func (s *Session) usableNow(service Service) (record, error) {
	r, found, labels, err := s.m.pick(s.ref.Agent, service.Key, s.ref.Account)
	if err == nil && !found {
		err = noSuch(fault.Reconnect, s.ref.Agent, service.Key, s.ref.Account, labels)
	}
	if err != nil {
		return r, err
	}
	if r = s.m.settle(service, r); r.status(s.m.Now()) == NeedsReconnect {
		return r, s.m.ended(r)
	}
	return r, nil
}

// signed is the pass of a request with the token.
func (s *Session) signed(service *Service, of record, t *oauth.Token, may allowance) pass {
	s.learnSecrets(t, service.Client)
	p := pass{service: new(service.Key), connection: of.ID, allowed: service.Hosts, may: may, sign: func(r *http.Request) {
		header, value := service.Provider.Signed(t.Access.Reveal())
		if of.Kind == kindToken {
			header, value = service.Provider.Credential(t.Access.Reveal())
		}
		r.Header.Set(header, value)
		for name, value := range service.Provider.API.Headers(service.Client.ID) {
			if r.Header.Get(name) == "" {
				r.Header.Set(name, value)
			}
		}
	}}
	if !may.write {
		p.readOnly = func(method string, u *url.URL) bool { return Reads(service.Provider, method, u) }
	}
	return p
}

// authorized sends with the token. A 401 renews it once and repeats once, and
// only what cannot have changed anything.
func (s *Session) authorized(ctx context.Context, service *Service, r record, may allowance, call Call, u *url.URL) (Answer, error) {
	w := want{known: &s.tokens}
	for {
		token, current, err := s.m.fresh(ctx, service, r, w)
		if err != nil {
			return Answer{}, s.blockAs(pass{service: new(service.Key), connection: r.ID}, call.Method, u, err)
		}
		answer, err := s.send(ctx, s.signed(service, current, token, may), call, u)
		if err != nil {
			return Answer{}, err
		}
		s.m.touch(current)
		if answer.Status != http.StatusUnauthorized {
			s.m.accepted(current)
			s.m.learn(*service, current, answer)
			return answer, nil
		}
		if w.refused != "" || token.Refresh.IsEmpty() || s.m.inVain(current, token) {
			s.m.unauthorized(ctx, *service, current, token, answer, u.String() == service.Provider.Identity.URL)
			return answer, nil
		}
		w.refused = token.Access.Reveal()
		if !isRead(call.Method) {
			// The write is not repeated, but the next request finds a good token.
			_, _, _ = s.m.fresh(ctx, service, current, w)
			return answer, nil
		}
	}
}
