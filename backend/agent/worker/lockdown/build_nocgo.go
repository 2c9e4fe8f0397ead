//go:build !cgo

package lockdown

const cLibrary = false
