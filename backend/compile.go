package backend

import (
	"context"

	"pie/backend/agent"
	"pie/backend/plugin"
)

// compile gives p the code that runs take and returns what was found in it. A
// package without code has none.
func (b *Backend) compile(ctx context.Context, p *plugin.Package) ([]agent.Finding, error) {
	if p.Code == "" {
		p.Built = &plugin.Built{}
		return nil, nil
	}
	files, entry := p.Sources()
	compiled, err := b.Runner.Compile(ctx, agent.Source{Files: files, Entry: entry, Line: p.CodeLine})
	if err != nil {
		return nil, err
	}
	if err := compiled.Err(); err != nil {
		return compiled.Findings, err
	}
	p.Built = &plugin.Built{Code: compiled.Code, Map: compiled.Map}
	return compiled.Findings, nil
}

// build sees to it that an installed package can run: a folder that runs in
// place is compiled once after each change.
func (b *Backend) build(ctx context.Context, p *plugin.Package) error {
	if p.Built != nil {
		return nil
	}
	if _, err := b.compile(ctx, p); err != nil {
		return err
	}
	return b.Agents.KeepBuilt(p)
}

// runnable is what a run takes of a package.
func runnable(p *plugin.Package) (code string, line int, sourceMap []byte) {
	if p.Built != nil && p.Built.Code != "" {
		return p.Built.Code, 1, p.Built.Map
	}
	return p.Code, p.CodeLine, nil
}
