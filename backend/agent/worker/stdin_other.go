//go:build !unix

package worker

import "os"

func stdin() *os.File { return os.Stdin }
