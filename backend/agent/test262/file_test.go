package test262_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"pie/backend/agent"
)

// test is one file of the suite: its text, and what its head says about it.
type test struct {
	name, text string
	flags      []string
	includes   []string // texts of the harness
	negative   string   // name of the error that it must end with
	fixtures   map[string][]byte
}

var (
	head     = regexp.MustCompile(`(?s)/\*---\r?\n(.*?)---\*/`)
	errorOf  = regexp.MustCompile(`(?m)^negative:\s*\r?\n(?:\s+.*\r?\n)*?\s+type:\s*(\w+)`)
	nameOnly = regexp.MustCompile(`[\w.\-/]+`)
)

// read reads a file of the suite with all that it asks for.
func read(files fs.FS, name string) (test, error) {
	text, err := fs.ReadFile(files, name)
	if err != nil {
		return test{}, err
	}
	f := test{name: name, text: string(text), fixtures: map[string][]byte{}}
	found := head.FindStringSubmatch(f.text)
	if found == nil {
		return f, errors.New("it has no head")
	}
	f.flags = listOf(found[1], "flags")
	if said := errorOf.FindStringSubmatch(found[1] + "\n"); said != nil {
		f.negative = said[1]
	}
	includes := listOf(found[1], "includes")
	if !f.has("raw") {
		includes = append([]string{"assert.js", "sta.js"}, includes...)
	}
	for _, each := range includes {
		text, err := fs.ReadFile(files, path.Join("harness", each))
		if err != nil {
			return f, fmt.Errorf("reading harness: %w", err)
		}
		f.includes = append(f.includes, string(text))
	}
	if !f.has("module") {
		return f, nil
	}
	siblings, err := fs.Glob(files, path.Join(path.Dir(name), "*_FIXTURE.js"))
	for _, each := range siblings {
		if f.fixtures[path.Base(each)], err = fs.ReadFile(files, each); err != nil {
			return f, err
		}
	}
	return f, err
}

// listOf reads a list of the head, written in brackets or one a line.
func listOf(head, key string) []string {
	_, after, found := strings.Cut("\n"+head, "\n"+key+":")
	if !found {
		return nil
	}
	first, rest, _ := strings.Cut(after, "\n")
	if strings.Contains(first, "[") {
		inside, _, _ := strings.Cut(after[strings.Index(after, "[")+1:], "]")
		return nameOnly.FindAllString(inside, -1)
	}
	var out []string
	for line := range strings.SplitSeq(rest, "\n") {
		item, ok := strings.CutPrefix(strings.TrimSpace(line), "- ")
		if !ok {
			break
		}
		out = append(out, strings.TrimSpace(item))
	}
	return out
}

func (f test) has(flag string) bool { return slices.Contains(f.flags, flag) }

// modes are strict or not, as the file is meant for.
func (f test) modes() []bool {
	switch {
	case f.has("onlyStrict"):
		return []bool{true}
	case f.has("noStrict"), f.has("raw"), f.has("module"):
		return []bool{false}
	}
	return []bool{false, true}
}

// host is what the suite wants of whoever runs it.
const host = `
var $262 = { global: globalThis, gc() {}, evalScript(text) { return (0, eval)(text); },
  createRealm() { throw new Test262Error('there is one realm'); }, agent: { start() { throw new Test262Error('there is one agent'); } },
  detachArrayBuffer(buffer) { structuredClone(buffer, { transfer: [buffer] }); } };
var print = function () {};
var suiteEnd, suiteEnded = new Promise(function (yes, no) { suiteEnd = function (error) { if (error === undefined) yes(); else no(error); }; });
function $DONE(error) { suiteEnd(error); }
`

// source makes an agent of the file.
func (f test) source(strict bool) agent.Source {
	var b strings.Builder
	if strict {
		b.WriteString("\"use strict\";\n")
	}
	wait := "undefined"
	if !f.has("raw") {
		b.WriteString(host)
		for _, each := range f.includes {
			b.WriteString(each + "\n")
		}
		b.WriteString("Test262Error.prototype.name = 'Test262Error';\n") // by which an uncaught one is told
		if f.has("async") {
			wait = "suiteEnded"
		}
	}
	b.WriteString(f.text)
	if f.has("module") {
		b.WriteString("\nexport const handler = () => " + wait + ";\n")
	} else {
		b.WriteString("\nmodule.exports = { handler: function () { return " + wait + "; } };\n")
	}
	files := map[string][]byte{"agent.js": []byte(b.String())}
	maps.Copy(files, f.fixtures)
	return agent.Source{Files: files, Entry: "agent.js"}
}

// nobody is a host that does nothing for anyone.
type nobody struct{}

var errNobody = errors.New("nobody is here")

func (nobody) Fetch(context.Context, string, agent.Request) (agent.Response, error) {
	return agent.Response{}, errNobody
}

func (nobody) Connection(context.Context, string) (agent.Connection, error) {
	return agent.Connection{}, errNobody
}
func (nobody) Notify(context.Context, agent.Notification) error { return errNobody }
