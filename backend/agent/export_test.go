package agent

import (
	"slices"

	"pie/backend/agent/wire"
)

// KillWaiting ends the workers that wait for work, as a system short of memory
// does, and returns how many there were.
func KillWaiting(r *Runner) int {
	r.spawns.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	waiting := slices.Clone(r.idle)
	if r.spare != nil {
		waiting = append(waiting, r.spare)
	}
	for _, p := range waiting {
		_ = p.cmd.Process.Kill()
		<-p.exited
	}
	return len(waiting)
}

// Settle gives a run the ending that a worker claims.
func Settle(end string, thrown *wire.Fault, result []byte) (Outcome, bool) {
	c := &conversation{job: &Job{Agent: "test", Timeout: DefaultTimeout, Memory: DefaultMemory}, scrubber: scrubber(nil)}
	return c.settle(&wire.Outcome{End: end, Fault: thrown}, result)
}
