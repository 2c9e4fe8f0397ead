package backend

import (
	"context"
	"net/url"
	"time"

	"pie/backend/connection"
	"pie/backend/history"
	"pie/backend/provider"
	"pie/backend/receipt"
)

// mostCounted is how many requests of one agent a receipt looks at.
const mostCounted = 50_000

// ConnectionReceipt says what one connection was used for.
type ConnectionReceipt struct {
	Connection connection.Connection `json:"connection"`
	receipt.Receipt
	Partial bool `json:"partial"` // there were more requests than could be looked at: the oldest are not counted
}

// Receipts say what the connections of an agent were used for, of all agents when
// it is empty. Services that are not connected have none. No key is needed.
func (b *Backend) Receipts(ctx context.Context, agent string) ([]ConnectionReceipt, error) {
	list, err := b.Connections.List(ctx, agent)
	if err != nil {
		return nil, err
	}
	services, err := b.Services(ctx, agent)
	if err != nil {
		return nil, err
	}
	providers := map[string]provider.Provider{}
	for _, s := range services {
		providers[s.Agent+"/"+s.Key] = s.Provider
	}
	out := []ConnectionReceipt{}
	rows := map[string][]history.AuditRow{}
	for _, c := range list {
		if c.Status == connection.NotConnected {
			continue
		}
		if _, read := rows[c.Agent]; !read {
			if rows[c.Agent], err = b.History.Audit(c.Agent, mostCounted); err != nil {
				return nil, err
			}
		}
		out = append(out, ConnectionReceipt{
			Connection: c, Partial: len(rows[c.Agent]) == mostCounted,
			Receipt: receipt.Make(b.receiptOf(c, providers[c.Agent+"/"+c.Service], rowsOf(c, list, rows[c.Agent]))),
		})
	}
	return out, nil
}

func (b *Backend) receiptOf(c connection.Connection, p provider.Provider, rows []history.AuditRow) receipt.Input {
	zone, err := time.LoadLocation(b.options.Env.TimeZone)
	if err != nil {
		zone = time.Local
	}
	command := "pie disconnect " + c.Agent
	if c.Service != "default" {
		command += " --service " + c.Service
	}
	if c.Label != "" {
		command += " --account " + c.Label
	}
	return receipt.Input{
		Provider: p, Granted: c.Scopes.Granted, Rows: rows,
		Reads:       func(method string, u *url.URL) bool { return connection.Reads(p, method, u) },
		ConnectedAt: *c.ConnectedAt, Now: time.Now(), Zone: zone, Command: command,
	}
}

// rowsOf are the rows of a connection. Rows from before connections were written
// down count where the service has no other account they could belong to.
func rowsOf(c connection.Connection, list []connection.Connection, rows []history.AuditRow) []history.AuditRow {
	accounts := 0
	for _, each := range list {
		if each.Agent == c.Agent && each.Service == c.Service {
			accounts++
		}
	}
	out := []history.AuditRow{}
	for _, row := range rows {
		older := row.Connection == "" && row.Service != nil && *row.Service == c.Service && accounts == 1
		if row.Connection == c.ID || older {
			out = append(out, row)
		}
	}
	return out
}
