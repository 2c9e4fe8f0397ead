//go:build !unix

package paths

// ownedByMe holds: the profile folder of the platform belongs to the person.
func ownedByMe(string) bool { return true }
