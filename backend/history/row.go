package history

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"pie/backend/fault"
	"pie/backend/store"
)

// A run is kept as a packed row: texts with their length, numbers as varints,
// times in UTC. The first versions of a row and of a body were JSON, and are read
// still. A list of a hundred runs is read in the time that one takes as JSON.

const (
	rowVersion = 2
	bodyPacked = 2 // the first byte of a packed body; that of a JSON one is a brace
)

var errTorn = errors.New("a packed record ends too early")

// rows is the table of one drawer.
func rows(bucket string) store.Table[stored] {
	return store.Table[stored]{
		Bucket: bucket, Version: rowVersion, Pack: packRow, Unpack: unpackRow,
		Ordered: true, Upgrades: map[int]func([]byte) ([]byte, error){1: upgradeRow},
	}
}

func upgradeRow(data []byte) ([]byte, error) {
	var s stored
	if err := json.Unmarshal(data, &s); err != nil {
		return nil, fmt.Errorf("decoding run: %w", err)
	}
	return store.Packed(packRow(s)), nil
}

func packRow(s stored) []byte {
	p := packer(make([]byte, 0, 256+len(s.Sealed)))
	r := s.Run
	p.bytes(s.Sealed)
	p.text(r.Agent)
	p.text(r.ID)
	p.text(r.Function)
	p.text(r.Trigger)
	p.text(r.Status)
	p.time(r.StartedAt)
	p.number(r.DurationMS)
	p.number(int64(len(r.Requests)))
	for _, q := range r.Requests {
		p.request(q)
	}
	return p
}

func unpackRow(packed []byte) (s stored, err error) {
	u := unpack(packed)
	s.Sealed = u.bytes()
	r := &s.Run
	r.Agent, r.ID, r.Function, r.Trigger, r.Status = u.word(), u.word(), u.word(), u.word(), u.word()
	r.StartedAt, r.DurationMS = u.time(), u.number()
	if n := u.count(); n > 0 {
		r.Requests = make([]Request, n)
	}
	for i := range r.Requests {
		r.Requests[i] = u.request()
	}
	return s, u.end()
}

func packBody(b body) []byte {
	p := packer(make([]byte, 1, 64+len(b.Input)+len(b.Result)))
	p[0] = bodyPacked
	p.bytes(b.Input)
	p.bytes(b.Result)
	if b.Error == nil {
		p.number(0)
	} else {
		p.number(1)
		p.text(string(b.Error.Code))
		p.text(b.Error.Message)
		p.text(b.Error.Hint)
	}
	p.number(int64(len(b.Logs)))
	for _, l := range b.Logs {
		p.time(l.At)
		p.text(l.Level)
		p.text(l.Text)
	}
	return p
}

// unpackBody reads a body of either kind. The body keeps plain.
func unpackBody(plain []byte) (b body, err error) {
	if len(plain) == 0 || plain[0] != bodyPacked {
		err = json.Unmarshal(plain, &b)
		return b, err
	}
	u := unpack(plain[1:])
	b.Input, b.Result = u.bytes(), u.bytes()
	if u.number() != 0 {
		b.Error = &fault.Problem{Code: fault.Code(u.word()), Message: u.word(), Hint: u.word()}
	}
	if n := u.count(); n > 0 {
		b.Logs = make([]Log, n)
	}
	for i := range b.Logs {
		b.Logs[i] = Log{u.time(), u.word(), u.word()}
	}
	return b, u.end()
}

// packer puts one thing after the other.
type packer []byte

func (p *packer) number(n int64)   { *p = binary.AppendVarint(*p, n) }
func (p *packer) bytes(b []byte)   { p.number(int64(len(b))); *p = append(*p, b...) }
func (p *packer) text(s string)    { p.number(int64(len(s))); *p = append(*p, s...) }
func (p *packer) time(t time.Time) { p.number(t.Unix()); p.number(int64(t.Nanosecond())) }

func (p *packer) request(q Request) {
	p.time(q.At)
	p.text(q.Method)
	p.text(q.URL)
	p.number(int64(q.Status))
	p.number(q.MS)
	p.number(q.Bytes)
	if q.Service == nil {
		p.number(0)
		return
	}
	p.number(1)
	p.text(*q.Service)
}

// unpacker takes one thing after the other. After the first that is not there
// everything is empty, and err says so. Texts share one copy of what comes from the
// first of them on.
type unpacker struct {
	raw   []byte
	at    int
	text  string
	first int // where text begins in raw
	err   error
}

func unpack(raw []byte) *unpacker { return &unpacker{raw: raw} }

func (u *unpacker) torn() int {
	u.at, u.err = len(u.raw), errTorn
	return 0
}

func (u *unpacker) number() int64 {
	n, size := binary.Varint(u.raw[u.at:])
	if size <= 0 {
		return int64(u.torn())
	}
	u.at += size
	return n
}

// count is a number of things that each take a byte at least.
func (u *unpacker) count() int {
	n := u.number()
	if n < 0 || n > int64(len(u.raw)-u.at) {
		return u.torn()
	}
	return int(n)
}

// next is the place of the next thing that has its length before it.
func (u *unpacker) next() (from, to int) {
	n := u.count()
	u.at += n
	return u.at - n, u.at
}

func (u *unpacker) bytes() []byte {
	from, to := u.next()
	if from == to {
		return nil
	}
	return u.raw[from:to:to]
}

func (u *unpacker) word() string {
	from, to := u.next()
	if u.text == "" {
		u.first, u.text = from, string(u.raw[from:])
	}
	return u.text[from-u.first : to-u.first]
}

func (u *unpacker) time() time.Time { return time.Unix(u.number(), u.number()).UTC() }

func (u *unpacker) request() Request {
	q := Request{At: u.time(), Method: u.word(), URL: u.word(), Status: int(u.number()), MS: u.number(), Bytes: u.number()}
	if u.number() != 0 {
		service := u.word()
		q.Service = &service
	}
	return q
}

func (u *unpacker) end() error {
	if u.err == nil && u.at < len(u.raw) {
		return errors.New("a packed record goes on after its end")
	}
	return u.err
}
