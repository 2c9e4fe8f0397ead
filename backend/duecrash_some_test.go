//go:build !kills

package backend_test

// dueKills is how often the program is killed while runs are due. With the tag
// kills it is two hundred times.
const dueKills = 20
