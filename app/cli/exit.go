package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"pie/backend/fault"
	"pie/backend/history"
)

// exitCodes is the one table of what a fault means to a shell.
var exitCodes = map[fault.Code]int{
	fault.Invalid: 2, fault.NotFound: 1, fault.Conflict: 1, fault.Denied: 1, fault.Canceled: 130,
	fault.Reconnect: 4, fault.Locked: 4, fault.InUse: 1, fault.Offline: 1, fault.Limited: 1,
	fault.Script: 1, fault.Internal: 1,
}

// runCodes is the same for the statuses of a run that has begun.
var runCodes = map[string]int{
	history.OK: 0, history.Failed: 3, history.RequiresAuth: 4, history.Stopped: 1, history.Canceled: 130,
}

// ended is the error of a command that has said all there is to say and only
// differs from success by its exit code.
type ended struct{ code int }

func (e *ended) Error() string { return fmt.Sprintf("exit code %d", e.code) }

func exitCode(err error) int {
	if err == nil {
		return 0
	}
	if e, ok := err.(*ended); ok { //nolint:errorlint // never wrapped
		return e.code
	}
	if code, ok := exitCodes[fault.CodeOf(err)]; ok {
		return code
	}
	return 1
}

// usage is the fault of a wrong command line. detail is the parser's sentence.
func usage(cmd *cobra.Command, detail string) error {
	detail = clean(strings.TrimSuffix(strings.Split(detail, "\n")[0], "."))
	if detail != "" {
		detail = strings.ToUpper(detail[:1]) + detail[1:]
	}
	return fault.New(fault.Invalid, detail+".", "See how it is used: "+cmd.CommandPath()+" --help")
}

// unknown is the answer of a command that only has commands below it.
func unknown(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		_ = cmd.Help()
		return &ended{2}
	}
	message := fmt.Sprintf("there is no command %q", clean(cmd.CommandPath()+" "+args[0]))
	cmd.SuggestionsMinimumDistance = 2
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		message += "; did you mean " + strings.Join(near, " or ") + "?"
		return fault.New(fault.Invalid, strings.ToUpper(message[:1])+message[1:], "See what there is: "+cmd.CommandPath()+" --help")
	}
	return usage(cmd, message)
}

// exactly wants one argument for each of names.
func exactly(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) < len(names):
			return usage(cmd, names[len(args)]+" is missing")
		case len(args) > len(names):
			return usage(cmd, fmt.Sprintf("%q is one argument too many", args[len(names)]))
		}
		return nil
	}
}

// atMost wants up to n arguments.
func atMost(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > n {
			return usage(cmd, fmt.Sprintf("%q is one argument too many", args[n]))
		}
		return nil
	}
}
