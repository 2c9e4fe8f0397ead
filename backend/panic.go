package backend

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"pie/backend/connection"
	"pie/backend/paths"
)

// Panicked is what came of taking everything back. It holds no secret, and the
// same stands in the file Receipt.
type Panicked struct {
	StartedAt  time.Time                 `json:"started_at"`
	FinishedAt *time.Time                `json:"finished_at"` // null in a receipt whose program ended before it was through
	Rows       []connection.Disconnected `json:"rows"`        // one for each connection
	Revoked    int                       `json:"revoked"`     // the service has confirmed
	Open       int                       `json:"open"`        // the service did not confirm: its rows say what is left to do
	Kept       []string                  `json:"kept"`        // what was not touched, in words
	Receipt    string                    `json:"receipt"`     // the file
}

// Panic takes every access back and keeps a receipt in the state folder. What the
// person registered or pasted for agents is not touched, and is named. Fault:
// locked, before anything is done.
func (b *Backend) Panic(ctx context.Context) (Panicked, error) {
	out := Panicked{StartedAt: time.Now().UTC().Truncate(time.Second), Rows: []connection.Disconnected{}}
	var err error
	if out.Kept, err = b.keptByPanic(); err != nil {
		return out, err
	}
	folder := filepath.Join(b.options.Paths.State, "receipts")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return out, fmt.Errorf("making folder of receipts: %w", err)
	}
	out.Receipt = filepath.Join(folder, "panic-"+time.Now().UTC().Format("20060102T150405.000Z")+".json")
	if err := out.write(); err != nil {
		return out, err
	}
	rows, err := b.Connections.Panic(ctx)
	if err != nil && len(rows) == 0 {
		_ = os.Remove(out.Receipt) // nothing was done
		return out, err
	}
	for _, row := range rows {
		b.addStops(&row)
		switch {
		case row.Revoked != nil && *row.Revoked:
			out.Revoked++
		default:
			out.Open++
		}
		out.Rows = append(out.Rows, row)
	}
	out.FinishedAt = new(time.Now().UTC().Truncate(time.Second))
	if writing := out.write(); err == nil {
		err = writing
	}
	return out, err
}

func (p Panicked) write() error {
	raw, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return fmt.Errorf("encoding receipt: %w", err)
	}
	if err := paths.WriteFile(p.Receipt, append(raw, '\n')); err != nil {
		return fmt.Errorf("writing receipt: %w", err)
	}
	return nil
}

// keptByPanic names what a person may want to change as well.
func (b *Backend) keptByPanic() ([]string, error) {
	out := []string{}
	apps, err := b.Clients.List()
	if err != nil {
		return nil, err
	}
	for _, app := range apps {
		out = append(out, "Your app for "+app.Provider+" is still kept: pie client remove "+app.Provider)
	}
	names, err := b.Agents.List()
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		set, err := b.Secrets.Names(name)
		if err != nil {
			return nil, err
		}
		if len(set) > 0 {
			out = append(out, fmt.Sprintf("%s still has %d secrets of yours: pie secret list %s", name, len(set), name))
		}
	}
	return out, nil
}
