package lockdown_test

import (
	"errors"
	"net"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// onOlder makes the attempt on a thread that was there before the lock.
func onOlder(try attempt) attempt {
	return func(argument string, earlier func(func() error) error) error {
		return earlier(func() error { return try(argument, earlier) })
	}
}

func readFile(name string, _ func(func() error) error) error {
	_, err := os.ReadFile(name)
	return err
}

func writeFile(name string, _ func(func() error) error) error {
	return os.WriteFile(name, nil, 0o600)
}

func listFolder(name string, _ func(func() error) error) error {
	_, err := os.ReadDir(name)
	return err
}

func remove(name string, _ func(func() error) error) error { return os.Remove(name) }

func dial(network string) attempt {
	return func(address string, _ func(func() error) error) error {
		conn, err := net.Dial(network, address)
		if err == nil {
			err = conn.Close()
		}
		return err
	}
}

func listenTCP(string, func(func() error) error) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err == nil {
		err = listener.Close()
	}
	return err
}

func sendUDP(address string, _ func(func() error) error) error {
	conn, err := net.Dial("udp", address)
	if err != nil {
		return err
	}
	_, err = conn.Write([]byte("x"))
	return err
}

func socketPair(string, func(func() error) error) error {
	_, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	return err
}

func runProgram(name string, _ func(func() error) error) error { return exec.Command(name).Run() }

func become(name string, _ func(func() error) error) error {
	return syscall.Exec(name, []string{name, works}, nil)
}

// fork makes a process that ends at once.
func fork(string, func(func() error) error) error {
	pid, _, errno := unix.RawSyscall6(unix.SYS_CLONE, uintptr(unix.SIGCHLD), 0, 0, 0, 0, 0)
	if pid == 0 && errno == 0 {
		_, _, _ = unix.RawSyscall(unix.SYS_EXIT_GROUP, 0, 0, 0)
	}
	if errno != 0 {
		return errno
	}
	_, err := unix.Wait4(int(pid), nil, 0, nil)
	return err
}

// harmless is a signal that does nothing to a Go program.
const harmless = unix.SIGURG

func signalHost(string, func(func() error) error) error { return unix.Kill(os.Getppid(), harmless) }

func signalHostThread(string, func(func() error) error) error {
	return unix.Tgkill(os.Getppid(), os.Getppid(), harmless)
}

// ownDescriptor names the process that hears of input: a way to signal anybody.
func ownDescriptor(string, func(func() error) error) error {
	_, err := unix.FcntlInt(0, unix.F_SETOWN, os.Getppid())
	return err
}

func limitsOfHost(string, func(func() error) error) error {
	return unix.Prlimit(os.Getppid(), unix.RLIMIT_CPU, nil, &unix.Rlimit{})
}

func setOwnLimit(string, func(func() error) error) error {
	return unix.Prlimit(0, unix.RLIMIT_CPU, &unix.Rlimit{Cur: 3600, Max: 3600}, nil)
}

// trace continues no process: what matters is whether the kernel is asked.
func trace(string, func(func() error) error) error {
	_, _, errno := unix.Syscall6(unix.SYS_PTRACE, unix.PTRACE_CONT, 0, 0, 0, 0, 0)
	return reached(errno, unix.ESRCH)
}

// memoryOfHost reads nothing of it, for the same reason.
func memoryOfHost(string, func(func() error) error) error {
	_, err := unix.ProcessVMReadv(os.Getppid(), nil, nil, 0)
	return err
}

func rings(string, func(func() error) error) error {
	var parameters [120]byte
	_, _, errno := unix.Syscall(unix.SYS_IO_URING_SETUP, 1, uintptr(unsafe.Pointer(&parameters)), 0)
	return reached(errno, 0)
}

func unshare(string, func(func() error) error) error { return unix.Unshare(unix.CLONE_FS) }

func reached(errno, proof syscall.Errno) error {
	if errno == proof {
		return nil
	}
	return errno
}

func mapCode(string, func(func() error) error) error {
	_, err := unix.Mmap(-1, 0, 4096, unix.PROT_READ|unix.PROT_WRITE|unix.PROT_EXEC, unix.MAP_ANON|unix.MAP_PRIVATE)
	return err
}

func protectCode(string, func(func() error) error) error {
	page, err := unix.Mmap(-1, 0, 4096, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		return errors.New("no page")
	}
	return unix.Mprotect(page, unix.PROT_READ|unix.PROT_EXEC)
}

func dumpable(string, func(func() error) error) error {
	return allowedBy(unix.PR_GET_DUMPABLE, 1)
}

func newPrivileges(string, func(func() error) error) error {
	return allowedBy(unix.PR_GET_NO_NEW_PRIVS, 0)
}

func allowedBy(option, allowed uintptr) error {
	value, _, errno := unix.Syscall6(unix.SYS_PRCTL, option, 0, 0, 0, 0, 0)
	if errno == 0 && value != allowed {
		return os.ErrPermission
	}
	return reached(errno, 0)
}

// handedDown is the first descriptor after error's.
const handedDown = 3

func inherited(string, func(func() error) error) error {
	_, err := unix.FcntlInt(handedDown, unix.F_GETFD, 0)
	if errors.Is(err, unix.EBADF) {
		return os.ErrPermission
	}
	return err
}

func growInherited(string, func(func() error) error) error {
	_, err := unix.Write(handedDown, []byte("x"))
	if errors.Is(err, unix.EFBIG) || errors.Is(err, unix.EBADF) {
		return os.ErrPermission
	}
	return err
}

func manyDescriptors(string, func(func() error) error) error {
	for range 20 {
		if _, err := unix.FcntlInt(0, unix.F_DUPFD_CLOEXEC, 0); errors.Is(err, unix.EMFILE) {
			return os.ErrPermission
		} else if err != nil {
			return err
		}
	}
	return nil
}

func moreMemory(string, func(func() error) error) error {
	memory := make([]byte, 2<<30)
	memory[0] = 1
	runtime.KeepAlive(memory)
	return nil
}

// memoryInPieces goes on until it is stopped, or has far more than is allowed.
func memoryInPieces(string, func(func() error) error) error {
	const piece, most = 1 << 20, 2 << 30
	held := make([][]byte, 0, most/piece)
	for range most / piece {
		held = append(held, make([]byte, piece))
	}
	runtime.KeepAlive(held)
	return nil
}
