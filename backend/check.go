package backend

import (
	"context"
	"regexp"
	"slices"
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
		return []agent.Finding{findingOf(err)}, nil
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
	found = append(found, undeclared(p)...)
	for _, text := range p.Warnings {
		if !strings.HasPrefix(text, "The code makes new code") { // told with its line already
			found = append(found, agent.Finding{File: p.CodeName, Level: agent.LevelWarning, Code: "manifest", Message: text})
		}
	}
	if _, err := b.Load(ctx, s); fault.Is(err, fault.Invalid) && !hasError(found) {
		found = append(found, findingOf(err))
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
	}
	return f
}

// undeclared names the hosts that stand in the code and not in the manifest.
func undeclared(p *plugin.Package) []agent.Finding {
	if len(p.Services()) > 0 {
		return nil // hosts may be the provider's own
	}
	var out []agent.Finding
	for _, host := range p.FoundHosts {
		bare := strings.TrimPrefix(host, "http://")
		if slices.Contains(p.Manifest.Network.Hosts, host) || slices.Contains(p.Manifest.Network.Hosts, bare) {
			continue
		}
		f := agent.Finding{
			File: p.CodeName, Level: agent.LevelWarning, Code: "undeclared-host", Message: "The host " + bare + " stands in the code and not in the manifest.",
			Fix: "Add it to network.hosts, so that people are told what it is for.",
		}
		if before, _, ok := strings.Cut(p.Code, "//"+bare); ok {
			f.Line = p.CodeLine + strings.Count(before, "\n")
			f.Column = len(before) - strings.LastIndex(before, "\n")
		}
		out = append(out, f)
	}
	return out
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
