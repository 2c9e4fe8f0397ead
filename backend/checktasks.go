package backend

import (
	"strings"

	"pie/backend/agent"
	"pie/backend/automation"
	"pie/backend/plugin"
)

// plans notes that the code plans work for itself, and where.
func plans(p *plugin.Package) []agent.Finding {
	if !p.PlansTasks() {
		return nil
	}
	f := agent.Finding{
		Level: agent.LevelNote, Code: "tasks", Message: "The code plans work for itself, and nothing of that runs before the person has turned it on.",
		Fix: "Say in the description what it plans. People turn it on with pie automation enable " + automation.TasksOf(p.Name),
	}
	f.File, f.Line, f.Column = inSources(p, "context.tasks")
	if files, _ := p.Sources(); !strings.Contains(string(files[f.File]), "context.tasks") {
		f.File, f.Line, f.Column = inSources(p, "tasks")
	}
	return []agent.Finding{f}
}
