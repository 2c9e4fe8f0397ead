package backend

import (
	"context"
	"fmt"
	"net"
	"os"
	"strconv"

	"pie/backend/connection"
	"pie/backend/fault"
	"pie/backend/paths"
	"pie/backend/provider"
)

const appID = paths.AppID

// Check is one thing the doctor looked at.
type Check struct {
	Code    string `json:"code"`
	OK      bool   `json:"ok"`
	Message string `json:"message"`
	Hint    string `json:"hint"`
	Fixed   bool   `json:"fixed"`
}

// Doctor looks at everything that commonly goes wrong. With fix it mends what
// can be mended without a decision of the person.
func (b *Backend) Doctor(ctx context.Context, fix bool) []Check {
	checks := []Check{
		b.checkFolders(), b.checkVault(ctx), b.checkClock(), b.checkScheme(fix), b.checkPort(ctx), b.checkBrowser(), b.checkProviders(), b.checkAgents(),
	}
	return append(checks, b.checkConnections(ctx)...)
}

func good(code, message string) Check { return Check{Code: code, OK: true, Message: message} }

func bad(code string, err error) Check {
	p := fault.Public(err)
	return Check{Code: code, Message: p.Message, Hint: p.Hint}
}

func (b *Backend) checkFolders() Check {
	for _, dir := range []string{b.options.Paths.Config, b.options.Paths.Data, b.options.Paths.State} {
		info, err := os.Stat(dir)
		if err != nil {
			return Check{Code: "folders", Message: "A folder of PIE Desktop cannot be read: " + dir + ".", Hint: "Check who owns it."}
		}
		if info.Mode().Perm()&0o077 != 0 && info.Mode().IsDir() && os.PathSeparator == '/' {
			return Check{Code: "folders", Message: "Others may look into " + dir + ".", Hint: "Run: chmod 700 " + dir}
		}
	}
	return good("folders", "The folders are yours alone.")
}

// checkVault opens the vault if there is one; none is made for a check.
func (b *Backend) checkVault(ctx context.Context) Check {
	status := b.Vault.Status(ctx)
	if status.Problem != nil {
		return Check{Code: "vault", Message: status.Problem.Message, Hint: status.Problem.Hint}
	}
	if status.State == "none" {
		return good("vault", "No vault yet; one is made when the first secret comes.")
	}
	if err := b.Vault.Unlock(ctx); err != nil {
		return bad("vault", err)
	}
	return good("vault", fmt.Sprintf("The vault opens (%s).", status.Source))
}

func (b *Backend) checkScheme(fix bool) Check {
	holder := b.SchemeHolder()
	if holder.Ours {
		return good("scheme", "Links of "+appID+" come to this program.")
	}
	check := Check{Code: "scheme", Message: "Links of " + appID + " open nothing yet.", Hint: "Run pie doctor --fix, or sign in by --redirect loopback or paste."}
	if holder.Registered {
		check.Message = "Links of " + appID + " go to another program or another home: " + holder.Executable
	}
	if holder.Problem != "" {
		check.Message = holder.Problem
	}
	if !fix {
		return check
	}
	if err := b.RegisterScheme(); err != nil {
		return bad("scheme", err)
	}
	check = good("scheme", "Links of "+appID+" come to this program now.")
	check.Fixed = true
	return check
}

func (b *Backend) checkPort(ctx context.Context) Check {
	port := b.LoopbackPort()
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return Check{
			Code: "loopback_port", Message: fmt.Sprintf("The port %d for sign-ins is taken by another program.", port),
			Hint: "Close that program, or set another port and register the new address.",
		}
	}
	_ = listener.Close()
	return good("loopback_port", fmt.Sprintf("The port %d for sign-ins is free.", port))
}

func (b *Backend) checkBrowser() Check {
	if b.options.Env.Display == "" {
		return good("display", "There is no display, so addresses are printed instead of opened.")
	}
	return good("display", "Addresses open in your browser.")
}

func (b *Backend) checkProviders() Check {
	if _, err := provider.Load(overlay(b.options.Paths.Providers())); err != nil {
		return bad("providers", err)
	}
	return good("providers", fmt.Sprintf("%d services are in the catalogue.", len(b.Catalog.List())))
}

func (b *Backend) checkAgents() Check {
	names, err := b.Agents.List()
	if err != nil {
		return bad("agents", err)
	}
	for _, name := range names {
		if _, _, err := b.Agents.Get(name); err != nil {
			return bad("agents", err)
		}
	}
	return good("agents", fmt.Sprintf("%d agents are installed and unchanged.", len(names)))
}

// checkConnections has a row for each connection that needs something.
func (b *Backend) checkConnections(ctx context.Context) []Check {
	all, err := b.Connections.List(ctx, "")
	if err != nil {
		return []Check{bad("connections", err)}
	}
	var out []Check
	count := 0
	for _, c := range all {
		if c.Status == connection.NotConnected {
			continue
		}
		count++
		if c.Problem != nil {
			out = append(out, Check{Code: "connection", Message: c.Agent + ": " + c.Problem.Message, Hint: c.Problem.Hint})
		}
	}
	if len(out) == 0 {
		out = append(out, good("connections", fmt.Sprintf("%d connections, none needs you.", count)))
	}
	return out
}
