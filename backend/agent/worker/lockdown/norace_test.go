//go:build !race

package lockdown_test

const raceDetector = false
