package lockdown_test

import (
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"pie/backend/agent/worker/lockdown"
)

const (
	seccomp     = lockdown.LayerSeccomp
	private     = lockdown.LayerPrivate
	limits      = lockdown.LayerLimits
	descriptors = lockdown.LayerDescriptors
)

// everyLayer of Linux.
func everyLayer() []string {
	return []string{descriptors, limits, private, lockdown.LayerLandlock, seccomp}
}

// wrong is an attempt that a worker must not succeed with.
type wrong struct {
	try      attempt
	by       []string // each of these layers alone refuses it
	landlock int      // the Landlock version that refuses it alone, 0 for none
	ends     bool     // seccomp ends the process
	argument string
}

// wrongs are all attempts of this system; place names a folder and loopback
// addresses, see newPlace.
func wrongs(p place) map[string]wrong {
	calls := []string{seccomp}
	all := map[string]wrong{
		"read file":        {try: readFile, by: calls, landlock: 1, argument: "/etc/passwd"},
		"read file, older": {try: onOlder(readFile), by: calls, landlock: 1, argument: "/etc/passwd"},
		"write file":       {try: writeFile, by: calls, landlock: 1, argument: filepath.Join(p.folder, "new")},
		"list root":        {try: listFolder, by: calls, landlock: 1, argument: "/"},
		"remove file":      {try: remove, by: calls, landlock: 1, argument: p.file},
		"own process":      {try: readFile, by: calls, landlock: 1, argument: "/proc/self/environ"},

		"tcp":             {try: dial("tcp"), by: calls, landlock: 4, argument: p.tcp},
		"tcp, older":      {try: onOlder(dial("tcp")), by: calls, landlock: 4, argument: p.tcp},
		"tcp listen":      {try: listenTCP, by: calls}, // a multipath socket, which Landlock does not see
		"udp":             {try: sendUDP, by: calls, landlock: 10, argument: p.udp},
		"unix socket":     {try: dial("unix"), by: calls, landlock: 9, argument: p.unix},
		"abstract socket": {try: dial("unix"), by: calls, landlock: 6, argument: p.abstract},
		"socket pair":     {try: socketPair, by: calls},

		"run program":    {try: runProgram, by: calls, landlock: 1, argument: "/bin/true"},
		"become program": {try: become, by: calls, landlock: 1, ends: true, argument: "/bin/echo"},
		"fork":           {try: fork, by: calls},

		"signal host":            {try: signalHost, by: calls, landlock: 6},
		"signal host's thread":   {try: signalHostThread, by: calls, landlock: 6},
		"signal by descriptor":   {try: ownDescriptor, by: calls},
		"limits of host":         {try: limitsOfHost, by: calls},
		"own limits":             {try: setOwnLimit, by: calls},
		"trace":                  {try: trace, by: calls, ends: true},
		"memory of host":         {try: memoryOfHost, by: calls, ends: true},
		"rings":                  {try: rings, by: calls, ends: true},
		"new name space":         {try: unshare, by: calls, ends: true},
		"memory with code":       {try: mapCode, by: calls},
		"memory turned to code":  {try: protectCode, by: calls},
		"dumps":                  {try: dumpable, by: []string{private}},
		"privileges":             {try: newPrivileges, by: []string{private, seccomp}, landlock: 1},
		"inherited descriptor":   {try: inherited, by: []string{descriptors}},
		"many descriptors":       {try: manyDescriptors, by: []string{limits, seccomp}},
		"growing inherited file": {try: growInherited, by: []string{descriptors, limits}},
	}
	if !raceDetector {
		all[memoryAtOnce] = wrong{try: moreMemory, by: []string{limits}}
		all[memorySlowly] = wrong{try: memoryInPieces, by: []string{limits}}
	}
	return all
}

// These end the process, by a word about memory.
const (
	memoryAtOnce = "too much memory at once"
	memorySlowly = "too much memory in pieces"
)

func ofSystem() map[string]attempt {
	all := map[string]attempt{}
	for name, w := range wrongs(place{}) {
		all[name] = w.try
	}
	return all
}

// place is what the attempts aim at.
type place struct{ folder, file, tcp, udp, unix, abstract string }

// newPlace is a fresh one, on loopback.
func newPlace(t *testing.T) place {
	t.Helper()
	folder := t.TempDir()
	p := place{folder: folder, file: filepath.Join(folder, "file"), unix: filepath.Join(folder, "s")}
	if err := os.WriteFile(p.file, []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	p.tcp = listen(t, "tcp", "127.0.0.1:0")
	p.unix = listen(t, "unix", p.unix)
	p.abstract = listen(t, "unix", "@"+folder)
	udp, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = udp.Close() })
	p.udp = udp.LocalAddr().String()
	return p
}

func listen(t *testing.T, network, address string) string {
	t.Helper()
	listener, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	return listener.Addr().String()
}

// TestRefused tries everything in three ways: with no layer, to prove that the
// attempt is real; with all; and with each layer alone that must do.
func TestRefused(t *testing.T) {
	t.Parallel()
	for _, name := range slices.Sorted(maps.Keys(wrongs(place{}))) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := wrongs(newPlace(t))[name]
			if got := w.run(t, name, everyLayer()); got.said != works {
				if got.said == syscall.ENOSYS.Error() {
					t.Skip("this kernel has no such call")
				}
				t.Fatal("the attempt proves nothing:", got)
			}
			w = wrongs(newPlace(t))[name]
			w.checkRefused(t, name, w.run(t, name, nil), true)
			w.alone(t, name)
		})
	}
}

// alone tries it with one layer at a time.
func (w wrong) alone(t *testing.T, name string) {
	t.Helper()
	by := w.by
	if w.landlock > 0 && w.landlock <= landlockVersion() {
		by = append(slices.Clone(by), lockdown.LayerLandlock)
	}
	for _, layer := range by {
		fresh := wrongs(newPlace(t))[name]
		others := slices.DeleteFunc(everyLayer(), func(other string) bool { return other == layer })
		got := fresh.run(t, name, others)
		if !slices.Equal(got.layers, []string{layer}) {
			t.Errorf("layers, want %s only: %v", layer, got)
		}
		fresh.checkRefused(t, name, got, layer == seccomp)
	}
}

// run hands a regular file down, as a host's library might.
func (w wrong) run(t *testing.T, name string, without []string) outcome {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), "inherited"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	return run(t, name, without, w.argument, file)
}

func (w wrong) checkRefused(t *testing.T, name string, got outcome, filtered bool) {
	t.Helper()
	status, ok := got.state.Sys().(syscall.WaitStatus)
	switch {
	case !ok:
		t.Fatal("no status")
	case w.ends && filtered:
		if status.Signal() != unix.SIGSYS || got.said != "" {
			t.Error("not ended:", got)
		}
	case name == memoryAtOnce, name == memorySlowly:
		if got.state.ExitCode() != 2 || !strings.Contains(got.stderr, "out of memory") && !strings.Contains(got.stderr, "cannot allocate memory") {
			t.Error("not ended for memory:", got)
		}
	case got.said != refused:
		t.Error("not refused:", got)
	}
}

func TestLayers(t *testing.T) {
	t.Parallel()
	want := everyLayer()
	if landlockVersion() == 0 {
		want[3] = "no " + want[3]
	}
	if got := run(t, "timers", nil, ""); !slices.Equal(got.layers, want) {
		t.Error(got)
	}
}

func landlockVersion() int {
	version, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, 1)
	if errno != 0 {
		return 0
	}
	return int(version)
}
