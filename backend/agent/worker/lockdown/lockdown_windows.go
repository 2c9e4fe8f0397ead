package lockdown

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/windows"
)

func layers() []layer { return []layer{{LayerJob, job}} }

// job puts the process into a job of its own: no second process, a bound on its
// memory, no reach to the desktop, and an end with its handle.
func job(o Options) (bool, error) {
	handle, err := windows.CreateJobObject(nil, nil)
	if err != nil {
		return false, fmt.Errorf("making job: %w", err)
	}
	limits := windows.JOBOBJECT_EXTENDED_LIMIT_INFORMATION{
		BasicLimitInformation: windows.JOBOBJECT_BASIC_LIMIT_INFORMATION{
			LimitFlags: windows.JOB_OBJECT_LIMIT_PROCESS_MEMORY | windows.JOB_OBJECT_LIMIT_ACTIVE_PROCESS |
				windows.JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE | windows.JOB_OBJECT_LIMIT_DIE_ON_UNHANDLED_EXCEPTION,
			ActiveProcessLimit: 1,
		},
		ProcessMemoryLimit: uintptr(o.DataBytes),
	}
	if _, err := windows.SetInformationJobObject(handle, windows.JobObjectExtendedLimitInformation,
		uintptr(unsafe.Pointer(&limits)), uint32(unsafe.Sizeof(limits))); err != nil { // #nosec G103 -- the call takes a structure
		return false, fmt.Errorf("limiting job: %w", err)
	}
	const allUILimits = 0xFF
	ui := struct{ class uint32 }{allUILimits}
	if _, err := windows.SetInformationJobObject(handle, windows.JobObjectBasicUIRestrictions,
		uintptr(unsafe.Pointer(&ui)), uint32(unsafe.Sizeof(ui))); err != nil { // #nosec G103 -- the call takes a structure
		return false, fmt.Errorf("limiting job: %w", err)
	}
	if err := windows.AssignProcessToJobObject(handle, windows.CurrentProcess()); err != nil {
		return false, fmt.Errorf("entering job: %w", err)
	}
	return true, nil // the handle stays open: the job lives as long as the process
}
