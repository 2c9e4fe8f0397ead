package connection_test

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"pie/backend/connection"
	"pie/backend/fault"
	"pie/backend/oauth"
	"pie/backend/oauth/oauthtest"
	"pie/backend/provider"
	"pie/backend/secret"
)

// answersAll is a resolver whose server answers every question with one address,
// as somebody does who owns a name and points it where it is useful to him.
func answersAll(t *testing.T, address netip.Addr) *net.Resolver {
	t.Helper()
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		here, there := net.Pipe()
		go func() {
			defer func() { _ = there.Close() }()
			for answerName(there, address) == nil {
			}
		}()
		return here, nil
	}}
}

// answerName reads one question of a stream (RFC 1035, section 4.2.2) and answers it.
func answerName(conn net.Conn, address netip.Addr) error {
	var size [2]byte
	if _, err := io.ReadFull(conn, size[:]); err != nil {
		return err
	}
	raw := make([]byte, binary.BigEndian.Uint16(size[:]))
	if _, err := io.ReadFull(conn, raw); err != nil {
		return err
	}
	var question dnsmessage.Message
	if err := question.Unpack(raw); err != nil || len(question.Questions) != 1 {
		return errors.New("not one question")
	}
	asked := question.Questions[0]
	reply := dnsmessage.Message{
		Header: dnsmessage.Header{ID: question.ID, Response: true, Authoritative: true, RecursionAvailable: true}, Questions: question.Questions,
	}
	head := dnsmessage.ResourceHeader{Name: asked.Name, Type: asked.Type, Class: asked.Class}
	switch {
	case asked.Type == dnsmessage.TypeA && address.Is4():
		reply.Answers = []dnsmessage.Resource{{Header: head, Body: &dnsmessage.AResource{A: address.As4()}}}
	case asked.Type == dnsmessage.TypeAAAA && address.Is6():
		reply.Answers = []dnsmessage.Resource{{Header: head, Body: &dnsmessage.AAAAResource{AAAA: address.As16()}}}
	}
	out, err := reply.Pack()
	if err != nil {
		return err
	}
	_, err = conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(out))), out...))
	return err
}

// TestRebinding: a public name that leads to this computer or into a private
// network gets neither a token nor what a token is got with.
func TestRebinding(t *testing.T) {
	t.Parallel()
	for _, to := range []string{"127.0.0.1", "10.1.2.3", "169.254.169.254", "100.64.0.1", "::1", "fd00::1", "fe80::1"} {
		t.Run(to, func(t *testing.T) {
			t.Parallel()
			resolver := answersAll(t, netip.MustParseAddr(to))
			h := oauth.NewHTTP(oauth.HTTPOptions{Transport: connection.TokenTransportBy(resolver)})
			p := provider.Provider{
				Name: "Moved", Client: provider.Client{Auth: []string{"post"}},
				Endpoints: provider.Endpoints{
					Token: "https://token.example/token", Registration: "https://token.example/register", Device: "https://token.example/device",
					Revocation: provider.Revocation{URL: "https://token.example/revoke", Method: "rfc7009"},
				},
			}
			client := oauth.Client{ID: "agent", Secret: secret.New("s3cret")}
			token := &oauth.Token{Access: secret.New("access"), Refresh: secret.New("refresh")}
			_, exchange := h.Exchange(t.Context(), p, client, oauth.Flow{RedirectURI: "https://localhost/"}, secret.New("code"))
			_, refresh := h.Refresh(t.Context(), p, client, token)
			_, register := h.Register(t.Context(), p, "https://localhost/", nil)
			_, device := h.BeginDevice(t.Context(), p, client, nil)
			for what, err := range map[string]error{"exchange": exchange, "refresh": refresh, "register": register, "device": device} {
				if !fault.Is(err, fault.Denied) || oauth.ClassOf(err) != oauth.ClassUnsent || !strings.Contains(fault.Public(err).Message, "private network") {
					t.Errorf("%s: %v", what, err)
				}
			}
			if gone := h.Revoke(t.Context(), p, client, token); gone.Done == nil || *gone.Done || !strings.Contains(gone.Detail, "private network") {
				t.Errorf("revoke: %+v", gone)
			}
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://api.example/", http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			res, err := connection.GuardedTransportBy(resolver).RoundTrip(r)
			if err == nil {
				_ = res.Body.Close()
			}
			if !fault.Is(err, fault.Denied) {
				t.Errorf("a request to an API: %v", err)
			}
		})
	}
}

// TestRebindingReachesNobody: what listens here hears nothing of a name that leads
// here, and is asked where its own address is the one that the person has seen.
func TestRebindingReachesNobody(t *testing.T) {
	t.Parallel()
	h := oauth.NewHTTP(oauth.HTTPOptions{Transport: connection.TokenTransportBy(answersAll(t, netip.MustParseAddr("127.0.0.1")))})
	at := func(address string) error {
		p := provider.Provider{Name: "Moved", Endpoints: provider.Endpoints{Token: address + "/token"}}
		_, err := h.Refresh(t.Context(), p, oauth.Client{ID: "agent"}, &oauth.Token{Refresh: secret.New("refresh")})
		return err
	}
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	heard := make(chan int)
	go func() {
		n := 0
		for {
			conn, err := l.Accept()
			if err != nil {
				heard <- n
				return
			}
			n++
			_ = conn.Close()
		}
	}()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	for _, scheme := range []string{"http", "https"} {
		if err := at(scheme + "://token.example:" + port); !fault.Is(err, fault.Denied) {
			t.Errorf("%s: %v", scheme, err)
		}
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if n := <-heard; n != 0 {
		t.Errorf("it was dialed %d times", n)
	}
	service := oauthtest.New(t)
	if err := at(service.URL); oauth.ClassOf(err) == oauth.ClassUnsent || len(service.Requests()) != 1 {
		t.Errorf("its own address: %v, %d requests", err, len(service.Requests()))
	}
}
