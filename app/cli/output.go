package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"github.com/mattn/go-runewidth"
)

// value prints one JSON value on one line.
func (f *face) value(v any) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if encoder.Encode(v) != nil {
		return
	}
	_, _ = f.io.Out.Write(escapeControls(b.Bytes()))
}

// escapeControls writes the control characters that JSON allows in texts as
// escapes, so that a terminal does not obey them.
func escapeControls(raw []byte) []byte {
	return []byte(replaceRunes(string(raw), func(r rune) (string, bool) {
		if r == 0x7f || r >= 0x80 && r < 0xa0 || unicode.Is(unicode.Bidi_Control, r) {
			return fmt.Sprintf(`\u%04x`, r), true
		}
		return "", false
	}))
}

func replaceRunes(text string, replace func(rune) (string, bool)) string {
	var b strings.Builder
	for _, r := range text {
		if s, ok := replace(r); ok {
			b.WriteString(s)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// print writes a line of the answer.
func (f *face) print(format string, args ...any) {
	_, _ = fmt.Fprintln(f.io.Out, clean(fmt.Sprintf(format, args...)))
}

// say writes a line about the answer.
func (f *face) say(format string, args ...any) {
	_, _ = fmt.Fprintln(f.io.Err, clean(fmt.Sprintf(format, args...)))
}

// clean removes what a terminal would obey: control and format characters, other
// than line breaks and tabs.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == '\u200d' || r == '\u200c': // join letters of several scripts and of emoji
			return r
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029' || r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, text)
}

// cell is text as one cell of a table: one line.
func cell(text string) string { return strings.Join(strings.Fields(clean(text)), " ") }

// table prints rows under headers. On a terminal the last column is cut so that
// a row takes one line.
func (f *face) table(headers []string, rows [][]string) {
	widths := make([]int, len(headers))
	all := append([][]string{headers}, rows...)
	for _, row := range all {
		for i := range row {
			row[i] = cell(row[i])
			widths[i] = max(widths[i], runewidth.StringWidth(row[i]))
		}
	}
	for _, row := range all {
		_, _ = io.WriteString(f.io.Out, f.row(row, widths)+"\n")
	}
}

func (f *face) row(row []string, widths []int) string {
	var b strings.Builder
	used := 0
	for i, text := range row {
		if i < len(row)-1 {
			b.WriteString(runewidth.FillRight(text, widths[i]+2))
			used += widths[i] + 2
			continue
		}
		if room := f.columns() - used; f.columns() > 0 && room >= 8 {
			text = runewidth.Truncate(text, room, "…")
		}
		b.WriteString(text)
	}
	return strings.TrimRight(b.String(), " ")
}

func (f *face) columns() int {
	if !f.io.OutIsTTY || f.io.Columns == nil {
		return 0
	}
	return f.io.Columns()
}

// when is a time as a person reads it, in the zone of this computer.
func when(t *time.Time) string {
	if t == nil || t.IsZero() {
		return "-"
	}
	return t.Local().Format("2006-01-02 15:04")
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

// busy shows on a person's terminal that something takes longer than a second,
// until the func it returns is called.
func (f *face) busy(text string) (done func()) {
	if !f.io.ErrIsTTY || text == "" {
		return func() {}
	}
	stop, stopped := make(chan struct{}), make(chan struct{})
	go f.spin(text, stop, stopped)
	return func() {
		close(stop)
		<-stopped
	}
}

func (f *face) spin(text string, stop <-chan struct{}, stopped chan<- struct{}) {
	defer close(stopped)
	wait, shown := time.Second, false
	for i := 0; ; i++ {
		select {
		case <-stop:
			if shown {
				_, _ = io.WriteString(f.io.Err, "\r"+strings.Repeat(" ", runewidth.StringWidth(text)+2)+"\r")
			}
			return
		case <-time.After(wait):
			_, _ = fmt.Fprintf(f.io.Err, "\r%c %s", `|/-\`[i%4], text)
			wait, shown = 120*time.Millisecond, true
		}
	}
}
