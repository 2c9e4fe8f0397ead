//go:build !year

package automation_test

// inYear is how many automations live through the year of the test. With the tag
// year there are a thousand.
const inYear = 60
