package backend_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"pie/backend/secret"
)

// The person of the library's example store.
const (
	zitadelUser     = "test-user@127.0.0.1"
	zitadelPassword = "verysecure"
)

// zitadelStore is the library's example store with what a test needs besides:
// clients that come later, tokens that run out on command, and the end of a grant
// whose old refresh token comes again (RFC 9700, section 4.14.2), which the
// library leaves to its store.
type zitadelStore struct {
	*storage.Storage

	mu       sync.Mutex
	clients  map[string]oauthClient
	tokens   map[string][]string     // ids of access tokens by client
	expired  map[string]bool         // by id of an access token
	families map[string]*family      // by refresh token, old ones too
	handed   map[string][]issued     // by client
	codes    map[string]*zitadelCode // by device code
}

// family is a grant and the newest of its refresh tokens.
type family struct{ client, newest string }

func newZitadelStore(issuer string) *zitadelStore {
	return &zitadelStore{
		Storage: storage.NewStorageWithClients(storage.NewUserStore(issuer), nil),
		clients: map[string]oauthClient{}, tokens: map[string][]string{}, expired: map[string]bool{},
		families: map[string]*family{}, handed: map[string][]issued{}, codes: map[string]*zitadelCode{},
	}
}

// zitadelClient is a client of the library, of the type and with the
// authentication that the test asks for.
type zitadelClient struct {
	op.Client
	kind   op.ApplicationType
	auth   oidc.AuthMethod
	device bool
}

func (c zitadelClient) ApplicationType() op.ApplicationType { return c.kind }
func (c zitadelClient) AuthMethod() oidc.AuthMethod         { return c.auth }
func (c zitadelClient) LoginURL(id string) string           { return "/login?id=" + id }

func (s *zitadelStore) client(id string) (oauthClient, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.clients[id]
	return c, ok
}

// GetClientByClientID finds a registered client.
func (s *zitadelStore) GetClientByClientID(_ context.Context, id string) (op.Client, error) {
	c, ok := s.client(id)
	if !ok {
		return nil, errors.New("no such client")
	}
	out := zitadelClient{storage.NativeClient(id, c.Redirect), op.ApplicationTypeNative, oidc.AuthMethodNone, c.Device}
	if c.Web {
		out.kind = op.ApplicationTypeWeb
	}
	if c.Secret != "" {
		out.Client, out.auth = storage.WebClient(id, c.Secret, c.Redirect), oidc.AuthMethodPost
	}
	return out, nil
}

// AuthorizeClientIDSecret compares the secret.
func (s *zitadelStore) AuthorizeClientIDSecret(_ context.Context, id, given string) error {
	c, ok := s.client(id)
	if !ok || !secret.New(c.Secret).Equal(secret.New(given)) {
		return errors.New("wrong client id or secret")
	}
	return nil
}

// CreateAccessAndRefreshTokens notes what belongs together.
func (s *zitadelStore) CreateAccessAndRefreshTokens(ctx context.Context, r op.TokenRequest, current string) (access, refresh string, expiry time.Time, err error) {
	r = ofDevice(r)
	access, refresh, expiry, err = s.Storage.CreateAccessAndRefreshTokens(ctx, r, current)
	if err != nil {
		return access, refresh, expiry, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	client := r.GetAudience()[0]
	s.tokens[client] = append(s.tokens[client], access)
	grant := s.families[current]
	if grant == nil {
		grant = &family{client: client}
	}
	grant.newest = refresh
	s.families[refresh] = grant
	if life := s.clients[client].Life; life > 0 {
		expiry = time.Now().Add(time.Duration(life) * time.Second)
	}
	return access, refresh, expiry, nil
}

// TokenRequestByRefreshToken ends the grant of an old refresh token.
func (s *zitadelStore) TokenRequestByRefreshToken(ctx context.Context, refresh string) (op.RefreshTokenRequest, error) {
	r, err := s.Storage.TokenRequestByRefreshToken(ctx, refresh)
	if err == nil {
		return r, nil
	}
	s.mu.Lock()
	grant := s.families[refresh]
	s.mu.Unlock()
	if grant != nil {
		if err := s.RevokeToken(ctx, grant.newest, "", grant.client); err != nil {
			return nil, err
		}
	}
	return nil, err
}

// GetRefreshTokenInfo is the example's, which reads its map without the lock.
func (s *zitadelStore) GetRefreshTokenInfo(ctx context.Context, _, token string) (user, id string, err error) {
	r, err := s.Storage.TokenRequestByRefreshToken(ctx, token)
	if err != nil {
		return "", "", op.ErrInvalidRefreshToken
	}
	return r.GetSubject(), token, nil
}

// SetUserinfoFromToken knows which tokens have run out.
func (s *zitadelStore) SetUserinfoFromToken(ctx context.Context, info *oidc.UserInfo, token, subject, origin string) error {
	s.mu.Lock()
	over := s.expired[token]
	s.mu.Unlock()
	if over {
		return errors.New("the token has run out")
	}
	return s.Storage.SetUserinfoFromToken(ctx, info, token, subject, origin)
}

// startZitadel starts the library's provider in this process, until t ends.
func startZitadel(t *testing.T) *authServer {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	origin := "http://" + server.Listener.Addr().String()
	store := newZitadelStore(origin)
	config := &op.Config{
		CodeMethodS256: true, AuthMethodPost: true, GrantTypeRefreshToken: true,
		DeviceAuthorization: op.DeviceAuthorizationConfig{
			Lifetime: 10 * time.Minute, PollInterval: time.Second, UserFormPath: "/device", UserCode: op.UserCodeBase20,
		},
	}
	_, _ = rand.Read(config.CryptoKey[:])
	provider, err := op.NewProvider(config, store, op.StaticIssuer(origin), op.WithAllowInsecure())
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/", provider)
	mux.Handle("POST "+provider.TokenEndpoint().Relative(), store.recorded(provider))
	mux.HandleFunc("GET /login", zitadelPage)
	mux.Handle("POST /login", op.NewIssuerInterceptor(provider.IssuerFromRequest).HandlerFunc(zitadelLogin(store, provider)))
	mux.HandleFunc("GET /device", zitadelCodePage)
	mux.HandleFunc("POST /device", zitadelTyped(store, storage.NewUserStore(origin)))
	mux.HandleFunc("GET /api/repos", zitadelRepos(provider))
	server.Config.Handler = mux
	server.Start()
	t.Cleanup(func() { server.CloseClientConnections(); server.Close() })
	return store.server(t, origin)
}

func (s *zitadelStore) server(t *testing.T, origin string) *authServer {
	t.Helper()
	return &authServer{
		origin: origin, metadata: discover(t, origin), publicDevices: true,
		register: func(_ *testing.T, c oauthClient) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.clients[c.ID] = c
		},
		expire: func(_ *testing.T, client string) {
			s.mu.Lock()
			defer s.mu.Unlock()
			for _, id := range s.tokens[client] {
				s.expired[id] = true
			}
		},
		issued: func(_ *testing.T, client string) []issued {
			s.mu.Lock()
			defer s.mu.Unlock()
			return slices.Clone(s.handed[client])
		},
	}
}

// recorded keeps what the token endpoint hands out.
func (s *zitadelStore) recorded(provider http.Handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			http.Error(w, "no form", http.StatusBadRequest)
			return
		}
		answer := httptest.NewRecorder()
		provider.ServeHTTP(answer, r)
		var tokens struct {
			Access  string `json:"access_token"`
			Refresh string `json:"refresh_token"`
			ID      string `json:"id_token"`
		}
		if answer.Code == http.StatusOK && json.Unmarshal(answer.Body.Bytes(), &tokens) == nil {
			s.mu.Lock()
			client := r.PostFormValue("client_id")
			s.handed[client] = append(s.handed[client], issued{
				Grant: r.PostFormValue("grant_type"), Code: r.PostFormValue("code"), Verifier: r.PostFormValue("code_verifier"),
				Access: tokens.Access, Refresh: tokens.Refresh, ID: tokens.ID,
			})
			s.mu.Unlock()
		}
		maps.Copy(w.Header(), answer.Header())
		w.WriteHeader(answer.Code)
		_, _ = w.Write(answer.Body.Bytes())
	}
}

// zitadelPage is the sign-in page, which the library leaves to others.
func zitadelPage(w http.ResponseWriter, r *http.Request) {
	_, _ = fmt.Fprintf(w, `<!doctype html><title>Sign in</title><form method="post" action="/login">
<input type="hidden" name="id" value="%s"><input name="username"><input name="password" type="password">
<button name="decision" value="allow">Allow</button><button name="decision" value="deny">Deny</button></form>`, html.EscapeString(r.FormValue("id")))
}

func zitadelLogin(store *zitadelStore, provider *op.Provider) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		id := r.PostFormValue("id")
		if r.PostFormValue("decision") != "allow" {
			request, err := store.AuthRequestByID(r.Context(), id)
			if err != nil {
				http.Error(w, "no such sign-in", http.StatusBadRequest)
				return
			}
			op.AuthRequestError(w, r, request, oidc.ErrAccessDenied(), provider)
			return
		}
		if err := store.CheckUsernamePassword(r.PostFormValue("username"), r.PostFormValue("password"), id); err != nil {
			http.Error(w, err.Error(), http.StatusForbidden)
			return
		}
		http.Redirect(w, r, op.AuthCallbackURL(provider)(r.Context(), id), http.StatusFound)
	}
}

// zitadelRepos asks the provider about the token, as an API that trusts it would.
func zitadelRepos(provider http.Handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		question := httptest.NewRequestWithContext(r.Context(), http.MethodGet, "/userinfo", http.NoBody)
		question.Header.Set("Authorization", r.Header.Get("Authorization"))
		answer := httptest.NewRecorder()
		provider.ServeHTTP(answer, question)
		if answer.Code != http.StatusOK {
			w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
			http.Error(w, `{"error":"invalid_token"}`, http.StatusUnauthorized)
			return
		}
		_, _ = fmt.Fprint(w, `[{"name":"analytical-engine"},{"name":"notes-on-bernoulli"}]`)
	}
}
