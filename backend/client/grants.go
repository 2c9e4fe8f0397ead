package client

import (
	"slices"
	"strings"

	"pie/backend/fault"
	"pie/backend/store"
)

func (a *Apps) read(provider string) (r record, found bool, err error) {
	err = a.store.View(func(tx *store.Tx) error {
		r, found, err = apps().Get(tx, provider)
		return err
	})
	return r, found, err
}

// Get returns the app for a provider, false when there is none. No key is needed.
func (a *Apps) Get(provider string) (App, bool, error) {
	r, found, err := a.read(provider)
	return r.App, found, err
}

// List returns all apps by provider. No key is needed.
func (a *Apps) List() ([]App, error) {
	out := []App{}
	err := a.store.View(func(tx *store.Tx) error {
		return apps().Each(tx, "", func(_ string, r record) error {
			out = append(out, r.App)
			return nil
		})
	})
	return out, err
}

// Grant lets an agent use the app. Granting twice is no fault. Fault: not_found.
func (a *Apps) Grant(provider, agent string) (App, error) {
	return a.change(provider, func(app *App) error {
		if !app.Granted(agent) {
			app.Agents = append(app.Agents, agent)
			slices.SortFunc(app.Agents, strings.Compare)
		}
		return nil
	})
}

// Revoke takes a grant back. Fault: not_found, also where there was none.
func (a *Apps) Revoke(provider, agent string) (App, error) {
	return a.change(provider, func(app *App) error {
		if !app.Granted(agent) {
			return fault.New(fault.NotFound, agent+" was not granted your app for "+provider+".", "See who was: pie client list")
		}
		app.Agents = slices.DeleteFunc(app.Agents, func(each string) bool { return each == agent })
		return nil
	})
}

// Note keeps what a check has found out. Fault: not_found.
func (a *Apps) Note(provider string, c Check) (App, error) {
	return a.change(provider, func(app *App) error {
		app.Check = &c
		return nil
	})
}

func (a *Apps) change(provider string, fn func(*App) error) (App, error) {
	var out App
	err := a.store.Update(func(tx *store.Tx) error {
		r, found, err := apps().Get(tx, provider)
		if err == nil && !found {
			err = None(provider)
		}
		if err == nil {
			err = fn(&r.App)
		}
		if err != nil {
			return err
		}
		out = r.App
		return apps().Put(tx, provider, r)
	})
	return out, err
}

// Forget takes back every grant of an agent that is removed, so that another one
// of its name begins without.
func (a *Apps) Forget(agent string) error {
	return a.store.Update(func(tx *store.Tx) error {
		var granted []record
		err := apps().Each(tx, "", func(_ string, r record) error {
			if r.App.Granted(agent) {
				granted = append(granted, r)
			}
			return nil
		})
		if err != nil {
			return err
		}
		for _, r := range granted {
			r.App.Agents = slices.DeleteFunc(r.App.Agents, func(each string) bool { return each == agent })
			if err := apps().Put(tx, r.App.Provider, r); err != nil {
				return err
			}
		}
		return nil
	})
}

// Remove deletes an app with its grants. The caller destroys the key that it was
// sealed with. Fault: not_found.
func (a *Apps) Remove(provider string) error {
	return a.store.Update(func(tx *store.Tx) error {
		if _, found, err := apps().Get(tx, provider); err != nil || !found {
			if err == nil {
				err = None(provider)
			}
			return err
		}
		return apps().Delete(tx, provider)
	})
}
