package backend

import (
	"context"
	"regexp"
	"strconv"
	"strings"

	"pie/backend/agent"
	"pie/backend/fault"
	"pie/backend/plugin"
)

var placeInMessage = regexp.MustCompile(`^([^\s:,]+), line (\d+)(?:, column (\d+))?: (.*)$`)

// Check says what an author should know of a package: what keeps it from being
// installed, and what will work badly. Faults: not_found, offline, limited; what
// is wrong in the package itself is a finding.
func (b *Backend) Check(ctx context.Context, s Source) ([]agent.Finding, error) {
	p, err := b.read(ctx, s)
	if fault.Is(err, fault.Invalid) {
		return []agent.Finding{placed(findingOf(err), s)}, nil
	}
	if err != nil {
		return nil, err
	}
	found, err := b.compile(ctx, p)
	if err != nil && !fault.Is(err, fault.Invalid) {
		return nil, err
	}
	if !hasError(found) {
		found = append(found, functionless(p)...)
	}
	found = append(found, b.undeclared(p)...)
	found = append(found, b.redirects(p)...)
	found = append(found, plans(p)...)
	found = append(found, warned(p)...)
	if _, err := b.Load(ctx, s); fault.Is(err, fault.Invalid) && !hasError(found) {
		found = append(found, placed(findingOf(err), s))
	}
	return found, nil
}

// findingOf takes the place out of a fault's words.
func findingOf(err error) agent.Finding {
	problem := fault.Public(err)
	f := agent.Finding{Level: agent.LevelError, Code: "package", Message: problem.Message, Fix: problem.Hint}
	if at := placeInMessage.FindStringSubmatch(problem.Message); at != nil {
		f.File, f.Message = at[1], at[4]
		f.Line, _ = strconv.Atoi(at[2])
		f.Column, _ = strconv.Atoi(at[3])
		f.Column = max(f.Column, 1)
		if rest, ok := strings.CutPrefix(f.Message, "the "); ok {
			f.Message = "The " + rest
		}
	}
	return f
}

// functionless: an agent without a function does nothing, whatever else is right
// about it.
func functionless(p *plugin.Package) []agent.Finding {
	f := agent.Finding{
		File: p.CodeName, Line: p.CodeLine, Column: 1, Level: agent.LevelError, Code: "no-function",
		Message: "The code has no function that could be called.", Fix: "Export one: module.exports = { handler }.",
	}
	switch {
	case strings.TrimSpace(p.Prompt) != "" || len(p.Functions()) > 0:
		return nil
	case strings.TrimSpace(p.Code+p.Prompt) == "":
		f.Code, f.Message = "no-code", "The package holds no code."
		f.Fix = "Write the code behind the second line of three hyphens, or into agent.js; a package of tier skill holds a prompt instead."
	}
	return []agent.Finding{f}
}
