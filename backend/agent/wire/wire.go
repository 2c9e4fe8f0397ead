// Package wire is the language between a host and its worker: frames over two
// pipes, and the messages in them.
//
// A frame is a length (4 bytes, big endian, of all that follows), a kind (1
// byte), an id (4 bytes), the length of the head (4 bytes), the head as JSON and
// a body of plain bytes. Neither side trusts the other: lengths are bounded
// before anything is allocated.
package wire

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// MaxFrame bounds a frame, in bytes.
const MaxFrame = 32 << 20

const fixed = 9 // kind, id and head length

// Kind tells what a frame is.
type Kind byte

// The kinds. Start, Reply, Compile go to the worker; the others come from it.
const (
	Ready    Kind = iota + 1
	Start         // head Job, body the code; empty when the worker has it
	Call          // head Request, body that of a request
	Reply         // head Answer, body that of an answer; the id is the call's
	Log           // head Line
	Done          // head Outcome, body the result as JSON
	Compile       // head Source
	Compiled      // head Build, body the code
)

// ErrFrame is what a malformed frame gives.
var ErrFrame = errors.New("malformed frame")

// Frame is one frame.
type Frame struct {
	Kind Kind
	ID   uint32
	Head json.RawMessage
	Body []byte
}

// Read reads one frame. io.EOF only where a frame would begin.
func Read(r io.Reader) (Frame, error) {
	var size [4]byte
	if _, err := io.ReadFull(r, size[:]); err != nil {
		return Frame{}, err
	}
	length := binary.BigEndian.Uint32(size[:])
	if length < fixed || length > MaxFrame {
		return Frame{}, fmt.Errorf("%w: length %d", ErrFrame, length)
	}
	raw := make([]byte, length)
	if _, err := io.ReadFull(r, raw); err != nil {
		return Frame{}, fmt.Errorf("%w: %w", ErrFrame, err)
	}
	head := binary.BigEndian.Uint32(raw[5:])
	if uint64(head)+fixed > uint64(length) {
		return Frame{}, fmt.Errorf("%w: head of %d in %d", ErrFrame, head, length)
	}
	f := Frame{Kind: Kind(raw[0]), ID: binary.BigEndian.Uint32(raw[1:])}
	f.Head, f.Body = raw[fixed:fixed+head:fixed+head], raw[fixed+head:]
	return f, nil
}

// Write writes one frame in one call of w. head is encoded as JSON.
func Write(w io.Writer, kind Kind, id uint32, head any, body []byte) error {
	encoded, err := json.Marshal(head)
	if err != nil {
		return fmt.Errorf("encoding frame: %w", err)
	}
	length := fixed + len(encoded) + len(body)
	if length > MaxFrame {
		return fmt.Errorf("%w: length %d", ErrFrame, length)
	}
	raw := make([]byte, 0, 4+length)
	raw = binary.BigEndian.AppendUint32(raw, uint32(length)) // #nosec G115 -- bounded above
	raw = append(raw, byte(kind))
	raw = binary.BigEndian.AppendUint32(raw, id)
	raw = binary.BigEndian.AppendUint32(raw, uint32(len(encoded))) // #nosec G115 -- bounded above
	raw = append(append(raw, encoded...), body...)
	_, err = w.Write(raw)
	clear(raw) // a head may hold secrets of the run
	clear(encoded)
	if err != nil {
		return fmt.Errorf("writing frame: %w", err)
	}
	return nil
}

// Job is the head of Start.
type Job struct {
	Hash       string            `json:"hash"` // of the code
	Name       string            `json:"name"` // of its file
	Line       int               `json:"line"` // of that file on which the code begins
	Compiled   bool              `json:"compiled"`
	Map        []byte            `json:"map"` // source map of compiled code
	Function   string            `json:"function"`
	Input      json.RawMessage   `json:"input"`
	Secrets    map[string]string `json:"secrets"`
	UserConfig json.RawMessage   `json:"user_config"`
	Services   []string          `json:"services"`
	TimeZone   string            `json:"time_zone"`
	WallMS     int64             `json:"wall_ms"`
	Memory     uint64            `json:"memory"`
}

// Request is the head of Call.
type Request struct {
	Op      string            `json:"op"` // fetch | connection | notify, or one of the host's further calls
	Service string            `json:"service"`
	Method  string            `json:"method"`
	URL     string            `json:"url"`
	Headers map[string]string `json:"headers"`
	Title   string            `json:"title"`
	Cut     bool              `json:"cut"`    // the message of notify was
	Params  json.RawMessage   `json:"params"` // of a further call
}

// Answer is the head of Reply. Fault is nil when the call went well.
type Answer struct {
	Fault      *Fault            `json:"fault"`
	Status     int               `json:"status"`
	Headers    map[string]string `json:"headers"`
	Connection json.RawMessage   `json:"connection"`
	Value      json.RawMessage   `json:"value"` // of a further call
}

// Fault is a host's fault on its way to the agent and, uncaught, back.
type Fault struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Hint    string `json:"hint"`
}

// Line is the head of Log.
type Line struct {
	Level string `json:"level"`
	Text  string `json:"text"`
}

// Ways in which a run ends.
const (
	EndOK     = "ok"
	EndThrown = "thrown" // Fault is set
	EndTime   = "time"
	EndMemory = "memory"
	EndResult = "result" // too large
)

// Outcome is the head of Done. Heap is what the worker holds afterwards, in bytes.
type Outcome struct {
	End   string `json:"end"`
	Fault *Fault `json:"fault"`
	Heap  uint64 `json:"heap"`
}

// Source is the head of Compile.
type Source struct {
	Files map[string][]byte `json:"files"` // by clean relative path
	Entry string            `json:"entry"`
	Line  int               `json:"line"` // of the entry's file on which its text begins
}

// Build is the head of Compiled. Plain tells that the entry runs as it is; with
// a finding of level error there is no code.
type Build struct {
	Plain    bool      `json:"plain"`
	Map      []byte    `json:"map"`
	Findings []Finding `json:"findings"`
}

// Finding is one thing about a place in the author's code. Line and Column count
// from 1 and are 0 where there is no place.
type Finding struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Level   string `json:"level"`
	Code    string `json:"code"`
	Message string `json:"message"`
	Fix     string `json:"fix"`
}

// Levels of a finding.
const (
	LevelError   = "error" // the agent cannot be installed
	LevelWarning = "warning"
	LevelNote    = "note"
)

// Limits that both sides know.
const (
	MaxCalls  = 64        // host calls in flight
	MaxLogs   = 256 << 10 // bytes of logs in a run
	MaxResult = 1 << 20
	MaxText   = 4 << 10 // of an error
	MaxNotice = 16 << 10
	MaxBody   = 10 << 20
)

// Cut shortens text to at most limit bytes at a character's border and says so.
func Cut(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	const mark = " … (cut)"
	end := limit - len(mark)
	for end > 0 && text[end]&0xC0 == 0x80 {
		end--
	}
	return text[:end] + mark
}
