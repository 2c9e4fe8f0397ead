package backend

import (
	"slices"

	"pie/backend/plugin"
)

// Offers are the person's apps that a package could sign in with.
type Offers struct {
	Bases   []string // providers whose app it was not granted and has no own client for
	Covered []string // its secrets that an app stands for, granted or offered, or that nobody need set where the program registers itself
}

// Offers tells which apps of the person a package could use. No key is needed.
func (b *Backend) Offers(p *plugin.Package) (Offers, error) {
	out := Offers{}
	set, err := b.Secrets.Names(p.Name)
	if err != nil {
		return out, err
	}
	for _, key := range p.ServiceKeys() {
		block := p.Services()[key]
		known, err := b.provider(block)
		if err != nil || block.Provider == practiceID || !known.TakesApps() || set[block.ClientIDSecret] {
			continue
		}
		kept, found, err := b.Clients.Get(known.Base())
		if err != nil {
			return out, err
		}
		if !found && known.Endpoints.Registration == "" {
			continue
		}
		out.Covered = append(out.Covered, block.ClientIDSecret, block.ClientSecretSecret)
		if found && !kept.Granted(p.Name) && !slices.Contains(out.Bases, known.Base()) {
			out.Bases = append(out.Bases, known.Base())
		}
	}
	return out, nil
}
