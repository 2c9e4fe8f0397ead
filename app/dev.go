package app

import (
	"context"
	"encoding/json"
	"time"

	"pie/backend"
	"pie/backend/agent"
	"pie/backend/cassette"
	"pie/backend/history"
)

// DevRequest asks to compile a folder as it is now and to run it once.
type DevRequest struct {
	Op        string          `json:"op"`
	Folder    string          `json:"folder"`
	Function  string          `json:"function"`
	Account   string          `json:"account"`
	Input     json.RawMessage `json:"input"`
	TimeoutMS int64           `json:"timeout_ms"`
	DryRun    bool            `json:"dry_run"`
	Record    bool            `json:"record"`   // into cassettes/NAME.json of the folder
	Replay    bool            `json:"replay"`   // from there: no network, no connection
	Practice  bool            `json:"practice"` // the practice service answers for the agent's services
	Name      string          `json:"name"`
}

// DevResult is what came of it. Run is null where a finding is an error or the
// agent asks for more than was approved.
type DevResult struct {
	Agent     string              `json:"agent"`
	Hash      string              `json:"hash"`
	Findings  []agent.Finding     `json:"findings"`
	Grown     []string            `json:"grown"` // what it asks for beyond what was approved
	Run       *history.Run        `json:"run"`
	Exchanges []cassette.Exchange `json:"exchanges"` // what it asked and was told, without secrets
	Cassette  string              `json:"cassette"`  // the file that was written or played, "" for none
	CompileMS float64             `json:"compile_ms"`
	TotalMS   float64             `json:"total_ms"`
}

// ApproveRequest agrees to what a folder that runs in place asks for now.
type ApproveRequest struct {
	Folder string `json:"folder"`
	Hash   string `json:"hash"` // of the package that was shown
}

// Dev compiles a folder and runs it once. What is wrong in the package is a
// finding. Faults: conflict (not installed in place, a missing secret),
// not_found, invalid, locked, limited, canceled.
func (s *Runs) Dev(q DevRequest) (DevResult, error) {
	ctx, done, err := s.ops.begin(q.Op)
	if err != nil {
		return DevResult{}, err
	}
	defer done()
	out, err := s.backend.Dev(ctx, backend.DevRequest{
		Folder: q.Folder, Record: q.Record, Replay: q.Replay, Practice: q.Practice, Name: q.Name,
		Run: backend.RunRequest{
			Function: q.Function, Account: q.Account, Input: q.Input, Timeout: time.Duration(q.TimeoutMS) * time.Millisecond, DryRun: q.DryRun,
		},
	})
	if err != nil {
		return DevResult{}, err
	}
	return DevResult{
		Agent: out.Agent, Hash: out.Hash, Findings: append([]agent.Finding{}, out.Findings...), Grown: append([]string{}, out.Grown...),
		Run: out.Run, Exchanges: append([]cassette.Exchange{}, out.Exchanges...), Cassette: out.Cassette,
		CompileMS: milliseconds(out.Compile), TotalMS: milliseconds(out.Total),
	}, nil
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// Approve agrees to what the folder asks for. Faults: conflict when it is no
// longer what was shown, not_found, invalid.
func (s *Agents) Approve(q ApproveRequest) error {
	return s.backend.Approve(context.Background(), q.Folder, q.Hash)
}
