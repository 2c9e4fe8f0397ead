package oauth

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"pie/backend/fault"
	"pie/backend/provider"
	"pie/backend/secret"
)

const (
	deviceGrant    = "urn:ietf:params:oauth:grant-type:device_code"
	deviceInterval = 5 * time.Second // RFC 8628, section 3.2, when the answer names none; slow_down adds as much
	longestPause   = time.Minute     // between two questions, whatever the server asks for
	longestDevice  = time.Hour       // life of a code, likewise
	longestUser    = 64              // bytes of a user code
)

// Device is a sign-in that waits for a code to be typed on another page.
type Device struct {
	Code      secret.String // never shown
	UserCode  string        // what the person types
	URI       string        // where
	Complete  string        // the same page with the code filled in, or ""
	Interval  time.Duration
	ExpiresAt time.Time
	Scopes    []string // what was asked for
}

// BeginDevice asks for a code (RFC 8628, section 3.1). The error is an *Error.
func (h *HTTP) BeginDevice(ctx context.Context, p provider.Provider, c Client, scopes []string) (Device, error) {
	scopes = WithAlways(p, scopes)
	form := url.Values{}
	if len(scopes) > 0 {
		form.Set(p.Scopes.Param, strings.Join(scopes, p.Scopes.Separator))
	}
	a, err := h.post(ctx, p.Endpoints.Device, authStyle(p, c), c, "form", form)
	if err != nil {
		return Device{}, err
	}
	object, err := h.object(p, a, deviceGrant)
	if err != nil {
		return Device{}, err
	}
	return h.deviceOf(object, scopes)
}

func (h *HTTP) deviceOf(object map[string]any, scopes []string) (Device, error) {
	d := Device{
		Code: secret.New(text(object["device_code"])), UserCode: strings.TrimSpace(text(object["user_code"])),
		URI: text(object["verification_uri"]), Complete: text(object["verification_uri_complete"]),
		Interval: within(lifeOf(object["interval"], 0), deviceInterval, longestPause), Scopes: scopes,
	}
	if d.URI == "" {
		d.URI = text(object["verification_url"]) // as some servers spelt it before the RFC
	}
	plain := !strings.ContainsFunc(d.UserCode, func(r rune) bool { return !unicode.IsPrint(r) || r == utf8.RuneError })
	if d.Code.IsEmpty() || d.UserCode == "" || len(d.UserCode) > longestUser || !plain || CheckURL(d.URI) != nil {
		return Device{}, failed(ClassMalformed, fault.Offline, "The service sent something that is no code to type.", "Try again, or sign in another way: leave out --redirect device.", nil)
	}
	if d.Complete != "" && CheckURL(d.Complete) != nil {
		d.Complete = ""
	}
	d.ExpiresAt = h.now().Add(within(lifeOf(object["expires_in"], 0), 5*time.Minute, longestDevice)).UTC()
	return d, nil
}

// within is value, or fallback where it says nothing, and at most the longest.
func within(value, fallback, longest time.Duration) time.Duration {
	if value <= 0 {
		value = fallback
	}
	return min(value, longest)
}

// AwaitDevice asks for the tokens until the person has typed the code, has said
// no, or the code has run out. It waits the interval before each question, 5 s
// more after each slow_down, and twice as long after each question that nobody
// answered (RFC 8628, section 3.5). A question under way outlives ctx, because
// its answer may be the only copy of a token. The error is an *Error, or that of
// ctx.
func (h *HTTP) AwaitDevice(ctx context.Context, p provider.Provider, c Client, d Device) (*Token, error) {
	pause := d.Interval
	timer := time.NewTimer(pause)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-timer.C:
		}
		if !h.now().Before(d.ExpiresAt) {
			return nil, ranOutOfTime()
		}
		token, next, err := h.askDevice(context.WithoutCancel(ctx), p, c, d, pause)
		if err != nil || token != nil {
			return token, err
		}
		pause = min(next, longestPause)
		timer.Reset(pause)
	}
}

// askDevice asks once. Without a token and an error it is to be asked again after
// next.
func (h *HTTP) askDevice(ctx context.Context, p provider.Provider, c Client, d Device, pause time.Duration) (*Token, time.Duration, error) {
	form := params(p.Params.Token)
	form.Set("grant_type", deviceGrant)
	form.Set("device_code", d.Code.Reveal())
	started := h.now().Round(0)
	a, err := h.post(ctx, p.Endpoints.Token, authStyle(p, c), c, p.Client.Body, form)
	if err != nil {
		return nil, 2 * pause, unlessPassing(err)
	}
	token, err := h.read(p, a, deviceGrant)
	if err == nil {
		token.dated(a.header, started, h.now().Round(0))
		return token, 0, nil
	}
	e, _ := err.(*Error) //nolint:errorlint // read makes nothing else
	switch {
	case e == nil:
		return nil, 0, err
	case e.OAuthCode == "authorization_pending":
		return nil, pause, nil
	case e.OAuthCode == "slow_down":
		return nil, slower(a, pause), nil
	case e.OAuthCode == "expired_token":
		return nil, 0, ranOutOfTime()
	case e.OAuthCode == "access_denied" || e.OAuthCode == "authorization_denied":
		e := failed(ClassRejected, fault.Denied, "You did not allow the access, so nothing was connected.", "Connect again if you change your mind.", nil)
		e.OAuthCode = "access_denied"
		return nil, 0, e
	}
	return nil, max(2*pause, e.RetryAfter), unlessPassing(e)
}

// slower is the interval that a server asks for, 5 s more at the least.
func slower(a answer, pause time.Duration) time.Duration {
	object, _ := parseObject(a)
	return max(pause+deviceInterval, lifeOf(object["interval"], 0))
}

// unlessPassing is nil for what another question may get over. An answer that was
// lost may have held the token: then the next one says that the code is used up.
func unlessPassing(err error) error {
	switch ClassOf(err) { //nolint:exhaustive // the others stay
	case ClassUnsent, ClassLost, ClassServer, ClassLimited:
		return nil
	}
	return err
}

func ranOutOfTime() error {
	e := failed(ClassInvalidGrant, fault.Limited, "The code was not typed in time, so it has run out.", "Connect again: there will be a new code.", nil)
	e.OAuthCode = "expired_token"
	return e
}

// object is an answer that is no token: an object, or the error that it is.
func (h *HTTP) object(p provider.Provider, a answer, grant string) (map[string]any, error) {
	object, ok := parseObject(a)
	if _, isFailure := failure(p, object, a.status); a.status == http.StatusOK && ok && !isFailure {
		return object, nil
	}
	_, err := h.read(p, a, grant)
	if err == nil {
		err = failed(ClassMalformed, fault.Offline, "The service sent an answer that makes no sense here.", "Try again in a few minutes.", nil)
	}
	return nil, err
}
