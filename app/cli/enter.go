package cli

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"time"

	"pie/app"
	"pie/app/door"
	"pie/backend"
	"pie/backend/fault"
	"pie/backend/paths"
	"pie/backend/secret"
	"pie/backend/vault"
)

// leaveTime is how long a command that was stopped still waits for others.
const leaveTime = 2 * time.Second

// Enter opens the home of the environment, or joins the process that has. Both
// faces enter in this way.
func Enter(ctx context.Context) (*door.Door, error) {
	home, err := paths.Default()
	if err != nil {
		return nil, err
	}
	env, err := paths.Env()
	if err != nil {
		return nil, err
	}
	return enterHome(ctx, home, env)
}

func enterHome(ctx context.Context, home paths.Paths, env paths.Environment) (*door.Door, error) {
	return door.Enter(ctx, home, func(ctx context.Context) (*app.App, error) {
		return app.Open(context.WithoutCancel(ctx), backend.Options{Paths: home, Env: env, Log: newLog(home.Log())})
	})
}

// door enters when the first call needs it.
func (f *face) door() (*door.Door, error) {
	if f.opened != nil {
		return f.opened, nil
	}
	d, err := f.enter(f.ctx)
	if err != nil {
		return nil, err
	}
	f.opened = d
	return d, nil
}

// leave leaves the home. Others that work through this process are waited for,
// and a person is told so; Ctrl-C ends the waiting.
func (f *face) leave() error {
	if f.opened == nil {
		return nil
	}
	ctx := f.ctx
	if ctx.Err() != nil {
		late, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaveTime)
		defer cancel()
		ctx = late
	}
	defer f.busy("Another pie is still at work through this one. Ctrl-C ends both.")()
	return f.opened.Leave(ctx)
}

// call asks a service; waiting is what a person reads when it takes long. A
// locked vault that wants a passphrase is unlocked once, on a terminal.
func (f *face) call(waiting, method string, params, out any) error {
	d, err := f.door()
	if err != nil {
		return err
	}
	err = f.ask(d, waiting, method, params, out)
	if !fault.Is(err, fault.Locked) || method == "Vault.Unlock" {
		return err
	}
	if unlocking := f.unlock(d, err); unlocking != nil {
		return unlocking
	}
	return f.ask(d, waiting, method, params, out)
}

func (f *face) ask(d *door.Door, waiting, method string, params, out any) error {
	done := f.busy(waiting)
	defer done()
	return d.Call(f.ctx, method, params, out)
}

// unlock asks for the passphrase where the vault wants one and a person is there;
// otherwise it returns locked, the fault that brought it here.
func (f *face) unlock(d *door.Door, locked error) error {
	var status vault.Status
	if err := d.Call(f.ctx, "Vault.Status", nil, &status); err != nil {
		return err
	}
	if status.Source != vault.SourcePassphrase || !f.io.InIsTTY || f.io.ReadHidden == nil {
		return locked
	}
	passphrase, err := f.hidden("Passphrase of the vault: ")
	if err != nil {
		return err
	}
	return d.Call(f.ctx, "Vault.Unlock", unlockParams{passphrase.Reveal()}, nil)
}

// unlockParams and secretParams carry a secret over the private socket; they
// live for one call.
type unlockParams struct {
	Passphrase string `json:"passphrase"`
}

// hidden reads a line from the terminal without showing it.
func (f *face) hidden(prompt string) (secret.String, error) {
	_, _ = f.io.Err.Write([]byte(prompt))
	raw, err := f.io.ReadHidden()
	_, _ = f.io.Err.Write([]byte("\n"))
	defer clear(raw)
	if err != nil {
		return secret.String{}, fault.Wrap(err, fault.Canceled, "Nothing was typed.", "Try again.")
	}
	return secret.New(string(raw)), nil
}

// show calls and prints: the service's own value as JSON, or what words makes of
// it for a person.
func show[T any](f *face, waiting, method string, params any, words func(T)) error {
	var raw json.RawMessage
	if err := f.call(waiting, method, params, &raw); err != nil {
		return err
	}
	if f.json {
		f.value(raw)
		return nil
	}
	var value T
	if err := json.Unmarshal(raw, &value); err != nil {
		return fault.Wrap(err, fault.Internal, "The answer of PIE Desktop cannot be read.", "Close every running PIE Desktop and try again.")
	}
	words(value)
	return nil
}

// newOp names a call, so that it can be canceled.
func newOp() string { return rand.Text() }
