package door

import (
	"net"
	"os"

	"golang.org/x/sys/unix"

	"pie/backend/fault"
)

// samePerson holds when the other end is a process of the same user. Fault:
// denied.
func samePerson(conn net.Conn) error {
	denied := fault.New(fault.Denied, "The other end of the socket belongs to somebody else.", "Set PIE_HOME to a folder of your own.")
	socket, ok := conn.(*net.UnixConn)
	if !ok {
		return denied
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return err
	}
	var peer *unix.Ucred
	var asked error
	err = raw.Control(func(fd uintptr) {
		peer, asked = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
	})
	if err != nil {
		return err
	}
	if asked != nil {
		return asked
	}
	if int(peer.Uid) != os.Getuid() {
		return denied
	}
	return nil
}
