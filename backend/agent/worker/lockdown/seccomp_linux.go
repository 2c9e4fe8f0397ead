//go:build linux && (amd64 || arm64)

package lockdown

import (
	"errors"
	"fmt"
	"os"

	seccomp "github.com/elastic/go-seccomp-bpf"
	"golang.org/x/sys/unix"
)

// isThread is the flag that every thread of a process is made with (the kernel
// then demands shared memory and signal handlers too). Without it clone makes a
// process.
const isThread = unix.CLONE_THREAD

// newWorlds are the flags of clone that a thread has no use for.
const newWorlds = unix.CLONE_NEWNS | unix.CLONE_NEWCGROUP | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC |
	unix.CLONE_NEWUSER | unix.CLONE_NEWPID | unix.CLONE_NEWNET | unix.CLONE_PTRACE | unix.CLONE_VFORK | unix.CLONE_PARENT

// noSuchCall makes the C library fall back from clone3, whose flags a filter
// cannot see, to clone.
const noSuchCall = seccomp.ActionErrno&^0xFFFF | seccomp.Action(unix.ENOSYS)

// allowed are what the language's runtime needs: memory, threads, time, and
// descriptors that are open already.
func allowed() []string {
	return []string{
		"read", "write", "pread64", "close", "fstat", // pread64: the runtime rereads its share of the processors
		"munmap", "madvise", "mremap", "brk",
		"futex", "sched_yield", "sched_getaffinity", "nanosleep", "clock_nanosleep", "clock_gettime", "clock_getres", "gettimeofday",
		"rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack", "restart_syscall",
		"epoll_create1", "epoll_ctl", "epoll_pwait", "eventfd2",
		"getpid", "gettid", "getrandom", "set_robust_list", "rseq",
		"exit", "exit_group",
	}
}

// conditional are the calls that are allowed with some arguments only.
func conditional() []seccomp.NameWithConditions {
	list := []seccomp.NameWithConditions{
		with("clone", bits(0, isThread), noBits(0, newWorlds)),
		with("tgkill", equal(0, uint64(os.Getpid()))), // #nosec G115 -- a pid is positive
		with("mmap", noBits(2, unix.PROT_EXEC)),
		with("mprotect", noBits(2, unix.PROT_EXEC)),
		with("prlimit64", equal(0, 0), equal(2, 0)), // its own, and reading only
	}
	for _, option := range []uint64{unix.PR_SET_NAME, unix.PR_SET_VMA} {
		list = append(list, with("prctl", equal(0, option)))
	}
	// Not F_SETOWN: with F_SETSIG it sends any signal to any process.
	for _, command := range []uint64{unix.F_GETFD, unix.F_SETFD, unix.F_GETFL, unix.F_SETFL} {
		list = append(list, with("fcntl", equal(1, command)))
	}
	return list
}

// forbidden are calls that nothing in this program makes. A process that makes
// one is not ours any more and is ended; every other call is just refused.
func forbidden() []string {
	return []string{
		"execve", "execveat", "ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd",
		"io_uring_setup", "io_uring_enter", "io_uring_register", "bpf", "perf_event_open", "userfaultfd",
		"unshare", "setns", "mount", "umount2", "pivot_root", "chroot", "open_tree", "move_mount", "fsopen",
		"init_module", "finit_module", "delete_module", "kexec_load", "reboot", "swapon", "swapoff",
		"keyctl", "add_key", "request_key", "open_by_handle_at", "personality", "acct", "quotactl",
	}
}

func with(name string, conditions ...seccomp.Condition) seccomp.NameWithConditions {
	return seccomp.NameWithConditions{Name: name, Conditions: conditions}
}

func equal(argument uint32, value uint64) seccomp.Condition {
	return seccomp.Condition{Argument: argument, Operation: seccomp.Equal, Value: value}
}

func bits(argument uint32, value uint64) seccomp.Condition {
	return seccomp.Condition{Argument: argument, Operation: seccomp.BitsSet, Value: value}
}

func noBits(argument uint32, value uint64) seccomp.Condition {
	return seccomp.Condition{Argument: argument, Operation: seccomp.BitsNotSet, Value: value}
}

var (
	errNoFilter = errors.New("this kernel has no seccomp filter")
	errNoEffect = errors.New("the filter has no effect")
)

// fewCalls puts the filter on all threads. This layer is never absent: a kernel
// without it is an error.
func fewCalls(Options) (bool, error) {
	if !seccomp.Supported() {
		return false, errNoFilter
	}
	err := seccomp.LoadFilter(seccomp.Filter{NoNewPrivs: true, Flag: seccomp.FilterFlagTSync, Policy: seccomp.Policy{
		DefaultAction: seccomp.ActionErrno,
		Syscalls: []seccomp.SyscallGroup{
			{Action: seccomp.ActionAllow, Names: allowed(), NamesWithCondtions: conditional()},
			{Action: noSuchCall, Names: []string{"clone3"}},
			{Action: seccomp.ActionKillProcess, Names: forbidden()},
		},
	}})
	if err != nil {
		return false, fmt.Errorf("loading filter: %w", err)
	}
	// The kernel names a thread that it could not reach by a result that is no
	// error, and loads nothing then: so try.
	if err := unix.Prctl(unix.PR_GET_DUMPABLE, 0, 0, 0, 0); !errors.Is(err, unix.EPERM) {
		return false, errNoEffect
	}
	return true, nil
}
