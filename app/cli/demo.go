package cli

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"pie/app/door"
	"pie/backend/fault"
	"pie/backend/paths"
)

const (
	demoAgent = "practice-notes"
	demoTime  = 2 * time.Minute
)

func (f *face) demoCommand() *cobra.Command {
	return &cobra.Command{
		Use: "demo", Short: "Watch the whole story with a pretend service",
		Long: `Plays the whole story in a throw-away home, with the practice provider that is
built into PIE Desktop: install, connect, run, expire, refresh, disconnect. It
needs no account, no network, no display and no keyring, touches nothing of
yours and leaves nothing behind.`,
		Example: "  pie demo\n  pie demo --json",
		Args:    exactly(),
		RunE:    func(*cobra.Command, []string) error { return f.demo() },
	}
}

// demo is one telling of the story.
type demo struct {
	*face
	ctx  context.Context //nolint:containedctx // as long as the story
	home paths.Paths
	env  paths.Environment
	door *door.Door
}

func (f *face) demo() (err error) {
	dir, err := os.MkdirTemp("", "pie-demo-")
	if err != nil {
		return fault.Wrap(err, fault.Internal, "There is no room for a throw-away home.", "Check the folder for temporary files.")
	}
	defer func() { _ = os.RemoveAll(dir) }()
	ctx, cancel := context.WithTimeout(f.ctx, demoTime)
	defer cancel()
	env, err := paths.Env()
	if err != nil {
		return err
	}
	s := &demo{face: f, ctx: ctx, home: paths.In(dir)}
	s.env = paths.Environment{KeySource: "keyfile", KeyFile: filepath.Join(dir, "key"), TimeZone: env.TimeZone, Shell: env.Shell}
	if s.door, err = enterHome(ctx, s.home, s.env); err != nil {
		return err
	}
	defer func() {
		ended, stop := context.WithTimeout(context.WithoutCancel(ctx), leaveTime)
		defer stop()
		if closing := s.door.Leave(ended); err == nil {
			err = closing
		}
	}()
	return s.tellStory()
}

func (s *demo) tellStory() error {
	for _, step := range []func() error{
		s.install, s.runUnconnected, s.connect, s.runConnected, s.expire, s.runRefreshed, s.lookBack, s.disconnect, s.runDisconnected,
	} {
		if err := step(); err != nil {
			return err
		}
	}
	s.step("end", "That was the whole story. The throw-away home is gone with it.", nil)
	return nil
}

// step says what was done: a sentence for a person, a line with its facts for a
// program.
func (s *demo) step(name, text string, facts map[string]any) {
	if !s.json {
		s.print("%s", text)
		return
	}
	line := map[string]any{"step": name, "text": text}
	maps.Copy(line, facts)
	s.value(line)
}

// unlike is the fault of a story that does not go as it should.
func unlike(what string) error {
	return fault.New(fault.Internal, "The story did not go as it should: "+what+".", "Run pie doctor and look at the log.")
}
