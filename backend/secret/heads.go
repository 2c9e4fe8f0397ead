package secret

// heads finds the first eight bytes of any of many texts, by Wu and Manber's way
// ("A Fast Algorithm for Multi-Pattern Searching", 1994): the last two bytes of a
// window tell how far it can move on. Nearly all that is looked through holds
// none, and is passed in steps of several bytes.
type heads struct {
	spared [buckets]uint8 // of the furthest step, by a hash of two bytes
	whole  map[uint64]struct{}
}

const (
	buckets  = 1 << 12
	furthest = shortest - 1 // a window's step over two bytes that no head holds
)

// newHeads makes the heads of forms, each of at least eight bytes.
func newHeads(forms [][]byte) *heads {
	h := &heads{whole: make(map[uint64]struct{}, len(forms))}
	for _, form := range forms {
		h.whole[head(form, 0)] = struct{}{}
		for i := range shortest - 1 {
			at := bucket(form[i], form[i+1])
			h.spared[at] = max(h.spared[at], uint8(i+1)) // #nosec G115 -- 1 to 7
		}
	}
	return h
}

// occurs tells whether a head may stand in text, in one pass. Nil heads are none.
func occurs[T string | []byte](h *heads, text T) bool {
	if h == nil {
		return false
	}
	for i := 0; i <= len(text)-shortest; {
		step := furthest - h.spared[bucket(text[i+shortest-2], text[i+shortest-1])]
		if step == 0 {
			if _, found := h.whole[head(text, i)]; found {
				return true
			}
			step = 1
		}
		i += int(step)
	}
	return false
}

func bucket(a, b byte) uint16 { return (uint16(a)<<8 | uint16(b)) * 0x9E37 >> 4 }

func head[T string | []byte](text T, at int) (out uint64) {
	for i := range shortest {
		out = out<<8 | uint64(text[at+i])
	}
	return out
}
