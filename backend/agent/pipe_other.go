//go:build !linux

package agent

// widen leaves a pipe as it is: its size is the system's.
func widen(any) {}
