// Command pie is PIE Desktop: a window, a terminal, and the worker processes
// that agents run in, in one program. Which of the three it is, the arguments
// say; whether there is a window, the build.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	_ "pie/backend/vault/dbusguard" // before anything that speaks to the session bus

	"pie/app/cli"
	"pie/app/door"
	"pie/backend/agent/worker"
	"pie/backend/fault"
	"pie/backend/paths"
)

func main() {
	args := os.Args[1:]
	if len(args) == 1 && args[0] == "worker" {
		os.Exit(worker.Main())
	}
	os.Exit(start(args))
}

// start picks the face. A link goes to the program that runs already; where none
// does, the window opens with it.
func start(args []string) int {
	if len(args) == 0 {
		return show()
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends it at once
	defer stop()
	if hasWindow && len(args) == 1 && cli.IsLink(args[0]) {
		return link(ctx, args[0])
	}
	return cli.Main(ctx, cli.Standard(), args)
}

// show opens the window, or brings forward the one that is open. A home that
// cannot be entered is shown in the window, with the reason.
func show() int {
	home, err := paths.Default()
	if err != nil {
		return report(err)
	}
	if !hasWindow {
		return openWindow(home, nil, "")
	}
	ctx := context.Background()
	d, err := cli.Enter(ctx)
	if err != nil {
		return openWindow(home, nil, "")
	}
	if !d.Owner() && d.Call(ctx, door.Activate, map[string]string{"link": ""}, nil) == nil {
		_ = d.Close()
		return 0
	}
	return openWindow(home, d, "")
}

func link(ctx context.Context, address string) int {
	home, err := paths.Default()
	if err != nil {
		return report(err)
	}
	env, err := paths.Env()
	if err != nil {
		return report(err)
	}
	d, err := cli.Enter(ctx)
	if err != nil {
		return report(err)
	}
	if !d.Owner() || env.Display == "" {
		// Brings the window forward, if the owner has one.
		_ = d.Call(ctx, door.Activate, map[string]string{"link": ""}, nil)
		return cli.HandIn(ctx, cli.Standard(), d, address)
	}
	return openWindow(home, d, address)
}

func report(err error) int {
	problem := fault.Public(err)
	_, _ = os.Stderr.WriteString("pie: " + problem.Message + "\n" + problem.Hint + "\n")
	return 1
}
