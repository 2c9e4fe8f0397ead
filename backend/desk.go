package backend

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"

	"pie/backend/agent"
	"pie/backend/fault"
	"pie/backend/files"
	"pie/backend/history"
	"pie/backend/inbox"
	"pie/backend/metadata"
	"pie/backend/plugin"
)

// Bounds of one run.
const (
	mostMessages = 200
	mostEvents   = 1000
	longestEvent = 16 << 10 // bytes of JSON
)

// desk does for one run what its code asks for beyond requests: messages, files,
// memory, other agents, a model. All of it is the agent's own; no op takes the
// name of another.
type desk struct {
	b       *Backend
	run     history.Run // as it began
	request RunRequest

	mu        sync.Mutex
	messages  int
	events    int
	calls     int
	questions int
	plans     int
	pretended *pretended    // what a dry run plans; under Backend.planning
	refused   bool          // the last server that was asked could not
	after     time.Duration // when it wanted to be asked again
	logs      []history.Log
}

var _ agent.Caller = (*desk)(nil)

// Call does one thing. Faults: invalid for an unknown op, and those of the room.
func (d *desk) Call(ctx context.Context, c agent.Call) (agent.Reply, error) {
	if strings.HasPrefix(c.Op, "tasks.") {
		return d.plan(ctx, c)
	}
	do, known := map[string]func(context.Context, agent.Call) (agent.Reply, error){
		"files.write": d.writeFile, "files.read": d.readFile, "files.info": d.fileInfo, "files.list": d.listFiles, "files.delete": d.deleteFile,
		"metadata.get": d.getMetadata, "metadata.update": d.updateMetadata, "events.stream": d.streamEvent,
		"tools.list": d.listTools, "tools.call": d.callTool,
		"ai.chat": d.chat, "ai.analyze": d.analyze, "ai.summarize": d.summarize, "ai.listModels": d.listModels,
	}[c.Op]
	if !known {
		return agent.Reply{}, fault.New(fault.Invalid, fmt.Sprintf("There is no call %q.", c.Op), "Use the version of the program that belongs to this one.")
	}
	return do(ctx, c)
}

// params reads what the code gave. Fault: invalid.
func params(c agent.Call, into any) error {
	if len(c.Params) == 0 {
		return nil
	}
	if err := json.Unmarshal(c.Params, into); err != nil {
		return fault.New(fault.Invalid, "The call has arguments of another form than it takes.", "See docs/writing-agents.md for what it takes.")
	}
	return nil
}

// count holds a number to its bound. Fault: limited.
func (d *desk) count(n *int, most int, what string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if *n++; *n > most {
		return fault.New(fault.Limited, fmt.Sprintf("More than %d %s in one run.", most, what), "Do less in one run.")
	}
	return nil
}

func (d *desk) log(level, text string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.logs = append(d.logs, history.Log{At: time.Now().UTC(), Level: level, Text: text})
}

func (d *desk) notices() []history.Log {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.logs
}

// notify keeps a message in the inbox and shows it on the desktop where there is
// one. Faults: limited, locked.
func (d *desk) notify(ctx context.Context, n agent.Notification) error {
	if err := d.count(&d.messages, mostMessages, "messages"); err != nil {
		return err
	}
	text := n.Text
	if n.Title != "" {
		text = n.Title + "\n" + text
	}
	d.log("notify", text)
	if n.Cut {
		d.log("warn", "The message was longer than 16 KB, so its end is left out.")
	}
	now := time.Now().UTC()
	m := inbox.Message{ID: history.NewID(now), Agent: d.run.Agent, Run: d.run.ID, At: now, Cut: n.Cut, Title: n.Title, Text: n.Text}
	if err := d.b.Inbox.Add(ctx, m); err != nil {
		return err
	}
	d.b.options.Notify("inbox", m.ID)
	if !d.b.hours.Hold(d.run.Agent, true) {
		d.b.show(ctx, n.Title, n.Text)
	}
	return nil
}

// show puts a message on the desktop, beside whatever goes on: no run waits for
// a desktop.
func (b *Backend) show(ctx context.Context, title, text string) {
	b.hooks.Go(func() { b.showNow(ctx, title, text) })
}

func (b *Backend) showNow(ctx context.Context, title, text string) {
	show := b.options.Desktop
	if show == nil {
		show = b.desktop.Notify
	}
	if err := show(context.WithoutCancel(ctx), title, text); err != nil {
		b.options.Log.Info("showing notification", "error", err)
	}
}

// streamEvent writes an event of the code among the run's logs, tells whoever
// looks at the run, and lets run what the person turned on for an event of that
// name. Faults: invalid, limited.
func (d *desk) streamEvent(_ context.Context, c agent.Call) (agent.Reply, error) {
	var q struct {
		Event json.RawMessage `json:"event"`
		Data  json.RawMessage `json:"data"`
	}
	if err := params(c, &q); err != nil {
		return agent.Reply{}, err
	}
	if len(q.Event) == 0 {
		return agent.Reply{}, fault.New(fault.Invalid, "streamEvent takes an event: a name, or an object.", "For example: await context.streamEvent('progress', { done: 3 }).")
	}
	if len(c.Params) > longestEvent {
		return agent.Reply{}, fault.New(fault.Limited, "An event is larger than 16 KB.", "Send less at a time.")
	}
	if err := d.count(&d.events, mostEvents, "events"); err != nil {
		return agent.Reply{}, err
	}
	d.log("event", string(c.Params))
	d.b.options.Notify("run", d.run.ID)
	var name string
	if json.Unmarshal(q.Event, &name) == nil && plugin.IsEventName(name) && !strings.HasPrefix(name, "run.") && !d.request.DryRun {
		d.b.event(d.run, d.request.chain, name, q.Data) // events of how a run ended are the host's own
	}
	return agent.Reply{}, nil
}

func (d *desk) getMetadata(ctx context.Context, _ agent.Call) (agent.Reply, error) {
	object, err := d.b.Metadata.Get(ctx, d.run.Agent)
	return agent.Reply{Value: object}, err
}

func (d *desk) updateMetadata(ctx context.Context, c agent.Call) (agent.Reply, error) {
	var changes metadata.Object
	if err := params(c, &changes); err != nil {
		return agent.Reply{}, err
	}
	object, err := d.b.Metadata.Update(ctx, d.run.Agent, changes)
	return agent.Reply{Value: object}, err
}

// agentFile is a file as the code sees it. Tags are the platform's; nothing here
// gives any.
type agentFile struct {
	ID         string    `json:"id"`
	Filename   string    `json:"filename"`
	MIMEType   string    `json:"mimeType"`
	Size       int64     `json:"size"`
	Tags       []string  `json:"tags"`
	ModifiedAt time.Time `json:"modifiedAt"`
}

func fileShape(f files.File) agentFile {
	return agentFile{ID: f.Name, Filename: f.Name, MIMEType: f.MIMEType, Size: f.Size, Tags: []string{}, ModifiedAt: f.ModifiedAt}
}

// fileCall is what the calls for files take.
type fileCall struct {
	Filename string `json:"filename"`
	MIMEType string `json:"mimeType"`
}

func (d *desk) writeFile(_ context.Context, c agent.Call) (agent.Reply, error) {
	var q fileCall
	if err := params(c, &q); err != nil {
		return agent.Reply{}, err
	}
	f, err := d.b.Files.Write(d.run.Agent, q.Filename, c.Body)
	out := fileShape(f)
	if q.MIMEType != "" {
		out.MIMEType = q.MIMEType
	}
	return agent.Reply{Value: out}, err
}

func (d *desk) readFile(_ context.Context, c agent.Call) (agent.Reply, error) {
	var q fileCall
	if err := params(c, &q); err != nil {
		return agent.Reply{}, err
	}
	f, content, err := d.b.Files.Read(d.run.Agent, q.Filename)
	return agent.Reply{Value: fileShape(f), Body: content}, err
}

func (d *desk) fileInfo(_ context.Context, c agent.Call) (agent.Reply, error) {
	var q fileCall
	if err := params(c, &q); err != nil {
		return agent.Reply{}, err
	}
	f, err := d.b.Files.Info(d.run.Agent, q.Filename)
	return agent.Reply{Value: fileShape(f)}, err
}

func (d *desk) listFiles(_ context.Context, _ agent.Call) (agent.Reply, error) {
	list, err := d.b.Files.List(d.run.Agent)
	out := make([]agentFile, 0, len(list))
	for _, f := range list {
		out = append(out, fileShape(f))
	}
	return agent.Reply{Value: out}, err
}

func (d *desk) deleteFile(_ context.Context, c agent.Call) (agent.Reply, error) {
	var q fileCall
	if err := params(c, &q); err != nil {
		return agent.Reply{}, err
	}
	return agent.Reply{}, d.b.Files.Delete(d.run.Agent, q.Filename)
}

// forget deletes what the agent kept for itself. Messages stay, as history does.
func (b *Backend) forget(ctx context.Context, agent string) error {
	if err := b.Files.Remove(agent); err != nil {
		return err
	}
	has, err := b.Metadata.Has(agent)
	if err != nil || !has {
		return err
	}
	if err := b.Metadata.Remove(agent); err != nil {
		return err
	}
	return b.Vault.Shred(ctx, agent, "metadata")
}
