package cli

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"pie/app"
	"pie/backend/fault"
	"pie/backend/plugin"
)

// approval is what the flags of install allow.
type approval struct {
	yes      bool
	link     bool
	client   bool // grant the person's apps
	hosts    []string
	apiHosts []string
	calls    []string
}

func (f *face) agentInstall() *cobra.Command {
	var a approval
	c := &cobra.Command{
		Use: "install SOURCE", Short: "Install an agent from a .pie file, a folder or an address",
		Long: `Shows what the agent asks for and installs it when you agree. SOURCE is a .pie
file, a folder, sample:NAME for a bundled agent, or an https address.

A folder is copied; with --link it runs in place, for authors. Installing a name
again is an update: the difference is shown, and a lower version is refused.
Without a terminal nobody can be asked, so --yes is needed.`,
		Example: `  pie agent install sample:practice-notes
  pie agent install my-agent.pie --yes
  pie agent install ./my-agent --link
  pie agent install my-agent.pie --allow-host api.example.com --allow-api-host notes=api.example.com`,
		Args: exactly("SOURCE"),
		RunE: func(_ *cobra.Command, args []string) error { return f.install(args[0], a, false) },
	}
	a.flags(c)
	return c
}

func (f *face) agentUpdate() *cobra.Command {
	var a approval
	c := &cobra.Command{
		Use: "update SOURCE", Short: "Install a newer version of an installed agent",
		Long: `As install, for an agent that is installed already: shows what the new version
asks for in addition. Connections and secrets stay.`,
		Example: "  pie agent update my-agent.pie",
		Args:    exactly("SOURCE"),
		RunE:    func(_ *cobra.Command, args []string) error { return f.install(args[0], a, true) },
	}
	a.flags(c)
	return c
}

func (a *approval) flags(c *cobra.Command) {
	c.Flags().BoolVarP(&a.yes, "yes", "y", false, "agree to all that is shown, without being asked")
	c.Flags().BoolVar(&a.link, "link", false, "run a folder in place instead of copying it")
	c.Flags().BoolVar(&a.client, "client", false, "let it use the apps that you keep for its services")
	c.Flags().StringArrayVar(&a.hosts, "allow-host", nil, "a further `HOST[:PORT]` that context.fetch may reach")
	c.Flags().StringArrayVar(&a.calls, "allow-call", nil, "a further `AGENT` that it may call")
	c.Flags().StringArrayVar(&a.apiHosts, "allow-api-host", nil, "a further `[KEY=]HOST[:PORT]` that may receive the token of service KEY")
}

// sourceOf names a package so that another process finds it too.
func sourceOf(source string) (string, error) {
	if strings.HasPrefix(source, "sample:") || strings.Contains(source, "://") {
		return source, nil
	}
	abs, err := filepath.Abs(source)
	if err != nil {
		return "", fault.Wrap(err, fault.Invalid, "This path cannot be used.", "Give an absolute path.")
	}
	return abs, nil
}

func (f *face) install(name string, a approval, update bool) error {
	source, err := sourceOf(name)
	if err != nil {
		return err
	}
	var sheet app.InstallSheet
	if err := f.call("Reading the package…", "Agents.Inspect", app.InspectRequest{Source: source}, &sheet); err != nil {
		return err
	}
	if update && sheet.Update == nil {
		return fault.New(fault.NotFound, cell(sheet.Agent.Name)+" is not installed, so there is nothing to update.", "Install it: pie agent install "+cell(name))
	}
	request, err := a.request(source, sheet)
	if err != nil {
		return err
	}
	if err := f.approve(sheet, request, a.yes); err != nil {
		return err
	}
	request.Clients = f.grants(sheet, a)
	sheet.Needs = slices.DeleteFunc(sheet.Needs, func(need string) bool {
		return slices.ContainsFunc(request.Clients, func(id string) bool { return strings.Contains(need, "pie client grant "+id+" ") })
	})
	return show(f, "Installing…", "Agents.Install", request, func(installed app.Agent) {
		f.print("%s %s is installed.", cell(installed.DisplayName), cell(installed.Version))
		for _, need := range sheet.Needs {
			f.print("Next: %s", cell(need))
		}
		if len(sheet.Needs) == 0 {
			f.print("Next: Run it: pie run %s", cell(installed.Name))
		}
	})
}

// grants are the apps of the person that the agent is to use: all with --client,
// else those that the person agrees to. --yes alone grants none, because no sheet
// names an app.
func (f *face) grants(sheet app.InstallSheet, a approval) []string {
	out := []string{}
	for _, id := range sheet.Clients {
		if a.client || !a.yes && f.asks() && f.confirm("You keep an app for "+cell(id)+". Let "+cell(sheet.Agent.DisplayName)+" use it?") {
			out = append(out, id)
		}
	}
	return out
}

// request asks for all that the sheet shows and the flags add.
func (a approval) request(source string, sheet app.InstallSheet) (app.InstallRequest, error) {
	q := app.InstallRequest{
		Source: source, Hash: sheet.Hash, Link: a.link,
		Hosts: union(sheet.Hosts, a.hosts), APIHosts: maps.Clone(sheet.APIHosts), Calls: union(sheet.Calls, a.calls),
	}
	if q.APIHosts == nil {
		q.APIHosts = map[string][]string{}
	}
	for _, text := range a.apiHosts {
		key, host, named := strings.Cut(text, "=")
		if !named {
			key, host = plugin.DefaultService, text
			if len(sheet.Agent.Services) == 1 {
				key = sheet.Agent.Services[0].Key
			}
		}
		if !slices.ContainsFunc(sheet.Agent.Services, func(s app.AgentService) bool { return s.Key == key }) {
			return q, fault.New(fault.Invalid, "The agent has no service "+cell(key)+" for --allow-api-host.", "Write it as KEY=HOST; the keys are in: pie agent check")
		}
		q.APIHosts[key] = union(q.APIHosts[key], []string{host})
	}
	return q, nil
}

func union(a, b []string) []string {
	out := append([]string{}, a...)
	for _, s := range b {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// approve shows the sheet and asks. Fault: denied.
func (f *face) approve(sheet app.InstallSheet, q app.InstallRequest, yes bool) error {
	if !f.json {
		f.sheet(sheet)
		f.additions(sheet, q)
		f.print("")
	}
	if yes {
		return nil
	}
	if !f.asks() {
		return fault.New(fault.Denied, "Nothing was installed, because there is nobody to ask here.", "Look at it with pie agent check, then add --yes to agree to all that it asks for.")
	}
	if !f.confirm("Install it?") {
		return fault.New(fault.Denied, "Nothing was installed.", "")
	}
	return nil
}

func (f *face) additions(sheet app.InstallSheet, q app.InstallRequest) {
	for _, host := range q.Hosts[len(sheet.Hosts):] {
		f.print("You add: requests of its own to %s", cell(host))
	}
	for _, name := range q.Calls[len(sheet.Calls):] {
		f.print("You add: calls of %s", cell(name))
	}
	for _, key := range slices.Sorted(maps.Keys(q.APIHosts)) {
		for _, host := range q.APIHosts[key][len(sheet.APIHosts[key]):] {
			f.print("You add: %s may receive the token of %s", cell(host), cell(key))
		}
	}
}

func (f *face) heading(a app.Agent) {
	f.print("%s %s (%s)", cell(a.DisplayName), cell(a.Version), cell(a.Name))
	if a.Description != "" {
		f.print("%s", cell(a.Description))
	}
}

func (f *face) permissions(list []plugin.Permission) {
	if len(list) == 0 {
		f.print("It asks for nothing.")
	}
	for _, p := range list {
		f.print("%s:", cell(p.Text))
		for _, item := range p.Items {
			f.print("  - %s", cell(item))
		}
	}
}

// sheet prints what a package asks for.
func (f *face) sheet(s app.InstallSheet) {
	f.heading(s.Agent)
	f.print("")
	f.permissions(s.Permissions)
	for _, key := range slices.Sorted(maps.Keys(s.APIHosts)) {
		f.print("May also receive the token of %s: %s", cell(key), cell(strings.Join(s.APIHosts[key], ", ")))
	}
	if s.Update == nil {
		return
	}
	f.print("")
	f.print("Replaces version %s.", orDash(cell(s.Update.From)))
	for _, added := range s.Update.Added {
		f.print("  new:  %s", cell(added))
	}
	for _, gone := range s.Update.Removed {
		f.print("  gone: %s", cell(gone))
	}
}
