package plugin

import (
	"regexp"
	"slices"

	"pie/backend/store"
)

// Calls returns the agents that this one wants to call, in order.
func (p *Package) Calls() []string {
	calls := slices.Clone(p.Manifest.Calls)
	slices.Sort(calls)
	return slices.Compact(calls)
}

var (
	callInCode  = regexp.MustCompile(`\b(callTool|listTools)\b`)
	taskInCode  = regexp.MustCompile(`\bcontext\s*(\?\.|\.)\s*tasks\b|\btasks\s*(\?\.|\.)\s*(create|list|get|update|cancel)\b`)
	modelInCode = regexp.MustCompile(`\bcontext\s*(\?\.|\.)\s*ai\b|\bai\s*(\?\.|\.)\s*(chat|analyze|summarize|listModels)\b`)
)

// CallsTools tells whether the code looks as if it called other agents.
func (p *Package) CallsTools() bool { return p.mentions(callInCode) }

// UsesModel tells whether the code looks as if it asked a language model.
func (p *Package) UsesModel() bool { return p.mentions(modelInCode) }

// PlansTasks tells whether the code looks as if it planned work for itself.
func (p *Package) PlansTasks() bool { return p.mentions(taskInCode) }

func (p *Package) mentions(form *regexp.Regexp) bool {
	files, _ := p.Sources()
	for _, text := range files {
		if form.Match(text) {
			return true
		}
	}
	return false
}

func (p *Package) checkCalls(fileName string) error {
	for _, name := range p.Manifest.Calls {
		if !nameForm.MatchString(name) {
			return wrong("%s: calls names agents, and %q is no name of one.", fileName, name)
		}
		if name == p.Name {
			return wrong("%s: calls names the agent itself.", fileName)
		}
	}
	if len(p.Manifest.Calls) > 50 {
		return wrong("%s: calls names more than 50 agents.", fileName)
	}
	return nil
}

// SetCalls keeps which agents the agent may call. Fault: not_found.
func (r *Registry) SetCalls(name string, calls []string) error {
	return r.store.Update(func(tx *store.Tx) error {
		record, found, err := agents().Get(tx, name)
		if err == nil && !found {
			err = NoAgent(name)
		}
		if err != nil {
			return err
		}
		record.Approved.Calls = calls
		return agents().Put(tx, name, record)
	})
}
