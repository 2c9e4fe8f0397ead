package app

import (
	"fmt"
	"slices"
	"strings"

	"pie/backend/automation"
	"pie/backend/plugin"
	"pie/backend/task"
)

const mostNamed = 10 // tasks on a sheet

// planned are the rows of what an agent plans for itself, none where it plans
// nothing: first the one that stands for all, then one for each task. Names are
// left out where reading them would ask the person for a passphrase.
func (s *Automations) planned(agent string, known map[string]automation.Record) []Automation {
	leave := automation.TasksOf(agent)
	_, trigger, err := s.backend.Trigger(leave)
	if err != nil {
		return nil
	}
	out := []Automation{s.shape(leave, agent, trigger, known)}
	ids := []string{}
	for id, r := range known {
		if r.Under == leave {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(a, b string) int {
		if by := known[a].Made.Compare(known[b].Made); by != 0 {
			return by
		}
		return strings.Compare(a, b)
	})
	for _, id := range ids {
		if _, trigger, err := s.backend.Trigger(id); err == nil {
			out = append(out, s.shape(id, agent, trigger, known))
		}
	}
	return out
}

// plannedText says what an agent plans, for the sheet before it is turned on.
func (s *Automations) plannedText(a Automation, t plugin.Trigger) []string {
	if t.Type == task.Trigger {
		return []string{fmt.Sprintf("The agent itself planned it: %s, on the clock of %s.", a.Schedule, a.Zone)}
	}
	out := []string{"It runs at times that it chooses itself, now and later. Each of its tasks stands in the list, where you can turn it off."}
	known, err := s.backend.Automations.All()
	if err != nil {
		return out
	}
	tasks := slices.DeleteFunc(s.planned(a.Agent, known), func(each Automation) bool { return each.Type != task.Trigger })
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
