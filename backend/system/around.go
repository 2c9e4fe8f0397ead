package system

import (
	"context"
	"net"
)

// Online tells whether the internet can be expected to answer: there is a network,
// and it does not want a sign-in of its own first (a captive portal). It asks the
// system and sends nothing.
func (d *Desktop) Online(ctx context.Context) bool {
	if online, known := d.connectivity(ctx); known {
		return online
	}
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return true // nothing is known, and a request will tell
	}
	for _, address := range addresses {
		if ip, ok := address.(*net.IPNet); ok && ip.IP.IsGlobalUnicast() {
			return true
		}
	}
	return false
}

// Saving tells whether the computer is saving its battery, or has little left.
func (d *Desktop) Saving(ctx context.Context) bool { return d.saving(ctx) }
