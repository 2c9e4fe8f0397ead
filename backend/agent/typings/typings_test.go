package typings_test

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"pie/backend/agent"
	"pie/backend/agent/typings"
	"pie/backend/agent/worker"
	"pie/backend/history"
)

// TestMain lets the test binary be its own worker, as the program is.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "worker" {
		os.Exit(worker.Main())
	}
	os.Exit(m.Run())
}

// TestWritten holds the file to the definitions; UPDATE=1 writes it again.
func TestWritten(t *testing.T) {
	t.Parallel()
	if os.Getenv("UPDATE") != "" { //nolint:forbidigo // set by make gen
		if err := os.WriteFile("agent.d.ts", []byte(typings.Write()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(typings.TypeScript(), typings.Write()); diff != "" {
		t.Errorf("agent.d.ts is not what make gen writes:\n%s", diff)
	}
}

// host answers everything with something.
type host struct{}

func (host) Fetch(context.Context, string, agent.Request) (agent.Response, error) {
	return agent.Response{OK: true, Status: 200, Body: []byte("{}"), Headers: map[string]string{}}, nil
}

func (host) Connection(context.Context, string) (agent.Connection, error) {
	return agent.Connection{Connected: true, Account: &agent.Account{}}, nil
}

func (host) Notify(context.Context, agent.Notification) error { return nil }

func (host) Call(context.Context, agent.Call) (agent.Reply, error) {
	return agent.Reply{Value: map[string]any{}}, nil
}

// walk is an agent that tells the names of what it got.
const walk = `
const names = (value) => Object.getOwnPropertyNames(value).filter((name) => name !== 'length' && name !== 'name' && name !== 'prototype').sort();
module.exports = { handler: async (input, context) => ({
  Context: names(context),
  Connection: names(context.oauth),
  ConnectionInfo: names(await context.oauth.getConnection()),
  FetchResponse: names(await context.fetch('https://a.test/')),
  User: names(context.user),
  Files: names(context.files),
  FileContent: names(await context.files.read('x')),
  AI: names(context.ai),
  Tasks: names(context.tasks),
  globals: Object.getOwnPropertyNames(globalThis).sort(),
  absent: await Promise.all(input.absent.map((name) => context[name]().catch((error) => error.message))),
}) };`

// TestTheWorkerHandsOutTheSame walks over what a real run gets.
func TestTheWorkerHandsOutTheSame(t *testing.T) {
	t.Parallel()
	r := agent.NewRunner(agent.Options{})
	t.Cleanup(func() { _ = r.Close() })
	absent := []string{}
	for _, m := range typings.Absent() {
		absent = append(absent, m.Name)
	}
	input, err := json.Marshal(map[string]any{"absent": absent})
	if err != nil {
		t.Fatal(err)
	}
	out := r.Run(t.Context(), agent.Job{Agent: "walk", Code: walk, Input: input, Services: []string{"default"}, Calls: host{}}, host{})
	if out.Status != history.OK {
		t.Fatalf("%+v", out.Error)
	}
	var got map[string][]string
	if err := json.Unmarshal(out.Result, &got); err != nil {
		t.Fatal(err)
	}
	for _, each := range typings.Interfaces() {
		want := []string{}
		for _, m := range each.Members {
			want = append(want, m.Name)
		}
		slices.Sort(want)
		if each.Name == "FileContent" { // what is known of the file comes from the host
			want = []string{"arrayBuffer", "base64", "json", "text"}
		}
		if names, walked := got[each.Name]; walked {
			if diff := cmp.Diff(names, want); diff != "" {
				t.Errorf("%s: in the worker, declared:\n%s", each.Name, diff)
			}
		}
	}
	for i, message := range got["absent"] {
		if !strings.Contains(message, "not available on the desktop") {
			t.Errorf("%s: %s", absent[i], message)
		}
	}
	compareGlobals(t, got["globals"])
}

// compareGlobals holds the declared globals to those there are beside the
// language's own.
func compareGlobals(t *testing.T, there []string) {
	t.Helper()
	language := strings.Fields(`AggregateError Array ArrayBuffer BigInt BigInt64Array BigUint64Array Boolean DataView Date Error EvalError
		FinalizationRegistry Float32Array Float64Array Function Infinity Int16Array Int32Array Int8Array Intl Iterator JSON Map Math NaN Number
		Object Promise Proxy RangeError ReferenceError Reflect RegExp Set String Symbol SyntaxError TypeError URIError Uint16Array Uint32Array
		Uint8Array Uint8ClampedArray WeakMap WeakRef WeakSet decodeURI decodeURIComponent encodeURI encodeURIComponent escape eval globalThis
		isFinite isNaN parseFloat parseInt undefined unescape GoError`)
	want := []string{}
	for _, match := range regexp.MustCompile(`(?m)^declare (?:const|class) (\w+)`).FindAllStringSubmatch(typings.Write(), -1) {
		if match[1] != "module" && match[1] != "exports" {
			want = append(want, match[1])
		}
	}
	slices.Sort(want)
	there = slices.DeleteFunc(there, func(name string) bool { return slices.Contains(language, name) })
	if diff := cmp.Diff(there, want); diff != "" {
		t.Errorf("globals in the worker, declared:\n%s", diff)
	}
}

// TestItTypeChecks compiles code against the declarations with the compiler of
// the page, where that is installed.
func TestItTypeChecks(t *testing.T) {
	t.Parallel()
	tsc, err := filepath.Abs("../../../frontend/node_modules/typescript/bin/tsc")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(tsc); err != nil {
		t.Skip("the TypeScript compiler is not here; make test installs it with the page")
	}
	dir := t.TempDir()
	for name, text := range map[string]string{
		typings.FileName: typings.TypeScript(),
		"tsconfig.json":  typings.TSConfig(),
		"agent.ts": "export async function handler(input: { q: string }, context: Context): Promise<Result> {\n" +
			"  const response = await context.oauth.fetch(new URL('https://a.test/'), { headers: { Accept: 'x' } });\n" +
			"  for await (const each of [context.files.list()]) console.log(each.length, Buffer.from('x').toString('hex'));\n" +
			"  await context.notify('x', { title: crypto.randomUUID() });\n" +
			"  return { q: input.q, n: response.status, items: await response.json() };\n}\n",
		"wrong.ts": "export const handler = (input: object, context: Context) => context.fetsh('x');\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), "node", tsc, "--project", dir)
	out, err := cmd.CombinedOutput()
	if err == nil || strings.Count(string(out), "error TS") != 1 || !strings.Contains(string(out), "wrong.ts") || !strings.Contains(string(out), "fetsh") {
		t.Errorf("%v\n%s", err, out)
	}
}
