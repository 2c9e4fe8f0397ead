package agent

import "slices"

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
