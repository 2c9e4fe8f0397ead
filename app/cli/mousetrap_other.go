//go:build !windows

package cli

func quietMousetrap() {}
