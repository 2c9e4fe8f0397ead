package plugin

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// member is one key of an object in the order of the author.
type member struct {
	key   string
	value any // []member, []any or json.RawMessage
}

var (
	plainText  = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_./-]*( [A-Za-z0-9_./,()-]+)*$`)
	plainKey   = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]*$`)
	errNesting = errors.New("nested too deeply")
)

// yamlWords mean something else than themselves in some version of YAML.
var yamlWords = []string{"true", "false", "null", "yes", "no", "on", "off", "y", "n"}

// frontmatter writes the object of a folder's manifest as a .pie file has it:
// what describes the package first, the manifest object last.
func frontmatter(object json.RawMessage) (string, error) {
	decoder := json.NewDecoder(bytes.NewReader(object))
	decoder.UseNumber()
	value, err := ordered(decoder, 0)
	if err != nil {
		return "", fmt.Errorf("reading manifest: %w", err)
	}
	all, _ := value.([]member)
	all = slices.DeleteFunc(all, func(m member) bool { return m.key == schemaKey })
	var head, inner []member
	for _, key := range metadataKeys {
		if i := slices.IndexFunc(all, func(m member) bool { return m.key == key }); i >= 0 && key != "manifest" {
			head = append(head, all[i])
		}
	}
	if i := slices.IndexFunc(all, func(m member) bool { return m.key == "manifest" }); i >= 0 {
		if inner, _ = all[i].value.([]member); inner == nil {
			inner = []member{}
		}
	} else {
		inner = slices.DeleteFunc(slices.Clone(all), func(m member) bool { return slices.Contains(metadataKeys, m.key) })
	}
	var b strings.Builder
	write(&b, append(head, member{"manifest", inner}), "")
	return b.String(), nil
}

// ordered decodes one value and keeps the order of keys.
func ordered(d *json.Decoder, depth int) (any, error) {
	if depth > 200 {
		return nil, errNesting
	}
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		out := []member{}
		for d.More() {
			key, err := d.Token()
			if err != nil {
				return nil, err
			}
			value, err := ordered(d, depth+1)
			if err != nil {
				return nil, err
			}
			out = append(out, member{fmt.Sprint(key), value})
		}
		_, err = d.Token()
		return out, err
	case json.Delim('['):
		out := []any{}
		for d.More() {
			value, err := ordered(d, depth+1)
			if err != nil {
				return nil, err
			}
			out = append(out, value)
		}
		_, err = d.Token()
		return out, err
	}
	return scalar(token)
}

// scalar writes a text bare where nothing else can be meant, else as JSON, which
// YAML reads too.
func scalar(token any) (json.RawMessage, error) {
	if text, ok := token.(string); ok && bare(text, plainText) {
		return json.RawMessage(text), nil
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(token); err != nil {
		return nil, fmt.Errorf("encoding value: %w", err)
	}
	return bytes.TrimSpace(b.Bytes()), nil
}

func bare(text string, form *regexp.Regexp) bool {
	return len(text) <= 200 && form.MatchString(text) && !slices.Contains(yamlWords, strings.ToLower(text))
}

func write(b *strings.Builder, value any, indent string) {
	switch v := value.(type) {
	case []member:
		for _, m := range v {
			key := m.key
			if !bare(key, plainKey) {
				raw, _ := json.Marshal(key) //nolint:errchkjson // a text always encodes
				key = string(raw)
			}
			b.WriteString(indent + key + ":")
			inner(b, m.value, indent+"  ")
		}
	case []any:
		for _, each := range v {
			if object, ok := each.([]member); ok && len(object) > 0 {
				var one strings.Builder
				write(&one, object, indent+"  ")
				b.WriteString(indent + "- " + strings.TrimPrefix(one.String(), indent+"  "))
				continue
			}
			b.WriteString(indent + "-")
			inner(b, each, indent+"  ")
		}
	}
}

// inner writes what stands behind a key or a hyphen.
func inner(b *strings.Builder, value any, indent string) {
	switch v := value.(type) {
	case json.RawMessage:
		b.WriteString(" " + string(v) + "\n")
	case []member:
		if len(v) == 0 {
			b.WriteString(" {}\n")
			return
		}
		b.WriteString("\n")
		write(b, v, indent)
	case []any:
		if len(v) == 0 {
			b.WriteString(" []\n")
			return
		}
		b.WriteString("\n")
		write(b, v, indent)
	}
}
