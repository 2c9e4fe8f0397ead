package cli

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"pie/app"
	"pie/app/door"
	"pie/backend/history"
)

// standby is how often a background that is a guest looks whether it has become
// the owner.
const standby = time.Second

func (f *face) backgroundCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "background", Short: "Run automations without a window",
		Long: `Runs what is turned on at its times until Ctrl-C, and prints a line for each run
that has ended. Beside a window it only prints, for the window runs them already.`,
		Example: "  pie background\n  pie background --json\n  pie background install",
		Args:    exactly(),
		RunE:    func(*cobra.Command, []string) error { return f.background() },
	}
	c.AddCommand(f.backgroundInstall(), f.backgroundUninstall(), f.backgroundStatus())
	return c
}

func (f *face) background() error {
	d, err := f.door()
	if err != nil {
		return err
	}
	events, err := d.Events(f.ctx)
	if err != nil {
		return err
	}
	f.say("Automations run until you press Ctrl-C.")
	beat := time.NewTicker(standby)
	defer beat.Stop()
	warmed := false
	for {
		if a := d.App(); a != nil && !warmed {
			a.Warm()
			warmed = true
		}
		select {
		case <-f.ctx.Done():
			return nil
		case <-beat.C:
		case event, open := <-events:
			if !open {
				return f.ctx.Err()
			}
			if event.Kind == "run" && event.ID != "" {
				f.tellRun(d, event.ID)
			}
		}
	}
}

// tellRun prints a run of an automation once it has ended.
func (f *face) tellRun(d *door.Door, id string) {
	var raw json.RawMessage
	var run history.Run
	if d.Call(f.ctx, "Runs.Get", app.RunRef{ID: id}, &raw) != nil || json.Unmarshal(raw, &run) != nil {
		return
	}
	if !slices.Contains([]string{"automation", "webhook", "connect", "plugin_event", "task"}, run.Trigger) || run.Status == history.Running {
		return
	}
	if f.json {
		f.value(raw)
		return
	}
	why := ""
	if run.Error != nil {
		why = ": " + run.Error.Message
	}
	f.print("%s %s %s%s", when(&run.StartedAt), cell(run.Agent), cell(run.Status), cell(why))
}
