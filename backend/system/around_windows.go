package system

import (
	"context"
	"unsafe"

	"golang.org/x/sys/windows"
)

func (d *Desktop) connectivity(context.Context) (online, known bool) { return false, false }

// saving asks whether the battery saver is on (SYSTEM_POWER_STATUS).
func (d *Desktop) saving(context.Context) bool {
	var status struct {
		ACLine, Battery, Percent, Saver byte
		Left, Full                      uint32
	}
	ask := windows.NewLazySystemDLL("kernel32.dll").NewProc("GetSystemPowerStatus")
	if ask.Find() != nil {
		return false
	}
	answer, _, _ := ask.Call(uintptr(unsafe.Pointer(&status))) // #nosec G103 -- the call fills it in
	return answer != 0 && status.Saver == 1
}
