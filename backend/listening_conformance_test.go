package backend_test

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io/fs"
	"net/netip"
	"net/url"
	"os"
	"runtime"
	"strings"
	"testing"
)

// mustStayInside fails the test when the server at origin listens to more than this
// computer. Only Linux tells where a port listens.
func mustStayInside(t *testing.T, origin string) {
	t.Helper()
	if runtime.GOOS != "linux" {
		return
	}
	u, err := url.Parse(origin)
	if err != nil {
		t.Fatal(err)
	}
	port := netip.MustParseAddrPort("127.0.0.1:" + u.Port()).Port()
	found := 0
	for _, table := range []string{"/proc/self/net/tcp", "/proc/self/net/tcp6"} {
		raw, err := os.ReadFile(table)
		if errors.Is(err, fs.ErrNotExist) {
			continue // without IPv6
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, at := range listening(t, string(raw)) {
			if at.Port() != port {
				continue
			}
			found++
			if !at.Addr().IsLoopback() {
				t.Errorf("%s listens at %s", origin, at)
			}
		}
	}
	if found == 0 {
		t.Errorf("nothing listens at %s", origin)
	}
}

// listening reads a table of the kernel: the second column is an address in words
// of the machine's order and a port, the fourth the state, 0A for one that listens.
func listening(t *testing.T, table string) []netip.AddrPort {
	t.Helper()
	var out []netip.AddrPort
	for line := range strings.Lines(table) {
		columns := strings.Fields(line)
		if len(columns) < 4 || columns[3] != "0A" {
			continue
		}
		address, port, _ := strings.Cut(columns[1], ":")
		raw, err := hex.DecodeString(address)
		number, portErr := hex.DecodeString(port)
		if err != nil || portErr != nil || len(raw)%4 != 0 || len(number) != 2 {
			t.Fatalf("not a line of the table: %s", line)
		}
		for word := 0; word < len(raw); word += 4 {
			binary.BigEndian.PutUint32(raw[word:], binary.NativeEndian.Uint32(raw[word:]))
		}
		ip, ok := netip.AddrFromSlice(raw)
		if !ok {
			t.Fatalf("no address: %s", line)
		}
		out = append(out, netip.AddrPortFrom(ip.Unmap(), binary.BigEndian.Uint16(number)))
	}
	return out
}

// TestListening reads what the kernel writes.
func TestListening(t *testing.T) {
	t.Parallel()
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		t.Skip("the lines below are those of a little-endian machine")
	}
	got := listening(t, `  sl  local_address rem_address   st tx_queue rx_queue
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000
   1: 0100007F:1F91 00000000:0000 01 00000000:00000000
   2: 00000000:0050 00000000:0000 0A 00000000:00000000
   3: 00000000000000000000000001000000:01BB 00000000000000000000000000000000:0000 0A 00000000:00000000
   4: 00000000000000000000000000000000:0016 00000000000000000000000000000000:0000 0A 00000000:00000000
`)
	want := []string{"127.0.0.1:8080", "0.0.0.0:80", "[::1]:443", "[::]:22"}
	if len(got) != len(want) {
		t.Fatalf("got %v", got)
	}
	for i, each := range want {
		if got[i] != netip.MustParseAddrPort(each) {
			t.Errorf("got %s, want %s", got[i], each)
		}
	}
}
