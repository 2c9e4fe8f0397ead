package door

import (
	"bufio"
	"encoding/json"
	"errors"
	"net"
	"sync"
	"time"

	"pie/app"
	"pie/backend/fault"
)

// The wire: JSON objects, one a line, at most maxLine bytes each. The owner
// speaks first.
//
//	owner to guest   {"hello":"0.1.0"}
//	guest to owner   {"id":7,"method":"Connections.List","params":{}}
//	owner to guest   {"id":7,"result":[]}  or  {"id":7,"error":{"code","message","hint"}}
//	guest to owner   {"cancel":7}
//	owner to guest   {"event":{"kind","id"}}     after the method Door.Subscribe
//	owner to guest   {"activate":"link"}         after the method Door.Window
//	owner to guest   {"bye":true}                nothing read from here on was begun: enter again
type message struct {
	Hello    string          `json:"hello,omitempty"`
	ID       uint64          `json:"id,omitempty"`
	Method   string          `json:"method,omitempty"`
	Params   json.RawMessage `json:"params,omitempty"`
	Cancel   uint64          `json:"cancel,omitempty"`
	Result   json.RawMessage `json:"result,omitempty"`
	Error    *fault.Problem  `json:"error,omitempty"`
	Event    *app.Event      `json:"event,omitempty"`
	Activate *string         `json:"activate,omitempty"`
	Bye      bool            `json:"bye,omitempty"`
}

const (
	maxLine      = 16 << 20         // bytes of one message
	writeTimeout = 30 * time.Second // how long the other side may not read
	subscribe    = "Door.Subscribe"
	window       = "Door.Window"
)

var (
	errNotBegun = errors.New("the owner is leaving and has not begun the call")
	errDied     = fault.New(fault.InUse, "The PIE Desktop that was doing this ended before it answered.", "Look at what was done with pie history, then try again.")
	errTooLong  = fault.New(fault.Limited, "This is too large to be handed to the running PIE Desktop: 16 MB is the limit.", "Send less, or close the other PIE Desktop.")
	errGarbage  = fault.New(fault.Invalid, "The message on the socket of PIE Desktop cannot be read.", "Use the pie command to talk to it.")
)

// wire is one connection. read is for one goroutine, write for any.
type wire struct {
	conn  net.Conn
	lines *bufio.Reader
	mu    sync.Mutex
}

func newWire(conn net.Conn) *wire {
	return &wire{conn: conn, lines: bufio.NewReaderSize(conn, 32<<10)}
}

// read returns the next message. Errors: errTooLong, errGarbage, or those of the
// connection.
func (w *wire) read() (message, error) {
	var m message
	line, err := w.line()
	if err != nil {
		return m, err
	}
	if err := json.Unmarshal(line, &m); err != nil {
		return m, errGarbage
	}
	return m, nil
}

func (w *wire) line() ([]byte, error) {
	var line []byte
	for {
		part, err := w.lines.ReadSlice('\n')
		if len(line)+len(part) > maxLine {
			return nil, errTooLong
		}
		if err == nil && line == nil {
			return part, nil
		}
		line = append(line, part...)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, err
		}
	}
}

// write sends m. errTooLong leaves the connection usable, any other error does not.
func (w *wire) write(m message) error {
	line, err := json.Marshal(m)
	if err != nil {
		return err
	}
	if len(line) >= maxLine {
		return errTooLong
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.conn.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return err
	}
	_, err = w.conn.Write(append(line, '\n'))
	return err
}
