package backend

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"pie/backend/agent"
	"pie/backend/fault"
	"pie/backend/plugin"
	"pie/backend/secret"
)

// Packed is a package as one file.
type Packed struct {
	Package  *plugin.Package // what the file holds
	Content  []byte
	Bundled  bool // the code was compiled to one script of JavaScript
	Findings []agent.Finding
}

// Pack makes a .pie file of a folder or of another .pie file. TypeScript and code
// of several files become one script, because the form holds one. With an error
// among the findings, a secret in the files for one, there is no content. Faults:
// not_found, limited; what is wrong in the package is a finding.
func (b *Backend) Pack(ctx context.Context, s Source) (Packed, error) {
	found, err := b.Check(ctx, s)
	if err != nil || hasError(found) {
		return Packed{Findings: found}, err
	}
	p, err := b.Load(ctx, s)
	if err != nil {
		return Packed{}, err
	}
	env, err := readEnv(s)
	if err != nil {
		return Packed{}, err
	}
	for _, leak := range p.Leaks(env) {
		found = append(found, agent.Finding{
			File: leak.File, Line: leak.Line, Column: leak.Column, Level: agent.LevelError, Code: "secret", Message: "Here stands " + leak.Kind + ".",
			Fix: "Declare it in developerSecrets or userSecrets, read it from context.secrets, and replace this value at its service: whoever saw the file knows it.",
		})
	}
	out := Packed{Package: p, Bundled: p.Built.Code != "", Findings: found}
	if hasError(found) {
		return out, nil
	}
	if out.Content, err = p.Pack(p.Built.Code); err != nil {
		return Packed{}, err
	}
	out.Package, err = b.Load(ctx, Source{Name: p.Name + ".pie", Content: out.Content})
	return out, err
}

func hasError(found []agent.Finding) bool {
	return slices.ContainsFunc(found, func(f agent.Finding) bool { return f.Level == agent.LevelError })
}

// readEnv reads the .env files beside a package on the disk.
func readEnv(s Source) (map[string]secret.String, error) {
	out := map[string]secret.String{}
	if s.Content != nil || strings.HasPrefix(s.Name, SamplePrefix) || strings.Contains(s.Name, "://") {
		return out, nil
	}
	dir := s.Name
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		dir = filepath.Dir(dir)
	}
	names, err := filepath.Glob(filepath.Join(escapeGlob(dir), ".env*"))
	if err != nil {
		return nil, fmt.Errorf("looking for .env files: %w", err)
	}
	for _, name := range names {
		info, err := os.Stat(name)
		if err != nil || !info.Mode().IsRegular() || info.Size() > longestPackage {
			continue
		}
		raw, err := os.ReadFile(name) // #nosec G304 -- beside the package that the person named
		if err != nil {
			return nil, fault.Wrap(err, fault.Denied, fmt.Sprintf("%s cannot be read, so its values cannot be looked for.", filepath.Base(name)), "Check who may read it.")
		}
		maps.Copy(out, plugin.ReadEnv(raw))
	}
	return out, nil
}

func escapeGlob(dir string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(dir)
}
