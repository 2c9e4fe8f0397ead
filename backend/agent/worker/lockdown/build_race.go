//go:build race

package lockdown

// raceDetector: its shadow memory is far larger than any limit of a worker.
const raceDetector = true
