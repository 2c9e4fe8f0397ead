//go:build kills

package backend_test

const dueKills = 200
