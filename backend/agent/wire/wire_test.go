package wire_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"pie/backend/agent/wire"
)

func TestFramesArriveAsSent(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		kind wire.Kind
		id   uint32
		head any
		body []byte
	}{
		"ready":     {wire.Ready, 0, struct{}{}, nil},
		"no body":   {wire.Log, 1, wire.Line{Level: "info", Text: "é\u2028"}, nil},
		"bytes":     {wire.Reply, 1<<32 - 1, wire.Answer{Status: 200}, []byte{0, 255, '\n'}},
		"large":     {wire.Call, 7, wire.Request{Op: "fetch"}, bytes.Repeat([]byte("x"), 1<<20)},
		"null head": {wire.Done, 7, nil, []byte("null")},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var pipe bytes.Buffer
			for range 2 { // the second begins where the first ends
				if err := wire.Write(&pipe, c.kind, c.id, c.head, c.body); err != nil {
					t.Fatal(err)
				}
			}
			want, err := json.Marshal(c.head)
			if err != nil {
				t.Fatal(err)
			}
			for range 2 {
				got, err := wire.Read(&pipe)
				if err != nil {
					t.Fatal(err)
				}
				if got.Kind != c.kind || got.ID != c.id || !bytes.Equal(got.Head, want) || !bytes.Equal(got.Body, c.body) {
					t.Errorf("%+v", got)
				}
			}
			if _, err := wire.Read(&pipe); !errors.Is(err, io.EOF) {
				t.Errorf("at the end: %v", err)
			}
		})
	}
}

// frame is one as it travels, with lengths of the test's choice.
func frame(length, head uint32, rest string) []byte {
	out := binary.BigEndian.AppendUint32(nil, length)
	out = append(out, byte(wire.Log), 0, 0, 0, 1)
	return append(binary.BigEndian.AppendUint32(out, head), rest...)
}

func TestMalformedFrames(t *testing.T) {
	t.Parallel()
	cases := map[string][]byte{
		"half a length":      {0, 0},
		"length of nothing":  frame(0, 0, ""),
		"shorter than fixed": frame(8, 0, ""),
		"longer than most":   frame(wire.MaxFrame+1, 0, "{}"),
		"all ones":           bytes.Repeat([]byte{0xFF}, 64),
		"cut":                frame(100, 2, "{}"),
		"head beyond frame":  frame(11, 3, "{}"),
		"head wraps around":  frame(11, 1<<32-1, "{}"),
	}
	for name, raw := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := wire.Read(bytes.NewReader(raw))
			if err == nil || errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, wire.ErrFrame) {
				t.Errorf("%+v %v", got, err)
			}
		})
	}
}

func TestWriteRefusesTooMuch(t *testing.T) {
	t.Parallel()
	var pipe bytes.Buffer
	if err := wire.Write(&pipe, wire.Call, 1, struct{}{}, make([]byte, wire.MaxFrame)); !errors.Is(err, wire.ErrFrame) || pipe.Len() != 0 {
		t.Errorf("%v, %d bytes", err, pipe.Len())
	}
	if err := wire.Write(&pipe, wire.Call, 1, func() {}, nil); err == nil || pipe.Len() != 0 {
		t.Errorf("%v, %d bytes", err, pipe.Len())
	}
}

// A secret that was sent must not stay in a buffer that is thrown away.
func TestWriteClearsWhatItSent(t *testing.T) {
	t.Parallel()
	keep := &keeper{}
	if err := wire.Write(keep, wire.Start, 0, wire.Job{Secrets: map[string]string{"KEY": "very-secret"}}, nil); err != nil {
		t.Fatal(err)
	}
	if len(keep.last) == 0 || bytes.Contains(keep.last, []byte("very-secret")) {
		t.Errorf("%q", keep.last)
	}
}

type keeper struct{ last []byte }

func (k *keeper) Write(b []byte) (int, error) { k.last = b; return len(b), nil }

func TestCut(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "short", strings.Repeat("x", 100), strings.Repeat("é", 80), strings.Repeat("🙂", 40), strings.Repeat("\x80", 100)} {
		got := wire.Cut(text, 60)
		if len(got) > 60 || utf8.ValidString(text) && !utf8.ValidString(got) {
			t.Errorf("%q", got)
		}
		if cut := strings.HasSuffix(got, "(cut)"); cut != (len(text) > 60) {
			t.Errorf("%q", got)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(frame(11, 2, "{}"))
	f.Add(frame(9, 0, ""))
	f.Add(frame(20, 2, "{}body body"))
	f.Add(frame(1<<31, 1<<31, "x"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		in := bytes.NewReader(raw)
		for {
			before := in.Len()
			got, err := wire.Read(in)
			if err != nil {
				if errors.Is(err, io.EOF) && !errors.Is(err, wire.ErrFrame) && before != 0 {
					t.Fatalf("%d bytes left and the end", before)
				}
				return
			}
			used := raw[len(raw)-before : len(raw)-in.Len()]
			if len(used) != 4+9+len(got.Head)+len(got.Body) || !bytes.HasSuffix(used, append(bytes.Clone(got.Head), got.Body...)) {
				t.Fatalf("%q became %+v", used, got)
			}
			if !json.Valid(got.Head) {
				continue
			}
			var again bytes.Buffer
			if err := wire.Write(&again, got.Kind, got.ID, got.Head, got.Body); err != nil {
				t.Fatal(err)
			}
			same, err := wire.Read(&again)
			if err != nil || same.Kind != got.Kind || same.ID != got.ID || !bytes.Equal(same.Body, got.Body) {
				t.Fatalf("%+v became %+v, %v", got, same, err)
			}
		}
	})
}
