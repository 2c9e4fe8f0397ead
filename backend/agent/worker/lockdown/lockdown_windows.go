package lockdown

import (
	"errors"
	"fmt"
	"unsafe"

	"golang.org/x/sys/windows"
)

// layers of Windows: low integrity forbids writing, the job and the mitigations
// forbid processes. Reading files and the network stay possible for machine code,
// so there the language, which has no object for either, is what holds.
func layers() []layer {
	return []layer{{LayerJob, job}, {LayerMitigation, mitigation}, {LayerIntegrity, integrity}}
}

// allUI is every restriction of a job on windows, clipboard and desktop.
const allUI = windows.JOB_OBJECT_UILIMIT_HANDLES | windows.JOB_OBJECT_UILIMIT_READCLIPBOARD |
	windows.JOB_OBJECT_UILIMIT_WRITECLIPBOARD | windows.JOB_OBJECT_UILIMIT_SYSTEMPARAMETERS |
	windows.JOB_OBJECT_UILIMIT_DISPLAYSETTINGS | windows.JOB_OBJECT_UILIMIT_GLOBALATOMS |
	windows.JOB_OBJECT_UILIMIT_DESKTOP | windows.JOB_OBJECT_UILIMIT_EXITWINDOWS

// job puts the process into a job of its own: no second process, a bound on its
// memory, no reach to the desktop, and an end with its handle, which stays open
// as long as the process lives. A process that is in a job already may enter
// another one only if that restricts no windows.
func job(o Options) (bool, error) {
	err := enterJob(o, allUI)
	if err != nil {
		err = enterJob(o, 0)
	}
	return err == nil, err
}

func enterJob(o Options, ui uint32) error {
	handle, err := windows.CreateJobObject(nil, nil)
	if err != nil {
		return fmt.Errorf("making job: %w", err)
	}
	if err := fillJob(handle, o, ui); err != nil {
		return errors.Join(err, windows.CloseHandle(handle))
	}
	return nil
}

func fillJob(handle windows.Handle, o Options, ui uint32) error {
	limits := windows.JOBOBJECT_EXTENDED_LIMIT_INFORMATION{
		BasicLimitInformation: windows.JOBOBJECT_BASIC_LIMIT_INFORMATION{
			LimitFlags: windows.JOB_OBJECT_LIMIT_ACTIVE_PROCESS | windows.JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE |
				windows.JOB_OBJECT_LIMIT_DIE_ON_UNHANDLED_EXCEPTION,
			ActiveProcessLimit: 1,
		},
		ProcessMemoryLimit: uintptr(o.DataBytes),
	}
	if !raceDetector {
		limits.BasicLimitInformation.LimitFlags |= windows.JOB_OBJECT_LIMIT_PROCESS_MEMORY
	}
	if _, err := windows.SetInformationJobObject(handle, windows.JobObjectExtendedLimitInformation,
		uintptr(unsafe.Pointer(&limits)), uint32(unsafe.Sizeof(limits))); err != nil { // #nosec G103 -- the call takes a structure
		return fmt.Errorf("limiting job: %w", err)
	}
	if ui != 0 {
		class := windows.JOBOBJECT_BASIC_UI_RESTRICTIONS{UIRestrictionsClass: ui}
		if _, err := windows.SetInformationJobObject(handle, windows.JobObjectBasicUIRestrictions,
			uintptr(unsafe.Pointer(&class)), uint32(unsafe.Sizeof(class))); err != nil { // #nosec G103 -- the call takes a structure
			return fmt.Errorf("restricting job: %w", err)
		}
	}
	if err := windows.AssignProcessToJobObject(handle, windows.CurrentProcess()); err != nil {
		return fmt.Errorf("entering job: %w", err)
	}
	return nil
}

// policies are PROCESS_MITIGATION_POLICY values with the flags to set, as the
// Windows SDK numbers them.
func policies() map[uintptr]uint32 {
	const dynamicCode, extensionPoints, imageLoad, childProcess = 2, 6, 10, 13
	const yes, noRemoteNorLow = 1, 3
	return map[uintptr]uint32{dynamicCode: yes, extensionPoints: yes, imageLoad: noRemoteNorLow, childProcess: yes}
}

// mitigation forbids code made at run time, libraries from elsewhere and child
// processes, each where this Windows knows the policy.
func mitigation(Options) (active bool, err error) {
	set := windows.NewLazySystemDLL("kernel32.dll").NewProc("SetProcessMitigationPolicy")
	if set.Find() != nil {
		return false, nil
	}
	for policy, flags := range policies() {
		done, _, err := set.Call(policy, uintptr(unsafe.Pointer(&flags)), unsafe.Sizeof(flags)) // #nosec G103 -- the call takes a structure
		switch {
		case done != 0:
			active = true
		case !errors.Is(err, windows.ERROR_INVALID_PARAMETER) && !errors.Is(err, windows.ERROR_NOT_SUPPORTED):
			return active, fmt.Errorf("setting policy %d: %w", policy, err)
		}
	}
	return active, nil
}

// integrity lowers the process below what owns the person's files and windows.
// It cannot be raised again.
func integrity(Options) (bool, error) {
	low, err := windows.CreateWellKnownSid(windows.WinLowLabelSid)
	if err != nil {
		return false, fmt.Errorf("naming low integrity: %w", err)
	}
	var token windows.Token
	if err := windows.OpenProcessToken(windows.CurrentProcess(), windows.TOKEN_ADJUST_DEFAULT|windows.TOKEN_QUERY, &token); err != nil {
		return false, fmt.Errorf("opening token: %w", err)
	}
	label := windows.Tokenmandatorylabel{Label: windows.SIDAndAttributes{Sid: low, Attributes: windows.SE_GROUP_INTEGRITY}}
	err = windows.SetTokenInformation(token, windows.TokenIntegrityLevel, (*byte)(unsafe.Pointer(&label)), label.Size()) // #nosec G103 -- the call takes a structure
	if err := errors.Join(err, token.Close()); err != nil {
		return false, fmt.Errorf("lowering integrity: %w", err)
	}
	return true, nil
}
