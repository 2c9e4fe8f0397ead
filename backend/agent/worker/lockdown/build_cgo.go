//go:build cgo

package lockdown

// cLibrary makes the threads, with stacks and arenas of its own.
const cLibrary = true
