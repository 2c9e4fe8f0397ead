package agent

import (
	"context"
	"encoding/json"
	"fmt"

	"pie/backend/agent/wire"
	"pie/backend/fault"
)

// Caller does for a run what its code may ask for beyond requests: files, other
// agents, a model. It is called from several goroutines at once. Fault: invalid
// for an op that it does not know.
type Caller interface {
	Call(ctx context.Context, c Call) (Reply, error)
}

// Call is one such wish. Params is JSON of a stranger; Body is plain bytes.
type Call struct {
	Op     string
	Params json.RawMessage
	Body   []byte
}

// Reply is its answer: Value becomes JSON, Body reaches the code as bytes.
type Reply struct {
	Value any
	Body  []byte
}

// further passes a call on. What it answers holds no secret of the run.
func (c *conversation) further(ctx context.Context, q wire.Request, body []byte) (wire.Answer, []byte, error) {
	reply, err := c.job.Calls.Call(ctx, Call{Op: q.Op, Params: q.Params, Body: body})
	if err != nil {
		return wire.Answer{}, nil, err
	}
	value, err := json.Marshal(reply.Value)
	if err != nil {
		return wire.Answer{}, nil, fmt.Errorf("encoding answer of %s: %w", q.Op, err)
	}
	if len(value) > wire.MaxBody || len(reply.Body) > wire.MaxBody {
		return wire.Answer{}, nil, fault.New(fault.Limited, "The answer is larger than 10 MB.", "Ask for less at a time.")
	}
	return wire.Answer{Value: value}, reply.Body, nil
}
