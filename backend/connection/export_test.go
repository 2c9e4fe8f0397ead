package connection

import "net/netip"

// IsPublic is isPublic.
func IsPublic(address netip.Addr) bool { return isPublic(address) }
