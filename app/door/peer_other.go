//go:build !linux

package door

import "net"

// samePerson holds: the socket is in a folder that only its owner may enter.
func samePerson(net.Conn) error { return nil }
