package cli

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"pie/app"
	"pie/backend/fault"
)

func (f *face) connectCommand() *cobra.Command {
	q := app.ConnectRequest{}
	var timeout time.Duration
	var token bool
	var params []string
	c := &cobra.Command{
		Use: "connect AGENT", Short: "Sign in, so that an agent may use a service as you",
		Long: `Opens the sign-in page of the service in your browser and waits until you have
allowed or refused. You sign in at the service itself; PIE Desktop never sees
your password.

The browser comes back to an address. Where it comes back by itself there is
nothing to do; where the page cannot be shown, copy its address and paste it
here while this command waits.

Some services must know beforehand which account's address to use: --param says it.
pie provider show names what a service asks for.

With --token it keeps a personal token instead, read from standard input, or on a
terminal asked for. It is sealed, goes to the service alone, and no agent sees it.
The service is asked whose it is; a token that it refuses is not kept.`,
		Example: `  pie connect practice-notes
  pie connect gmail-inbox --account work
  pie connect notion-search --redirect paste
  pie connect practice-notes --json --no-browser
  pie connect tickets --param subdomain=acme
  pie connect github-repos --token < token.txt`,
		Args: exactly("AGENT"),
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if q.Params, err = keyValues(params); err != nil {
				return err
			}
			if token {
				for _, other := range []string{"redirect", "no-browser", "timeout"} {
					if cmd.Flags().Changed(other) {
						return usage(cmd, "--"+other+" is for a sign-in; a token needs none")
					}
				}
				return f.connectToken(tokenParams{args[0], q.Service, q.Account, q.Params, ""})
			}
			q.Agent, q.TimeoutMS = args[0], timeout.Milliseconds()
			if timeout < time.Second {
				return fault.New(fault.Invalid, "The sign-in would have no time at all.", "Give --timeout a second at least, such as 5m.")
			}
			return f.connect(q)
		},
	}
	serviceFlags(c, &q.Service, &q.Account)
	c.Flags().StringVar(&q.Redirect, "redirect", "", "how the browser comes back: `scheme`, loopback or paste; or device, a code to type on another page")
	c.Flags().BoolVar(&q.NoBrowser, "no-browser", false, "print the address, open nothing")
	c.Flags().BoolVar(&token, "token", false, "keep a personal token from standard input")
	c.Flags().StringArrayVar(&params, "param", nil, "`KEY=VALUE` that the service must know of your account; may be repeated")
	c.Flags().DurationVar(&timeout, "timeout", 5*time.Minute, "how long to wait")
	return c
}

// keyValues reads what was given as KEY=VALUE. Fault: invalid.
func keyValues(list []string) (map[string]string, error) {
	out := map[string]string{}
	for _, each := range list {
		key, value, found := strings.Cut(each, "=")
		if _, twice := out[key]; !found || key == "" || value == "" || twice {
			return nil, fault.New(fault.Invalid, "A --param is no KEY=VALUE, or there twice.", "Write it like this: --param subdomain=acme")
		}
		out[key] = value
	}
	return out, nil
}

// serviceFlags are those of every command about one connection.
func serviceFlags(c *cobra.Command, service, account *string) {
	c.Flags().StringVar(service, "service", "", "`KEY` of the service, where the agent has several")
	c.Flags().StringVar(account, "account", "", "`LABEL` of the account, where you have several")
}

func (f *face) connect(q app.ConnectRequest) error {
	if q.Redirect == "scheme" {
		if err := f.call("", "System.RegisterScheme", nil, nil); err != nil {
			f.say("Links cannot be made to come back here: %s Paste the address instead.", fault.Public(err).Message)
		}
	}
	if !f.json {
		if err := f.announce(q); err != nil {
			return err
		}
	}
	d, err := f.door()
	if err != nil {
		return err
	}
	life, stop := context.WithCancel(context.WithoutCancel(f.ctx))
	defer stop()
	s := &signIn{face: f, door: d, op: newOp(), done: make(chan result, 1), lines: readLines(life, f.io.In)}
	if s.events, err = d.Events(life); err != nil {
		return err
	}
	q.Op = s.op
	go func() {
		var r result
		r.err = d.Call(life, "Connections.Connect", q, &r.raw)
		s.done <- r
	}()
	return s.ended(s.wait(life))
}

// added names the hosts that a file of the person brought in: codes, secrets or
// tokens go there.
func (f *face) added(p app.ProviderInfo) {
	if len(p.AddedHosts) > 0 {
		f.say("Your own file for %s adds: %s.", cell(p.Name), cell(strings.Join(p.AddedHosts, ", ")))
	}
}

// announce says what the person is about to allow.
func (f *face) announce(q app.ConnectRequest) error {
	var sheet app.ConnectSheet
	err := f.call("", "Connections.Preview", app.ConnectionRef{Agent: q.Agent, Service: q.Service, Account: q.Account}, &sheet)
	if err != nil || sheet.MissingSecret != "" {
		return err // connecting says which secret is missing and how to set it
	}
	f.say("%s asks to use %s as you:", cell(sheet.AgentName), cell(sheet.Provider.Name))
	for _, scope := range sheet.Scopes {
		f.say("  - %s", cell(scope.Label))
	}
	switch {
	case sheet.Client.Kind == "app":
		f.say("It signs in with your own app.")
	case sheet.Client.Registers:
		f.say("PIE Desktop registers itself there for this agent; you need no app.")
	}
	f.say("Its access goes to no other place than %s.", cell(strings.Join(sheet.Hosts, ", ")))
	f.added(sheet.Provider)
	return nil
}
