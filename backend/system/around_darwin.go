package system

import (
	"context"
	"os/exec"
	"strings"
)

func (d *Desktop) connectivity(context.Context) (online, known bool) { return false, false }

// saving asks for the low power mode.
func (d *Desktop) saving(ctx context.Context) bool {
	out, err := exec.CommandContext(ctx, "/usr/bin/pmset", "-g").Output()
	if err != nil {
		return false
	}
	for line := range strings.SplitSeq(string(out), "\n") {
		if fields := strings.Fields(line); len(fields) == 2 && fields[0] == "lowpowermode" {
			return fields[1] == "1"
		}
	}
	return false
}
