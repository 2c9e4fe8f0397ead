package plugin

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"pie/backend/fault"
	"pie/backend/paths"
	"pie/backend/store"
)

// builtName is the file of the compiled code, beside the source. Names with a dot
// in front are never part of a package.
const builtName = ".built.json"

// KeepBuilt keeps p.Built for the files of p as they are now. Fault: not_found.
func (r *Registry) KeepBuilt(p *Package) error {
	record, found, err := r.record(p.Name)
	if err != nil {
		return err
	}
	if !found {
		return NoAgent(p.Name)
	}
	if err := r.keep(p, &record); err != nil {
		return err
	}
	return r.store.Update(func(tx *store.Tx) error { return agents().Put(tx, p.Name, record) })
}

// keep writes the compiled code and notes it in the record.
func (r *Registry) keep(p *Package, record *Installed) error {
	record.BuiltOf, record.Built = "", ""
	if p.Built == nil {
		return nil
	}
	record.BuiltOf = p.Hash
	if p.Built.Code == "" {
		return nil
	}
	raw, err := json.Marshal(p.Built)
	if err != nil {
		return fmt.Errorf("encoding compiled code: %w", err)
	}
	folder := r.folder(p.Name)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("making agent's folder: %w", err)
	}
	if err := paths.WriteFile(filepath.Join(folder, builtName), raw); err != nil {
		return fmt.Errorf("keeping compiled code: %w", err)
	}
	sum := sha256.Sum256(raw)
	record.Built = hex.EncodeToString(sum[:])
	return nil
}

// findBuilt gives p the code that was compiled of exactly these files. Fault:
// conflict when that code was changed.
func (r *Registry) findBuilt(p *Package, record Installed) error {
	if record.BuiltOf != p.Hash {
		return nil
	}
	built := &Built{}
	if record.Built != "" {
		raw, err := os.ReadFile(filepath.Join(r.folder(p.Name), builtName))
		sum := sha256.Sum256(raw)
		if err != nil || hex.EncodeToString(sum[:]) != record.Built || json.Unmarshal(raw, built) != nil {
			return fault.New(fault.Conflict, fmt.Sprintf("The compiled code of %s was changed after you approved it.", p.Name), "Install the agent again.")
		}
	}
	p.Built = built
	return nil
}
