package backend

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"pie/backend/agent"
	"pie/backend/cassette"
	"pie/backend/fault"
	"pie/backend/history"
	"pie/backend/plugin"
	"pie/backend/secret"
	"pie/backend/task"
)

// Triggers of runs in which nothing is done.
const (
	ReplayTrigger   = "replay"
	PracticeTrigger = "practice"
)

// replay runs p with a recording for all of the world. The run stands in history
// as one that was only played.
func (b *Backend) replay(ctx context.Context, p *plugin.Package, q DevRequest, out DevResult) (DevResult, error) {
	out.Cassette = filepath.Join(q.Folder, CassettesFolder, q.Name+".json")
	raw, err := readCassette(q.Folder, q.Name)
	if q.Practice && errors.Is(err, fs.ErrNotExist) {
		out.Cassette = ""
		raw, err = (&cassette.Cassette{Version: cassette.Version}).Encode()
	}
	if errors.Is(err, fs.ErrNotExist) {
		return out, fault.Wrap(err, fault.NotFound, fmt.Sprintf("There is no recording %s.", q.Name), "Record one first: pie agent dev FOLDER --once --record "+q.Name)
	}
	if err != nil {
		if fault.Is(err, fault.Invalid) {
			return out, err
		}
		return out, fault.Wrap(err, fault.Denied, fmt.Sprintf("The recording %s cannot be read.", q.Name), "Check who may read it.")
	}
	tape, err := cassette.Parse(q.Name+".json", raw)
	if err != nil {
		return out, err
	}
	player := tape.Play()
	job, err := b.replayJob(p, tape, player, q.Run)
	if err != nil {
		return out, err
	}
	h, trigger := &replayed{player: player}, ReplayTrigger
	if q.Practice {
		trigger = PracticeTrigger
		h.planner = planner{book: &pretended{}, around: task.Around{Now: b.now(), Zone: job.TimeZone, Functions: p.Functions()}}
		if h.standIn, err = b.standIn(ctx, p); err != nil {
			return out, err
		}
	}
	job.Calls = h
	started := time.Now().UTC()
	outcome := b.Runner.Run(ctx, job, h)
	run := history.Run{
		ID: job.RunID, Agent: p.Name, Function: job.Function, Trigger: trigger, Status: outcome.Status, Result: outcome.Result, Error: outcome.Error,
		Logs: append(outcome.Logs, h.logs...), Requests: h.requests, StartedAt: started, DurationMS: outcome.Duration.Milliseconds(), Input: job.Input,
	}
	if miss := player.Miss(); miss != nil && !q.Practice {
		run.Status, run.Error = history.Failed, fault.Public(miss)
	}
	for _, left := range player.Unused() {
		if q.Practice {
			break // it holds examples then
		}
		run.Logs = append(run.Logs, history.Log{At: time.Now().UTC(), Level: "warn", Text: "The recording holds what the run did not ask for: " + left})
	}
	run = run.Complete()
	b.keepPlayed(ctx, run)
	out.Run, out.Exchanges = &run, cassette.Shorten(h.asked)
	return out, nil
}

// keepPlayed keeps a run in history where a vault is there and opens by itself:
// what is only played needs none, so nobody is asked for a key because of it.
func (b *Backend) keepPlayed(ctx context.Context, run history.Run) {
	if !b.Opens() {
		return
	}
	keep, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepTime)
	defer cancel()
	if err := b.History.SaveRun(keep, run); err != nil {
		b.options.Log.Warn("keeping a run that was played", "agent", run.Agent, "error", err)
		return
	}
	b.options.Notify("run", run.ID)
}

func (b *Backend) replayJob(p *plugin.Package, tape *cassette.Cassette, player *cassette.Player, q RunRequest) (agent.Job, error) {
	given := q.Input
	if len(given) == 0 {
		given = tape.Input
	}
	input, err := givenInput(given)
	if err != nil {
		return agent.Job{}, err
	}
	code, line, sourceMap := runnable(p)
	job := agent.Job{
		RunID: history.NewID(time.Now()), Agent: p.Name, Code: code, CodeName: p.CodeName, CodeLine: line, CodeMap: sourceMap,
		Function: cmp.Or(q.Function, tape.Function, "handler"), Input: input, Secrets: map[string]secret.String{}, UserConfig: tape.UserConfig,
		Services: p.ServiceKeys(), TimeZone: cmp.Or(tape.Zone, b.options.Env.TimeZone), Timeout: timeout(p, &q, false),
	}
	for _, name := range p.RunSecrets() {
		job.Secrets[name] = player.StandIn(name)
	}
	return job, nil
}

func readCassette(folder, name string) ([]byte, error) {
	raw, err := readKept(folder, CassettesFolder+"/"+name+".json", cassette.Longest)
	if errors.Is(err, errNotKept) {
		return nil, fault.New(fault.Invalid, name+".json is no recording: it is larger than 32 MB or not an ordinary file.", "Record it again.")
	}
	return raw, err
}
