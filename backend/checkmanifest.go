package backend

import (
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"pie/backend/agent"
	"pie/backend/connection"
	"pie/backend/plugin"
	"pie/backend/provider"
	"pie/backend/secret"
)

var (
	keyInMessage = regexp.MustCompile(`^([^\s:,]+): ([A-Za-z]\w*(?:\.[\w-]+|\[\d+\])*)`)
	keyInWarning = regexp.MustCompile(`^The manifest key "([^"]+)"|^(oauth\S*\.\w+) `)
)

// placed gives a finding about a key of the manifest its line. What names no key
// stands on the first line of its file.
func placed(f agent.Finding, s Source) agent.Finding {
	if f.Line > 0 {
		return f
	}
	name, raw := manifestOf(s)
	f.File, f.Line, f.Column = name, 1, 1
	if at := keyInMessage.FindStringSubmatch(f.Message); at != nil && len(raw) > 0 {
		f.Line, f.Column = plugin.PlaceIn(name, raw, at[2])
		f.Message = f.Message[len(at[1])+2:]
	}
	return f
}

// manifestOf reads what the manifest stands in, again: a package that cannot be
// read has no places.
func manifestOf(s Source) (name string, raw []byte) {
	name = filepath.Base(s.Name)
	if s.Content != nil || strings.HasPrefix(s.Name, SamplePrefix) || strings.Contains(s.Name, "://") {
		return name, s.Content
	}
	file := s.Name
	if info, err := os.Stat(file); err == nil && info.IsDir() {
		file = filepath.Join(s.Name, "manifest.json")
		if _, err := os.Stat(filepath.Join(s.Name, "agent.pie")); err == nil {
			file = filepath.Join(s.Name, "agent.pie")
		}
	}
	if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() && info.Size() <= longestPackage {
		raw, _ = os.ReadFile(file) // #nosec G304 -- the person named it
	}
	return filepath.Base(file), raw
}

// warned are the package's own warnings with their places.
func warned(p *plugin.Package) []agent.Finding {
	var out []agent.Finding
	for _, text := range p.Warnings {
		if strings.HasPrefix(text, "The code makes new code") {
			continue // told with its line already
		}
		f := agent.Finding{Level: agent.LevelWarning, Code: "manifest", Message: text, Fix: "Correct the manifest, or leave it as it is."}
		key := "tier"
		if at := keyInWarning.FindStringSubmatch(text); at != nil {
			key = at[1] + at[2]
		}
		f.File, f.Line, f.Column = p.Place(key)
		out = append(out, f)
	}
	return out
}

// undeclared names the hosts that stand in the code and that neither the manifest
// nor the services of the agent know.
func (b *Backend) undeclared(p *plugin.Package) []agent.Finding {
	known := slices.Clone(p.Manifest.Network.Hosts)
	for _, block := range p.Services() {
		known = append(known, block.APIHosts...)
		if resolved, err := b.provider(block); err == nil {
			known = append(known, resolved.API.Hosts...)
		}
	}
	set, err := provider.ParseHosts(known)
	if err != nil {
		return nil // told as a fault of the manifest
	}
	var out []agent.Finding
	for _, host := range p.FoundHosts {
		bare := strings.TrimPrefix(host, "http://")
		if slices.Contains(known, bare) || reaches(set, host) {
			continue
		}
		f := agent.Finding{
			File: p.CodeName, Level: agent.LevelWarning, Code: "undeclared-host", Message: "The host " + bare + " stands in the code and not in the manifest.",
			Fix: "Add it to network.hosts, so that people are told what it is for.",
		}
		if len(p.Services()) > 0 {
			f.Fix = "Add it to network.hosts for context.fetch; a custom service takes it in apiHosts, and then it may receive the token."
		}
		f.File, f.Line, f.Column = inSources(p, "//"+bare)
		out = append(out, f)
	}
	return out
}

func reaches(set provider.HostSet, host string) bool {
	if !strings.Contains(host, "://") {
		host = "https://" + host
	}
	u, err := url.Parse(host + "/")
	return err == nil && set.Allowed(u)
}

// inSources finds a text in the files of the code, the first one first.
func inSources(p *plugin.Package, text string) (file string, line, column int) {
	files, entry := p.Sources()
	for _, name := range append([]string{entry}, slices.Sorted(maps.Keys(files))...) {
		before, _, found := strings.Cut(string(files[name]), text)
		if !found {
			continue
		}
		line, column = secret.Place(string(files[name]), len(before))
		if name == entry {
			line += p.CodeLine - 1
		}
		return name, line, column
	}
	return entry, p.CodeLine, 1
}

// redirects says which address the agent's own OAuth app must list, or that there
// is none by which somebody could sign in.
func (b *Backend) redirects(p *plugin.Package) []agent.Finding {
	var out []agent.Finding
	for _, key := range p.ServiceKeys() {
		block := p.Services()[key]
		resolved, err := b.provider(block)
		if err != nil || block.ClientIDSecret == "" {
			continue
		}
		place := "oauth"
		if key != plugin.DefaultService {
			place = "oauthConnections." + key
		}
		f := agent.Finding{Level: agent.LevelNote, Code: "redirect"}
		f.File, f.Line, f.Column = p.Place(place)
		switch kinds := resolved.RedirectKinds(); {
		case len(kinds) == 0:
			f.Level, f.Message = agent.LevelWarning, resolved.Name+" takes no redirect address of this program and no code, so nobody can sign in there."
			f.Fix = "People connect with a personal token: pie connect " + p.Name + " --token"
		case kinds[0] == "device":
			continue
		default:
			address := b.Connections.RedirectURI(connection.Service{Agent: p.Name, Key: key, Provider: resolved, Scopes: block.Scopes}, kinds[0])
			f.Message = "The OAuth app at " + resolved.Name + " must list the redirect address " + address
			f.Fix = "Register it there, or signing in ends with a mismatch."
		}
		out = append(out, f)
	}
	return out
}
