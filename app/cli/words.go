package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// words writes a JSON value for a person: texts as they are, lists with dashes,
// objects as lines "name: value", in the order they came in.
func words(raw json.RawMessage) string {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || string(raw) == "null" {
		return ""
	}
	if text, ok := soleText(raw); ok {
		return text
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var b strings.Builder
	if writeWords(&b, decoder, 0, "") != nil {
		return string(raw)
	}
	return strings.Trim(b.String(), "\n")
}

// soleText finds the text of a result that is nothing but one.
func soleText(raw json.RawMessage) (string, bool) {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text, true
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(raw, &fields) != nil || len(fields) != 1 {
		return "", false
	}
	for _, name := range []string{"message", "text", "result", "output", "summary"} {
		if json.Unmarshal(fields[name], &text) == nil && text != "" {
			return text, true
		}
	}
	return "", false
}

// writeWords writes the next value. lead is what already stands on its line.
func writeWords(b *strings.Builder, d *json.Decoder, depth int, lead string) error {
	token, err := d.Token()
	if err != nil {
		return err
	}
	delimiter, nested := token.(json.Delim)
	if !nested {
		fmt.Fprintf(b, "%s%s\n", lead, scalar(token, depth))
		return nil
	}
	if !d.More() {
		fmt.Fprintf(b, "%s%s\n", lead, map[json.Delim]string{'[': "(none)", '{': "(empty)"}[delimiter])
		_, err = d.Token()
		return err
	}
	if lead != "" {
		b.WriteString(strings.TrimRight(lead, " ") + "\n")
	}
	for d.More() {
		if err := writeMember(b, d, depth, delimiter); err != nil {
			return err
		}
	}
	_, err = d.Token()
	return err
}

func writeMember(b *strings.Builder, d *json.Decoder, depth int, in json.Delim) error {
	if depth > 50 {
		return fmt.Errorf("nested too deeply")
	}
	lead := strings.Repeat("  ", depth) + "- "
	if in == '{' {
		name, err := d.Token()
		if err != nil {
			return err
		}
		lead = strings.Repeat("  ", depth) + fmt.Sprint(name) + ": "
	}
	return writeWords(b, d, depth+1, lead)
}

func scalar(token json.Token, depth int) string {
	switch t := token.(type) {
	case nil:
		return "-"
	case bool:
		if t {
			return "yes"
		}
		return "no"
	default:
		return strings.ReplaceAll(fmt.Sprint(t), "\n", "\n"+strings.Repeat("  ", depth))
	}
}
