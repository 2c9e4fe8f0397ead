package cli

import "github.com/spf13/cobra"

// quietMousetrap lets the system start pie LINK: otherwise cobra refuses to run
// when the file manager is the parent.
func quietMousetrap() { cobra.MousetrapHelpText = "" }
