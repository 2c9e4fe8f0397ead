package backend

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"pie/backend/automation"
	"pie/backend/connection"
	"pie/backend/fault"
	"pie/backend/history"
	"pie/backend/plugin"
)

const (
	mostPayload = 256 << 10 // bytes that may come with an occasion
	mostChain   = 5         // agents that run for one another's events
)

// posted is what comes with something that happened. It is sealed until its run.
type posted struct {
	Data  json.RawMessage `json:"data,omitempty"`
	Chain []string        `json:"chain,omitempty"` // agents whose events led here, the first one first
}

func tooLarge() error {
	return fault.New(fault.Limited, "What was sent is larger than 256 KB.", "Send less, or send an address at which the rest is found.")
}

// asJSON is the payload as it stands where it is JSON, and as a text elsewhere.
func asJSON(payload []byte) json.RawMessage {
	if json.Valid(payload) {
		return bytes.Clone(payload)
	}
	raw, err := json.Marshal(strings.ToValidUTF8(string(payload), "\uFFFD"))
	if err != nil {
		return nil
	}
	return raw
}

// inputOf is what the code gets as its input.
func inputOf(trigger string, at time.Time, p posted) json.RawMessage {
	in := map[string]any{"triggeredBy": trigger, "scheduledFor": at.UTC()}
	if len(p.Data) > 0 {
		in["triggerData"] = p.Data
	}
	raw, err := json.Marshal(in)
	if err != nil {
		return nil
	}
	return raw
}

// functionFor is the function that takes an occasion: the hook named after it
// where the agent has one.
func functionFor(p *plugin.Package, t plugin.Trigger) string {
	hook := map[string]string{"webhook": "onWebhook", "plugin_event": "onPluginEvent"}[t.Type]
	if hook != "" && slices.Contains(p.Functions(), hook) {
		return hook
	}
	return "handler"
}

// request is the run that is due.
func (b *Backend) request(ctx context.Context, due automation.Due) (RunRequest, error) {
	if automation.IsTask(due.ID) {
		return b.taskRequest(ctx, due)
	}
	p, t, err := b.Trigger(due.ID)
	if err != nil {
		return RunRequest{}, err
	}
	q := RunRequest{Agent: p.Name, Account: due.Account, Trigger: AutomationTrigger, runID: due.RunID, background: true}
	if due.Payload == nil && t.Occasion() == "" {
		q.Input = inputOf(t.Type, due.At, posted{})
		return q, nil
	}
	if due.Payload == nil || t.Occasion() == "" {
		return q, fault.New(fault.Conflict, "An update of "+p.Name+" has changed what this automation runs for.", "Turn it on again: pie automation enable "+due.ID)
	}
	plain, err := b.postbox().Open(ctx, p.Name, "posted/"+due.ID, due.Payload)
	if err != nil {
		return q, err
	}
	var what posted
	if err := json.Unmarshal(plain, &what); err != nil {
		return q, fmt.Errorf("decoding what was posted: %w", err)
	}
	q.Trigger, q.Function, q.chain = t.Type, functionFor(p, t), what.Chain
	q.Input = inputOf(t.Type, due.At, what)
	return q, nil
}

func (b *Backend) postbox() sealer { return sealer{b.Vault, "automations", "automations"} }

// post hands something that happened to an automation. Faults: locked, not_found,
// limited.
func (b *Backend) post(ctx context.Context, id string, what posted) error {
	raw, err := json.Marshal(what)
	if err != nil {
		return fmt.Errorf("encoding what was posted: %w", err)
	}
	agent, _, _ := strings.Cut(id, "/")
	sealed, err := b.postbox().Seal(ctx, agent, "posted/"+id, raw)
	if err != nil {
		return err
	}
	return b.Automations.Post(id, sealed)
}

// postTo hands it to every automation that is on for the occasion, of one agent
// or of all when agent is empty.
func (b *Backend) postTo(ctx context.Context, agent, occasion string, what posted) {
	ids, err := b.Automations.For(occasion)
	if err != nil {
		b.options.Log.Error("looking for automations", "error", err)
		return
	}
	for _, id := range ids {
		if agent != "" && !strings.HasPrefix(id, agent+"/") {
			continue
		}
		if len(what.Chain) > mostChain {
			b.Automations.Refuse(id, fmt.Sprintf("A chain of events went through %d agents (%s), so it was stopped.", mostChain, strings.Join(what.Chain, " → ")))
			continue
		}
		if err := b.post(ctx, id, what); err != nil {
			b.options.Log.Warn("posting to automation", "automation", id, "error", err)
			if !fault.Is(err, fault.Limited) {
				b.Automations.Refuse(id, fault.Public(err).Message)
			}
		}
	}
}

// madeConnection lets run what runs for a new connection of its agent.
func (b *Backend) madeConnection(c connection.Connection) {
	data, err := json.Marshal(map[string]string{"service": c.Service, "account": c.Label})
	if err == nil {
		b.postTo(b.life, c.Agent, plugin.OnConnect, posted{Data: data})
	}
}

// event tells other agents' automations of an event of a run. data may be nil.
func (b *Backend) event(run history.Run, chain []string, name string, data json.RawMessage) {
	raw, err := json.Marshal(map[string]any{"plugin": run.Agent, "event": name, "run": run.ID, "data": data})
	if err == nil {
		b.postTo(b.life, "", plugin.OnEvent(run.Agent, name), posted{Data: raw, Chain: append(slices.Clone(chain), run.Agent)})
	}
}

// runEnded tells of how a run ended, with its result.
func (b *Backend) runEnded(run history.Run, chain []string) {
	switch run.Status {
	case history.OK:
		data := run.Result
		if len(data) > mostPayload/2 {
			data = nil // it stands in history
		}
		b.event(run, chain, plugin.EventOK, data)
	case history.Failed, history.Stopped, history.RequiresAuth:
		b.event(run, chain, plugin.EventFailed, nil)
	}
}
