package app

import (
	"cmp"
	"fmt"
	"slices"

	"pie/backend/automation"
	"pie/backend/plugin"
	"pie/backend/task"
)

const mostNamed = 10 // tasks on a sheet

// planned are the rows of what an agent plans for itself, none where it plans
// nothing: first the one that stands for all, then one for each task. Names are
// left out where reading them would ask the person for a passphrase.
func (s *Automations) planned(p *plugin.Package, known map[string]automation.Record) []Automation {
	leave := automation.TasksOf(p.Name)
	trigger, err := s.backend.TaskTrigger(p, leave, known)
	if err != nil {
		return nil
	}
	out := []Automation{s.shape(leave, p.Name, trigger, known)}
	ids := []string{}
	for id, r := range known {
		if r.Under == leave {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(a, b string) int {
		return cmp.Or(known[a].Made.Compare(known[b].Made), cmp.Compare(a, b))
	})
	for _, id := range ids {
		if trigger, err := s.backend.TaskTrigger(p, id, known); err == nil {
			out = append(out, s.shape(id, p.Name, trigger, known))
		}
	}
	return out
}

// plannedText says what an agent plans, for the sheet before it is turned on.
func (s *Automations) plannedText(p *plugin.Package, a Automation, t plugin.Trigger) []string {
	if t.Type == task.Trigger {
		return []string{fmt.Sprintf("The agent itself planned it: %s, on the clock of %s.", a.Schedule, a.Zone)}
	}
	out := []string{"It runs at times that it chooses itself, now and later. Each of its tasks stands in the list, where you can turn it off."}
	known, err := s.backend.Automations.All()
	if err != nil {
		return out
	}
	tasks := slices.DeleteFunc(s.planned(p, known), func(each Automation) bool { return each.Type != task.Trigger })
	for i, each := range tasks {
		if i == mostNamed {
			out = append(out, fmt.Sprintf("%d more are planned.", len(tasks)-mostNamed))
			break
		}
		what := "Planned"
		if each.Description != "" {
			what += ": " + quoted(each.Description)
		}
		out = append(out, what+", "+each.Schedule+".")
	}
	return out
}
