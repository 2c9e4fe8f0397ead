//go:build year

package automation_test

const inYear = 1000
