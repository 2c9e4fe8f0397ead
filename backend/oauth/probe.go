package oauth

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"net/url"
	"slices"

	"pie/backend/fault"
	"pie/backend/provider"
	"pie/backend/secret"
)

// Verdict is what a token endpoint said about a client.
type Verdict struct {
	Known  *bool  // nil when the answers do not tell
	Detail string // a sentence for the person
}

// CheckClient asks the token endpoint whether it knows the client, with a code
// that was made up: one that authenticates the client first answers invalid_client
// or invalid_grant (RFC 6749, section 5.2). Some look at the code first and
// would say invalid_grant to anybody; so what looks good is asked again with a
// made-up secret (a made-up id for a public client), and counts only when that
// gets another answer. Nothing is granted by either request. A failure is told,
// never an error.
func (h *HTTP) CheckClient(ctx context.Context, p provider.Provider, c Client, redirect string) Verdict {
	code, err := h.probeCode(ctx, p, c, redirect)
	switch {
	case err != nil:
		return Verdict{Detail: p.Name + " could not be asked: " + fault.Public(err).Message}
	case slices.Contains(unknownClient(), code):
		return Verdict{Known: new(false), Detail: p.Name + " does not know this client id and secret."}
	case !slices.Contains(signInAgain(), code) && code != "redirect_uri_mismatch":
		return Verdict{Detail: p.Name + " gave an answer that does not tell whether it knows the app" + inBrackets(code) + "."}
	}
	other := Client{ID: c.ID, Secret: secret.New(madeUp())}
	if c.Secret.IsEmpty() {
		other = Client{ID: "pie-check-" + madeUp()[:16]}
	}
	again, err := h.probeCode(ctx, p, other, redirect)
	switch {
	case err != nil:
		return Verdict{Detail: p.Name + " could not be asked twice: " + fault.Public(err).Message}
	case again == code:
		return Verdict{Detail: p.Name + " looks at the code before the app, so it cannot be told from here whether it knows the app."}
	}
	return Verdict{Known: new(true), Detail: p.Name + " knows the app, and refused only the made-up code."}
}

func inBrackets(code string) string {
	if code == "" {
		return ""
	}
	return " (" + code + ")"
}

// unknownClient are the codes by which servers say that they do not know a
// client, or not with that secret.
func unknownClient() []string {
	return []string{"invalid_client", "incorrect_client_credentials", "bad_client_secret", "invalid_client_id"}
}

// probeCode spends a made-up code and returns the error code of the answer. The
// error is one that says nothing of the client.
func (h *HTTP) probeCode(ctx context.Context, p provider.Provider, c Client, redirect string) (string, error) {
	form := params(p.Params.Token)
	form.Set("grant_type", "authorization_code")
	form.Set("code", madeUp())
	form.Set("redirect_uri", redirect)
	if p.PKCE.Sent() {
		form.Set("code_verifier", madeUp())
	}
	_, err := h.probed(ctx, p, c, form)
	e, ok := errors.AsType[*Error](err)
	switch {
	case err == nil:
		return "", nil // it gave a token for nothing; that tells nothing either
	case !ok:
		return "", err
	case e.Class == ClassInvalidGrant || e.Class == ClassInvalidClient || e.Class == ClassRejected:
		return e.OAuthCode, nil
	}
	return "", err
}

// probed is token at the provider's own address and in one way of authenticating.
func (h *HTTP) probed(ctx context.Context, p provider.Provider, c Client, form url.Values) (*Token, error) {
	a, err := h.post(ctx, p.Endpoints.Token, authStyle(p, c), c, p.Client.Body, form)
	if err != nil {
		return nil, err
	}
	return h.read(p, a, "authorization_code")
}

// madeUp is a text of the length and letters that codes, verifiers and secrets have.
func madeUp() string {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw)
	return base64.RawURLEncoding.EncodeToString(raw)
}
