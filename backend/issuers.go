package backend

import (
	"context"
	"net/url"
	"time"

	"pie/backend/connection"
	"pie/backend/fault"
	"pie/backend/oauth"
	"pie/backend/plugin"
	"pie/backend/provider"
	"pie/backend/store"
)

// issuerRecord is what an authorization server said about itself.
type issuerRecord struct {
	Metadata oauth.Metadata `json:"metadata"`
	At       time.Time      `json:"at"`
}

func issuers() store.Table[issuerRecord] {
	return store.Table[issuerRecord]{Bucket: "issuers", Version: 1}
}

// discovers tells that a manifest names an issuer and leaves the addresses to it.
func discovers(block *plugin.OAuth) bool {
	return block.Provider == "custom" && block.Issuer != "" && block.AuthorizationURL == "" && block.TokenURL == ""
}

func (b *Backend) metadata(issuer string) (oauth.Metadata, bool) {
	var kept issuerRecord
	found := false
	err := b.db.View(func(tx *store.Tx) (err error) {
		kept, found, err = issuers().Get(tx, issuer)
		return err
	})
	return kept.Metadata, err == nil && found
}

// discover asks the issuer and keeps what it says.
func (b *Backend) discover(ctx context.Context, issuer string) (oauth.Metadata, error) {
	host := ""
	if u, err := url.Parse(issuer); err == nil {
		host = u.Hostname()
	}
	m, err := oauth.Discover(ctx, connection.MetadataClient(host), issuer)
	if err != nil {
		return m, err
	}
	return m, b.db.Update(func(tx *store.Tx) error {
		return issuers().Put(tx, issuer, issuerRecord{m, time.Now().UTC()})
	})
}

// lookAhead asks the issuer of a package that is looked at, so that the person sees
// the hosts. One on this computer is asked only once the person connects.
func (b *Backend) lookAhead(ctx context.Context, block *plugin.OAuth) error {
	if !discovers(block) {
		return nil
	}
	if u, err := url.Parse(block.Issuer); err == nil && provider.IsLoopback(u.Hostname()) {
		return nil
	}
	_, err := b.discover(ctx, block.Issuer)
	return err
}

// discovered is spec with the addresses that its issuer has named; false when it
// was not asked yet.
func (b *Backend) discovered(spec provider.CustomSpec) (provider.CustomSpec, bool) {
	m, found := b.metadata(spec.Issuer)
	if !found {
		return spec, false
	}
	spec.AuthorizationURL, spec.TokenURL, spec.RegistrationURL = m.Authorization, m.Token, m.Registration
	spec.IssuerPromise, spec.Styles = m.IssuerPromise, m.Styles()
	if spec.UserInfoURL == "" {
		spec.UserInfoURL = m.UserInfo
	}
	if spec.RevokeURL == "" {
		spec.RevokeURL = m.Revocation
	}
	return spec, true
}

// unasked is the provider of an issuer that was not asked yet: nothing can be sent
// to it but the question. Fault: invalid.
func unasked(spec provider.CustomSpec) (provider.Provider, error) {
	u, err := url.Parse(spec.Issuer)
	if err != nil || provider.CheckAddress(spec.Issuer) != "" {
		return provider.Provider{}, fault.New(fault.Invalid, "oauth.issuer is no address of an issuer.", "Give it as https://host/path, as the service's documentation does.")
	}
	rule, _ := provider.Origin(u)
	name := spec.Name
	if name == "" {
		name = u.Hostname()
	}
	return provider.Provider{
		ID: "custom", Custom: true, Name: name, Status: "active", Effort: "setup", Checked: "listed",
		Endpoints: provider.Endpoints{Issuer: spec.Issuer}, PKCE: provider.PKCE{Mode: "required"},
		Redirect: provider.Redirect{CustomScheme: true, Loopback: provider.Loopback{Port: "fixed", Host: "127.0.0.1"}, HTTPS: true},
		API:      provider.API{Hosts: []string{rule.String()}, HeaderPrefix: "Bearer"},
	}, nil
}

// askIssuer asks again before a sign-in. Where it now names another host than the
// person has seen, nothing goes on. Faults: as oauth.Discover, and conflict.
func (b *Backend) askIssuer(ctx context.Context, issuer string) error {
	before, known := b.metadata(issuer)
	now, err := b.discover(ctx, issuer)
	if err != nil || !known {
		return err
	}
	for _, pair := range [][2]string{{before.Token, now.Token}, {before.Authorization, now.Authorization}, {before.UserInfo, now.UserInfo}} {
		if hostIn(pair[0]) != hostIn(pair[1]) && pair[0] != "" {
			err := b.db.Update(func(tx *store.Tx) error {
				return issuers().Put(tx, issuer, issuerRecord{before, time.Now().UTC()})
			})
			if err != nil {
				return err
			}
			return fault.New(fault.Conflict, "The service of "+hostIn(issuer)+" now names another host than when you installed the agent: "+hostIn(pair[1])+".",
				"Install the agent again to look at it, if that is right.")
		}
	}
	return nil
}

func hostIn(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}
