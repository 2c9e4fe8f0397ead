package store

import (
	"bytes"
	"encoding/base64"
	"strconv"
)

const packEnd = `"}`

// packStart is what every packed record of a version begins with.
func packStart(version int) []byte {
	return append(strconv.AppendInt([]byte(`{"v":`), int64(version), 10), `,"d":"`...)
}

func (t Table[T]) pack(value T) []byte {
	out := base64.StdEncoding.AppendEncode(packStart(t.Version), t.Pack(value))
	return append(out, packEnd...)
}

// packed is what a record of this very version packs; any other is not ours to
// read the short way.
func (t Table[T]) packed(raw []byte) ([]byte, bool) {
	if t.Unpack == nil {
		return nil, false
	}
	text, starts := bytes.CutPrefix(raw, packStart(t.Version))
	text, ends := bytes.CutSuffix(text, []byte(packEnd))
	if !starts || !ends {
		return nil, false
	}
	out, err := base64.StdEncoding.AppendDecode(make([]byte, 0, len(text)), text)
	return out, err == nil
}

func (t Table[T]) unpack(packed []byte) (T, error) {
	value, err := t.Unpack(packed)
	if err != nil {
		return value, t.damaged(err)
	}
	return value, nil
}

// Packed is the data of a packed record, for an upgrade to one.
func Packed(packed []byte) []byte {
	out := base64.StdEncoding.AppendEncode([]byte{'"'}, packed)
	return append(out, '"')
}
