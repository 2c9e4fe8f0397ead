package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"

	"pie/app"
	"pie/backend/connection"
	"pie/backend/fault"
	"pie/backend/history"
	"pie/backend/practice"
)

func (s *demo) install() error {
	source := "sample:" + demoAgent
	var sheet app.InstallSheet
	if err := s.door.Call(s.ctx, "Agents.Inspect", app.InspectRequest{Source: source}, &sheet); err != nil {
		return err
	}
	var agent app.Agent
	request := app.InstallRequest{Source: source, Hash: sheet.Hash, Hosts: sheet.Hosts, APIHosts: sheet.APIHosts}
	if err := s.door.Call(s.ctx, "Agents.Install", request, &agent); err != nil {
		return err
	}
	s.step("install", fmt.Sprintf("1. The agent %q is installed. It asks for: %s.", agent.DisplayName, asked(sheet)), map[string]any{"agent": agent})
	return nil
}

func asked(sheet app.InstallSheet) string {
	var items []string
	for _, p := range sheet.Permissions {
		items = append(items, strings.ToLower(p.Text[:1])+p.Text[1:])
	}
	return strings.Join(items, "; ")
}

func (s *demo) runUnconnected() error {
	run, err := s.runAgent()
	if err != nil {
		return err
	}
	if run.Status != history.RequiresAuth {
		return unlike("a run without a connection ended with " + run.Status)
	}
	s.step("run", "2. A run before anything is connected is told to connect first.", map[string]any{"status": run.Status})
	return nil
}

// connect signs in. The consent page is really asked for over HTTP and its form
// really sent; only the person in front of it is played. The callback then comes
// in through a second process, as it does from the system.
func (s *demo) connect() error {
	life, stop := context.WithCancel(s.ctx)
	defer stop()
	op := newOp()
	events, err := s.door.Events(life)
	if err != nil {
		return err
	}
	done := make(chan error, 1)
	var c connection.Connection
	request := app.ConnectRequest{Op: op, Agent: demoAgent, Redirect: "scheme", NoBrowser: true, TimeoutMS: demoTime.Milliseconds()}
	go func() { done <- s.door.Call(life, "Connections.Connect", request, &c) }()
	address, err := s.authorizeAddress(life, op, events, done)
	if err != nil {
		return err
	}
	link, err := practice.Consent(life, nil, address, nil, true)
	if err != nil {
		return err
	}
	s.step("consent", "3. The consent page of the practice provider is answered: allow. (A program plays the person; the page, its form and the redirect are real.)", nil)
	if err := s.secondProcess(link); err != nil {
		return err
	}
	if err := <-done; err != nil {
		return err
	}
	if c.Status != connection.Connected || c.Account == nil {
		return unlike("the connection is " + c.Status)
	}
	s.step("connect", fmt.Sprintf("4. A second process, as the system would start it, handed in the callback. Connected as %s.", c.Account.Label), map[string]any{"connection": c})
	return nil
}

func (s *demo) authorizeAddress(ctx context.Context, op string, events <-chan app.Event, done <-chan error) (string, error) {
	for {
		var a connection.Attempt
		if s.door.Call(ctx, "Connections.Attempt", app.OpRef{Op: op}, &a) == nil && a.URL != "" {
			return a.URL, nil
		}
		select {
		case _, open := <-events:
			if !open {
				return "", unlike("no more is heard of the sign-in")
			}
		case err := <-done:
			if err == nil {
				err = unlike("the sign-in ended before it began")
			}
			return "", err
		}
	}
}

// secondProcess is the program once more, with the link as its argument.
func (s *demo) secondProcess(link string) error {
	program, err := os.Executable()
	if err != nil {
		return fault.Wrap(err, fault.Internal, "The program cannot find itself.", "")
	}
	command := exec.CommandContext(s.ctx, program, link) // #nosec G204 -- this very program
	command.Env = slices.DeleteFunc(slices.Clone(s.env.Shell), func(line string) bool { return strings.HasPrefix(line, "PIE_") })
	command.Env = append(command.Env, "PIE_HOME="+s.home.Home)
	var said bytes.Buffer
	command.Stderr = &said
	if err := command.Run(); err != nil {
		return fault.Wrap(err, fault.Internal, "The second process did not hand in the callback: "+cell(said.String()), "Run pie doctor and look at the log.")
	}
	return nil
}

func (s *demo) runAgent() (history.Run, error) {
	var run history.Run
	err := s.door.Call(s.ctx, "Runs.Run", app.RunRequest{Op: newOp(), Agent: demoAgent}, &run)
	return run, err
}

// notes runs the agent and gives the notes that it read.
func (s *demo) notes() ([]string, error) {
	run, err := s.runAgent()
	if err != nil {
		return nil, err
	}
	var result struct {
		Notes []string `json:"notes"`
	}
	if run.Status != history.OK || json.Unmarshal(run.Result, &result) != nil || len(result.Notes) == 0 {
		return nil, unlike("the run ended with " + run.Status)
	}
	return result.Notes, nil
}

func (s *demo) runConnected() error {
	notes, err := s.notes()
	if err != nil {
		return err
	}
	s.step("run", fmt.Sprintf("5. The agent read %d notes, without ever seeing the token:\n   - %s", len(notes), strings.Join(notes, "\n   - ")), map[string]any{"status": history.OK, "notes": notes})
	return nil
}

func (s *demo) refreshes() (int, error) {
	var status app.PracticeStatus
	err := s.door.Call(s.ctx, "Practice.Status", nil, &status)
	return status.Stats.Refreshes, err
}

func (s *demo) expire() error {
	if err := s.door.Call(s.ctx, "Practice.Expire", nil, nil); err != nil {
		return err
	}
	s.step("expire", "6. The provider ends all access tokens, as happens every hour or so.", nil)
	return nil
}

func (s *demo) runRefreshed() error {
	before, err := s.refreshes()
	if err != nil {
		return err
	}
	notes, err := s.notes()
	if err != nil {
		return err
	}
	after, err := s.refreshes()
	if err != nil {
		return err
	}
	if after != before+1 {
		return unlike(fmt.Sprintf("the provider counts %d refreshes more", after-before))
	}
	s.step("refresh", fmt.Sprintf("7. The agent runs again and reads %d notes: the token was refreshed on the way (the provider counts %d refresh) and nobody had to sign in.", len(notes), after), map[string]any{"refreshes": after, "notes": notes})
	return nil
}

func (s *demo) lookBack() error {
	var runs []history.Run
	if err := s.door.Call(s.ctx, "Runs.List", app.ListRequest{Agent: demoAgent}, &runs); err != nil {
		return err
	}
	var rows []history.AuditRow
	if err := s.door.Call(s.ctx, "Runs.Audit", app.ListRequest{Agent: demoAgent}, &rows); err != nil {
		return err
	}
	if len(runs) != 3 || len(rows) == 0 {
		return unlike(fmt.Sprintf("history has %d runs and %d requests", len(runs), len(rows)))
	}
	last := rows[0]
	s.step("history", fmt.Sprintf("8. History keeps %d runs, the audit %d requests; the last one: %s %s%s gave %d.", len(runs), len(rows), last.Method, last.Host, last.Path, last.Status), map[string]any{"runs": len(runs), "requests": len(rows)})
	return nil
}

func (s *demo) disconnect() error {
	var gone connection.Disconnected
	if err := s.door.Call(s.ctx, "Connections.Disconnect", app.DisconnectRequest{Agent: demoAgent}, &gone); err != nil {
		return err
	}
	var status app.PracticeStatus
	if err := s.door.Call(s.ctx, "Practice.Status", nil, &status); err != nil {
		return err
	}
	if gone.Revoked == nil || !*gone.Revoked || status.Stats.Live != 0 {
		return unlike("the provider did not take the access back")
	}
	s.step("disconnect", "9. Disconnected. The provider confirms that it took the access back: it has no grant left.", map[string]any{"revoked": true, "detail": gone.Detail})
	return nil
}

func (s *demo) runDisconnected() error {
	run, err := s.runAgent()
	if err != nil {
		return err
	}
	if run.Status != history.RequiresAuth {
		return unlike("a run after disconnecting ended with " + run.Status)
	}
	s.step("run", "10. A run now is told to connect first.", map[string]any{"status": run.Status})
	return nil
}
