package backend

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"pie/backend/agent"
	"pie/backend/fault"
	"pie/backend/history"
	"pie/backend/plugin"
)

// Bounds of agents that call each other.
const (
	deepestCalls = 4   // agents under way for one another
	mostCalls    = 100 // in one run
)

// ToolTrigger is the Trigger of a run that another agent asked for.
const ToolTrigger = "tool"

// tool is an agent as another sees it.
type tool struct {
	Name        string          `json:"name"`
	Agent       string          `json:"agent"`
	DisplayName string          `json:"displayName"`
	Description string          `json:"description"`
	Parameters  json.RawMessage `json:"parameters"`
}

func toolOf(p *plugin.Package) tool {
	t := tool{Name: p.Name, Agent: p.Name, DisplayName: p.DisplayName, Description: p.Description}
	if m := p.Manifest.Tool; m != nil {
		if m.Name != "" {
			t.Name = m.Name
		}
		if m.Description != "" {
			t.Description = m.Description
		}
		t.Parameters = m.Parameters
	}
	return t
}

// tools are those that the agent may call, in the order of their agents. What
// was installed or allowed since the run began counts.
func (d *desk) tools() ([]tool, error) {
	_, installed, err := d.b.Agents.Get(d.run.Agent)
	if err != nil {
		return nil, err
	}
	out := []tool{}
	for _, name := range slices.Sorted(slices.Values(installed.Approved.Calls)) {
		p, _, err := d.b.Agents.Get(name)
		if err != nil || p.Code == "" || name == d.run.Agent {
			continue
		}
		out = append(out, toolOf(p))
	}
	return out, nil
}

func (d *desk) listTools(context.Context, agent.Call) (agent.Reply, error) {
	list, err := d.tools()
	return agent.Reply{Value: list}, err
}

// callTool runs another agent's handler, with that agent's own connections and
// secrets, and returns its result. What it does stands in history as a run of
// its own. Faults: denied, limited (depth, circle, number), and how that run
// ended if not well.
func (d *desk) callTool(ctx context.Context, c agent.Call) (agent.Reply, error) {
	var q struct {
		Name  string          `json:"name"`
		Input json.RawMessage `json:"input"`
	}
	if err := params(c, &q); err != nil {
		return agent.Reply{}, err
	}
	name, err := d.callee(q.Name)
	if err != nil {
		return agent.Reply{}, err
	}
	if err := d.count(&d.calls, mostCalls, "calls of other agents"); err != nil {
		return agent.Reply{}, err
	}
	run, err := d.b.Run(ctx, RunRequest{
		Agent: name, Trigger: ToolTrigger, Input: q.Input, DryRun: d.request.DryRun, Attended: d.request.Attended,
		callers: append(slices.Clone(d.request.callers), d.run.Agent), background: d.request.background || d.run.Trigger == AutomationTrigger,
	})
	if err != nil && run.ID == "" {
		return agent.Reply{}, err
	}
	return answerOf(run)
}

// callee is the agent that a tool's name means.
func (d *desk) callee(name string) (string, error) {
	list, err := d.tools()
	if err != nil {
		return "", err
	}
	at := slices.IndexFunc(list, func(t tool) bool { return t.Agent == name })
	if at < 0 {
		at = slices.IndexFunc(list, func(t tool) bool { return t.Name == name })
	}
	if at < 0 {
		return "", fault.New(fault.Denied, fmt.Sprintf("%s may not call %s.", d.run.Agent, quote(name)),
			fmt.Sprintf("If it is an installed agent and you want this, run: pie agent allow %s AGENT", d.run.Agent))
	}
	name = list[at].Agent
	chain := append(slices.Clone(d.request.callers), d.run.Agent)
	if slices.Contains(chain, name) {
		return "", fault.New(fault.Limited, fmt.Sprintf("%s is at work on this call already, so it cannot be called once more from it.", name), "Agents must not call each other in a circle.")
	}
	if len(chain) > deepestCalls {
		return "", fault.New(fault.Limited, fmt.Sprintf("Agents call each other more than %d deep.", deepestCalls), "Let one agent call the others.")
	}
	return name, nil
}

// answerOf: what the callee returned is the answer, its own {error: true} too;
// what it threw, and the limits it met, are faults.
func answerOf(run history.Run) (agent.Reply, error) {
	if run.Status == history.OK || len(run.Result) > 0 && run.Error != nil {
		return agent.Reply{Value: run.Result}, nil
	}
	if run.Error == nil {
		return agent.Reply{}, fault.New(fault.Internal, "The run of "+run.Agent+" ended without a result.", "Look at it: pie history --run "+run.ID)
	}
	return agent.Reply{}, fault.New(run.Error.Code, run.Agent+": "+run.Error.Message, run.Error.Hint)
}

// runnerFor is the runner for a depth of calls. Each depth has its own places,
// so that no agent waits for a place that waits for it.
func (b *Backend) runnerFor(depth int) *agent.Runner {
	if depth == 0 {
		return b.Runner
	}
	return b.nested[depth-1]
}

// AllowCalls sets which agents an agent may call, in place of those before.
// Faults: not_found, invalid.
func (b *Backend) AllowCalls(name string, calls []string) error {
	for _, callee := range calls {
		if callee == name {
			return fault.New(fault.Invalid, "An agent cannot call itself.", "Name another agent.")
		}
		if _, _, err := b.Agents.Get(callee); err != nil {
			return err
		}
	}
	err := b.Agents.SetCalls(name, slices.Compact(slices.Sorted(slices.Values(calls))))
	b.options.Notify("agent", name)
	return err
}
