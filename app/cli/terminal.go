package cli

import (
	"os"

	"golang.org/x/term"
)

// Standard is the terminal, or whatever else, that the program was started on.
func Standard() IO {
	return IO{
		In: os.Stdin, Out: os.Stdout, Err: os.Stderr,
		InIsTTY: isTerminal(os.Stdin), OutIsTTY: isTerminal(os.Stdout), ErrIsTTY: isTerminal(os.Stderr),
		Columns: func() int {
			width, _, err := term.GetSize(int(os.Stdout.Fd()))
			if err != nil {
				return 0
			}
			return width
		},
		ReadHidden: func() ([]byte, error) { return term.ReadPassword(int(os.Stdin.Fd())) },
	}
}

func isTerminal(file *os.File) bool { return term.IsTerminal(int(file.Fd())) }
