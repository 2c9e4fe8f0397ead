package app

import (
	"context"
	"time"

	"pie/backend"
	"pie/backend/connection"
	"pie/backend/fault"
	"pie/backend/secret"
)

// Connections is the service of people's connections.
type Connections struct {
	backend *backend.Backend
	ops     *Operations
}

// AgentRef names an agent; empty means all where a list is asked for.
type AgentRef struct {
	Agent string `json:"agent"`
}

// ConnectionRef names a connection. Service "" is the default one, Account "" the
// one without a label.
type ConnectionRef struct {
	Agent   string `json:"agent"`
	Service string `json:"service"`
	Account string `json:"account"`
}

// ConnectRequest asks for a sign-in.
type ConnectRequest struct {
	Op        string `json:"op"`
	Agent     string `json:"agent"`
	Service   string `json:"service"`
	Account   string `json:"account"`
	Redirect  string `json:"redirect"` // scheme | loopback | paste | device; "" is the provider's preferred kind
	NoBrowser bool   `json:"no_browser"`

	// Params are what the provider must know of the account, by the key of its
	// ParameterInfo. For a connection that is there they may be left out.
	Params map[string]string `json:"params"`

	TimeoutMS int64 `json:"timeout_ms"`
}

// CallbackRequest hands in a callback address of any kind.
type CallbackRequest struct {
	Link string `json:"link"`
}

// DisconnectRequest asks to end a connection.
type DisconnectRequest struct {
	Agent      string `json:"agent"`
	Service    string `json:"service"`
	Account    string `json:"account"`
	Forget     bool   `json:"forget"`     // delete here, revoke nothing
	Everywhere bool   `json:"everywhere"` // revoke although other connections end with it
}

// AccessRequest changes what a connection may be used for.
type AccessRequest struct {
	Agent   string `json:"agent"`
	Service string `json:"service"`
	Account string `json:"account"`
	Access  string `json:"access"` // full | ask | read
}

// List returns the connections and the services without one.
func (s *Connections) List(q AgentRef) ([]connection.Connection, error) {
	if q.Agent != "" {
		if _, _, err := s.backend.Agents.Get(q.Agent); err != nil {
			return nil, err
		}
	}
	return s.backend.Connections.List(context.Background(), q.Agent)
}

// Connect signs in and returns when the connection is saved. Faults: as
// connection.Manager.Connect.
func (s *Connections) Connect(q ConnectRequest) (connection.Connection, error) {
	ctx, done, err := s.ops.begin(q.Op)
	if err != nil {
		return connection.Connection{}, err
	}
	defer done()
	request := connection.Request{
		Op: q.Op, Agent: q.Agent, Service: service(q.Service), Account: q.Account, Redirect: q.Redirect,
		Params: q.Params, NoBrowser: q.NoBrowser, Timeout: time.Duration(q.TimeoutMS) * time.Millisecond,
	}
	if err := s.backend.Prepare(ctx, request); err != nil {
		return connection.Connection{}, err
	}
	return s.backend.Connections.Connect(ctx, request)
}

// TokenRequest connects by a personal token.
type TokenRequest struct {
	Agent   string            `json:"agent"`
	Service string            `json:"service"`
	Account string            `json:"account"`
	Params  map[string]string `json:"params"` // as in ConnectRequest
	Token   secret.String     `json:"token"`
}

// ConnectToken keeps a personal token instead of a sign-in; the connection's kind
// is token. One that the service refuses is not kept. Faults: as
// connection.Manager.ConnectToken.
func (s *Connections) ConnectToken(q TokenRequest) (connection.Connection, error) {
	return s.backend.Connections.ConnectToken(context.Background(), connection.Request{
		Agent: q.Agent, Service: service(q.Service), Account: q.Account, Params: q.Params,
	}, q.Token)
}

// Attempt returns a sign-in under way. Fault: not_found when it is over.
func (s *Connections) Attempt(q OpRef) (connection.Attempt, error) {
	attempt, ok := s.backend.Connections.Attempt(q.Op)
	if !ok {
		return attempt, fault.New(fault.NotFound, "This sign-in is over.", "Start again with Connect.")
	}
	return attempt, nil
}

// OpenAgain opens the authorization page of a sign-in once more.
func (s *Connections) OpenAgain(q OpRef) error {
	attempt, err := s.Attempt(q)
	if err != nil {
		return err
	}
	return s.backend.OpenURL(context.Background(), attempt.URL)
}

// Callback finishes the sign-in that waits for the link.
func (s *Connections) Callback(q CallbackRequest) (connection.Connection, error) {
	return s.backend.Connections.Callback(context.Background(), q.Link)
}

// SetAccess changes what a connection may be used for.
func (s *Connections) SetAccess(q AccessRequest) (connection.Connection, error) {
	return s.backend.Connections.SetAccess(q.Agent, service(q.Service), q.Account, q.Access)
}

// Check asks the service now whether the connection is good.
func (s *Connections) Check(q ConnectionRef) (connection.Connection, error) {
	return s.backend.Connections.Check(context.Background(), q.Agent, service(q.Service), q.Account)
}

func service(key string) string {
	if key == "" {
		return "default"
	}
	return key
}
