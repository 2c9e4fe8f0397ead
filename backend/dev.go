package backend

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"pie/backend/agent"
	"pie/backend/cassette"
	"pie/backend/fault"
	"pie/backend/history"
	"pie/backend/plugin"
)

// Where a folder keeps what belongs to trying it out; none of it is part of the
// package.
const (
	InputsFolder    = "inputs"
	CassettesFolder = "cassettes"
)

// DevTrigger is the trigger of a run that an author makes while writing.
const DevTrigger = "dev"

var cassetteName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$`)

// DevRequest asks to compile a folder as it is now and to run it once.
type DevRequest struct {
	Folder   string
	Run      RunRequest // without Agent, which the folder names
	Name     string     // of the recording, in the folder's cassettes
	Record   bool
	Replay   bool // answers from the recording: no network, no connection, no approval
	Practice bool // the practice service answers for the agent's services, and recordings for what it lacks
}

// DevResult is what came of it. Run is nil where the code has an error, or asks
// for more than was approved.
type DevResult struct {
	Agent     string
	Hash      string
	Findings  []agent.Finding
	Grown     []string // what it asks for beyond what was approved, in words
	Run       *history.Run
	Exchanges []cassette.Exchange // what the run asked and was told, without secrets
	Cassette  string              // the file that was written or played
	Compile   time.Duration
	Total     time.Duration
}

// Dev compiles a folder and runs it. An error in the package is a finding. No
// connection is made or ended, whatever the folder holds. Faults: conflict (the
// folder is not installed in place, or a secret is missing), not_found, invalid
// (input, recording), locked, limited.
func (b *Backend) Dev(ctx context.Context, q DevRequest) (out DevResult, err error) {
	began := time.Now()
	defer func() { out.Total = time.Since(began) }()
	b.Runner.Warm() // the next save finds a process ready
	if (q.Record || q.Replay || q.Practice) && !cassetteName.MatchString(q.Name) {
		return out, fault.New(fault.Invalid, "A recording's name is letters, digits, dots, hyphens and underscores.", "For example: --record first-page")
	}
	p, findings, err := b.develop(ctx, q.Folder)
	out.Findings, out.Compile = findings, time.Since(began)
	if p != nil {
		out.Agent, out.Hash = p.Name, p.Hash
	}
	if err != nil || hasError(findings) {
		return out, err
	}
	if q.Replay || q.Practice {
		return b.replay(ctx, p, q, out)
	}
	installed, err := b.inPlace(p, q.Folder)
	if err != nil {
		return out, err
	}
	if out.Grown = without(said(b.Permissions(p)), installed.Approved.Said); len(out.Grown) > 0 {
		return out, nil
	}
	if err := b.Agents.KeepBuilt(p); err != nil {
		return out, err
	}
	return b.devRun(ctx, p, installed, q, out)
}

// develop reads and compiles a folder; p is nil when it cannot be read.
func (b *Backend) develop(ctx context.Context, folder string) (*plugin.Package, []agent.Finding, error) {
	p, err := plugin.Load(folder, b.known)
	if fault.Is(err, fault.Invalid) {
		return nil, []agent.Finding{findingOf(err)}, nil
	}
	if err != nil {
		return nil, nil, err
	}
	found, err := b.compile(ctx, p)
	if err != nil && !fault.Is(err, fault.Invalid) {
		return p, found, err
	}
	if !hasError(found) {
		found = append(found, functionless(p)...)
	}
	return p, found, nil
}

// inPlace holds that the folder is what runs under its name.
func (b *Backend) inPlace(p *plugin.Package, folder string) (plugin.Installed, error) {
	installed, found, err := b.Agents.Record(p.Name)
	if err != nil {
		return installed, err
	}
	if !found || installed.Link == "" || !sameFolder(installed.Link, folder) {
		return installed, fault.New(fault.Conflict, p.Name+" is not installed in place from this folder.", "Install it: pie agent install "+filepath.Base(folder)+" --link")
	}
	return installed, nil
}

func sameFolder(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}

func (b *Backend) devRun(ctx context.Context, p *plugin.Package, installed plugin.Installed, q DevRequest, out DevResult) (DevResult, error) {
	w := &witness{}
	r := q.Run
	r.Agent, r.Trigger, r.witness = p.Name, DevTrigger, w
	run, err := b.Run(ctx, r)
	if err != nil {
		return out, err
	}
	out.Run = &run
	if w.recorder == nil {
		return out, nil
	}
	out.Exchanges = cassette.Shorten(w.recorder.Exchanges())
	if !q.Record || run.Status != history.OK && run.Status != history.Failed {
		return out, nil
	}
	made := w.recorder.Cassette(cassette.Cassette{
		Agent: p.Name, Function: run.Function, RecordedAt: run.StartedAt, Input: run.Input, UserConfig: installed.UserConfig, Zone: b.options.Env.TimeZone,
	})
	raw, err := made.Encode()
	if err != nil {
		return out, err
	}
	if err := writeKept(q.Folder, CassettesFolder, q.Name+".json", raw); err != nil {
		return out, fault.Wrap(err, fault.Denied, "The recording cannot be kept in the agent's folder.", "Check who may write it.")
	}
	out.Cassette = filepath.Join(q.Folder, CassettesFolder, q.Name+".json")
	return out, nil
}

// Approve takes the folder's package as approved, beside what was before. hash is
// that of the package the person saw. Faults: conflict, not_found, invalid.
func (b *Backend) Approve(ctx context.Context, folder, hash string) error {
	p, err := b.Load(ctx, Source{Name: folder})
	if err != nil {
		return err
	}
	installed, err := b.inPlace(p, folder)
	if err != nil {
		return err
	}
	approved := installed.Approved
	approved.Hosts, approved.Calls = union(approved.Hosts, p.NetworkHosts()), union(approved.Calls, p.Calls())
	apiHosts := map[string][]string{}
	for _, key := range p.ServiceKeys() {
		if hosts := union(approved.APIHosts[key], p.ServiceHosts(p.Services()[key])); len(hosts) > 0 {
			apiHosts[key] = hosts
		}
	}
	approved.APIHosts = apiHosts
	_, err = b.Install(ctx, Source{Name: folder}, hash, approved, true)
	return err
}

// said is what a package asks for, a sentence each. What is only worth knowing
// is no permission.
func said(list []plugin.Permission) []string {
	out := []string{}
	for _, permission := range list {
		if permission.Kind == "warning" {
			continue
		}
		for _, item := range permission.Items {
			out = append(out, strings.TrimSpace(permission.Text+": "+item))
		}
	}
	return out
}

func without(list, known []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return slices.Contains(known, s) })
}

func union(a, b []string) []string { return append(slices.Clone(a), without(b, a)...) }

// bareAddress is an address as history keeps it.
func bareAddress(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return ""
	}
	u.RawQuery, u.Fragment, u.User = "", "", nil
	return u.String()
}
