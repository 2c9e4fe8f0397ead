package plugin

import (
	"bytes"
	"encoding/json"
	"path"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"pie/backend/secret"
)

// Place finds a key of the manifest: the file, and the line and column from 1 on
// which it stands. What is not there is looked for one level up, down to the
// first line.
func (p *Package) Place(key string) (file string, line, column int) {
	if raw, ok := p.files["manifest.json"]; ok {
		line, column = PlaceIn("manifest.json", raw, key)
		return "manifest.json", line, column
	}
	line, column = PlaceIn(p.CodeName, p.files["agent.pie"], key)
	return p.CodeName, line, column
}

// PlaceIn is Place in the bytes of a manifest.json or a .pie file.
func PlaceIn(name string, raw []byte, key string) (line, column int) {
	find := placeInYAML
	if path.Ext(name) == ".json" {
		find = placeInJSON
	}
	for steps := stepsOf(key); len(steps) > 0; steps = steps[:len(steps)-1] {
		for _, from := range [][]string{{"manifest"}, nil} {
			if line, column, ok := find(raw, append(from, steps...)); ok {
				return line, column
			}
		}
	}
	return 1, 1
}

// stepsOf splits automation.triggers[0].type.
func stepsOf(key string) []string {
	return strings.FieldsFunc(key, func(r rune) bool { return r == '.' || r == '[' || r == ']' })
}

func placeInJSON(raw []byte, steps []string) (line, column int, ok bool) {
	d := json.NewDecoder(bytes.NewReader(raw))
	if !seek(d, steps, 0) {
		return 0, 0, false
	}
	at := int(d.InputOffset())
	if last := steps[len(steps)-1]; bytes.HasSuffix(raw[:at], []byte(`"`)) {
		at = max(0, at-len(last)-2)
	} else {
		at = max(0, at-1)
	}
	line, column = secret.Place(string(raw), at)
	return line, column, true
}

// seek reads up to the key or element that steps name.
func seek(d *json.Decoder, steps []string, depth int) bool {
	token, err := d.Token()
	if err != nil || depth > 100 {
		return false
	}
	switch token {
	case json.Delim('{'):
		for d.More() {
			key, err := d.Token()
			if err != nil {
				return false
			}
			if key == steps[0] {
				return len(steps) == 1 || seek(d, steps[1:], depth+1)
			}
			if d.Decode(new(json.RawMessage)) != nil {
				return false
			}
		}
	case json.Delim('['):
		for i := 0; d.More(); i++ {
			if strconv.Itoa(i) == steps[0] {
				return len(steps) > 1 && seek(d, steps[1:], depth+1)
			}
			if d.Decode(new(json.RawMessage)) != nil {
				return false
			}
		}
	}
	return false
}

func placeInYAML(raw []byte, steps []string) (line, column int, ok bool) {
	text := strings.ReplaceAll(string(bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))), "\r\n", "\n")
	front, _, found := strings.Cut(strings.TrimPrefix(text, "---"), "\n---")
	if !found || len(front) > maxFrontmatter {
		return 0, 0, false
	}
	file, err := parser.ParseBytes([]byte(front), 0)
	if err != nil || len(file.Docs) == 0 {
		return 0, 0, false
	}
	node := file.Docs[0].Body
	for i, step := range steps {
		member := childOf(node, step)
		if member == nil {
			return 0, 0, false
		}
		if i == len(steps)-1 {
			position := member.GetToken().Position
			if pair, isPair := member.(*ast.MappingValueNode); isPair {
				position = pair.Key.GetToken().Position
			}
			return position.Line, position.Column, true
		}
		if pair, isPair := member.(*ast.MappingValueNode); isPair {
			node = pair.Value
		} else {
			node = member
		}
	}
	return 0, 0, false
}

// childOf is the pair of a mapping or the element of a sequence.
func childOf(node ast.Node, step string) ast.Node {
	var pairs []*ast.MappingValueNode
	switch n := node.(type) {
	case *ast.MappingNode:
		pairs = n.Values
	case *ast.MappingValueNode:
		pairs = []*ast.MappingValueNode{n}
	case *ast.SequenceNode:
		if i, err := strconv.Atoi(step); err == nil && i >= 0 && i < len(n.Values) {
			return n.Values[i]
		}
	}
	for _, pair := range pairs {
		if strings.Trim(pair.Key.String(), `"'`) == step {
			return pair
		}
	}
	return nil
}
