package history

// PackRun is what is kept of a run: its row without the sealed part, and the body
// before it is sealed.
func PackRun(run Run) (row, plain []byte) {
	return packRow(stored{Run: run}), packBody(body{run.Input, run.Result, run.Error, run.Logs})
}

// UnpackRun is its inverse.
func UnpackRun(row, plain []byte) (Run, error) {
	s, err := unpackRow(row)
	if err != nil {
		return Run{}, err
	}
	b, err := unpackBody(plain)
	s.Run.Input, s.Run.Result, s.Run.Error, s.Run.Logs = b.Input, b.Result, b.Error, b.Logs
	return s.Run, err
}
