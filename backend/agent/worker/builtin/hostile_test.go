package builtin_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/dop251/goja"
)

// TestHostile holds the globals to their bounds: whatever the code does, it gets
// an error of the language.
func TestHostile(t *testing.T) {
	t.Parallel()
	const proxy = `new Proxy(function () {}, { get() { throw new RangeError('trap') }, has() { throw new RangeError('trap') }, ownKeys() { throw new RangeError('trap') }, getPrototypeOf() { throw new RangeError('trap') }, getOwnPropertyDescriptor() { throw new RangeError('trap') } })`
	for name, c := range map[string]struct{ script, want string }{
		"JSON: deep":                        {`JSON.parse('['.repeat(1e6))`, "throws SyntaxError"},
		"JSON: deep objects":                {`JSON.parse('{"a":'.repeat(1e6))`, "throws SyntaxError"},
		"JSON: at the limit":                {`JSON.stringify(JSON.parse('['.repeat(1000) + ']'.repeat(1000))).length`, "2000"},
		"JSON: one more":                    {`JSON.parse('['.repeat(1001) + ']'.repeat(1001))`, "throws SyntaxError"},
		"JSON: reviver ties a knot":         {`JSON.parse('[0,0]', function (k, v) { if (k === '0') this[1] = this; return v })`, "throws RangeError"},
		"JSON: reviver deepens":             {`JSON.parse('[0,0]', function (k, v) { if (k === '0' || k === '1') this[1] = [0, 0]; return v })`, "throws RangeError"},
		"JSON: SyntaxError was replaced":    {`(() => { const S = SyntaxError; globalThis.SyntaxError = 5; try { JSON.parse('x') } catch (e) { return e.name } finally { globalThis.SyntaxError = S } })()`, `"TypeError"`},
		"JSON: SyntaxError calls back":      {`(() => { const S = SyntaxError; globalThis.SyntaxError = function () { JSON.parse('x') }; try { JSON.parse('x') } finally { globalThis.SyntaxError = S } })()`, "stops"},
		"Buffer: too large":                 {`Buffer.alloc(2 ** 40)`, "throws RangeError"},
		"Buffer: old constructor":           {`new Buffer(2 ** 40)`, "throws RangeError"},
		"Buffer: array-like":                {`Buffer.from({ length: 2 ** 40 })`, "throws RangeError"},
		"Buffer: concat":                    {`Buffer.concat([], 2 ** 40)`, "throws RangeError"},
		"Buffer: concat of many":            {`Buffer.concat(new Array(65).fill(Buffer.alloc(2 ** 20)))`, "throws RangeError"},
		"Buffer: text":                      {`Buffer.from('a'.repeat(2 ** 20), 'utf16le').length`, "2097152"},
		"Buffer: long text":                 {`Buffer.from('a'.repeat(2 ** 25 + 1), 'utf16le')`, "throws RangeError"},
		"Buffer: fill with an object":       {`Buffer.alloc(2, { valueOf() { throw new RangeError('x') } })`, "throws RangeError"},
		"Buffer: false length":              {`(() => { const b = Buffer.from('abc'); Object.defineProperty(b, 'length', { value: 1e9 }); return b.toString() })()`, `"abc"`},
		"Buffer: false buffer":              {`(() => { const b = Buffer.from('abc'); Object.defineProperty(b, 'buffer', { value: 5 }); return b.subarray(1).length })()`, "5"},
		"Buffer: proxy":                     {`Buffer.from(` + proxy + `)`, "throws TypeError"},
		"Buffer: equals a proxy":            {`Buffer.from('a').equals(` + proxy + `)`, "throws RangeError"},
		"Buffer: toString of something":     {`Buffer.prototype.toString.call({})`, "throws TypeError"},
		"Buffer: method of an Int16Array":   {`Buffer.prototype.toString.call(new Int16Array(2))`, "throws TypeError"},
		"Buffer: find nothing in nothing":   {`Buffer.alloc(0).indexOf('')`, "0"},
		"Buffer: find far out":              {`[Buffer.from('a').lastIndexOf('a', -1e300), Buffer.from('a').indexOf('a', 1e300), Buffer.from('a').indexOf('a', NaN), Buffer.from('ab').lastIndexOf('abc')]`, "[-1,-1,0,-1]"},
		"TextEncoder: throwing":             {`new TextEncoder().encode({ toString() { throw new RangeError('x') } })`, "throws RangeError"},
		"TextDecoder: proxy":                {`new TextDecoder().decode(` + proxy + `)`, "throws RangeError"},
		"URL: proxy":                        {`new URL(` + proxy + `)`, "throws RangeError"},
		"URL: long":                         {`new URL('http://x/' + '../a/'.repeat(2e5)).pathname.length`, "3"},
		"URL: many at signs":                {`new URL('http://' + '@'.repeat(1e6) + 'x').host`, `"x"`},
		"URL: many dots":                    {`URL.canParse('http://' + '1.'.repeat(1e6))`, "false"},
		"URL: long number":                  {`URL.canParse('http://0x' + 'f'.repeat(1e6))`, "false"},
		"URL: long name":                    {`typeof URL.canParse('http://' + 'ü'.repeat(1e4))`, `"boolean"`},
		"URL: getter on a params":           {`Object.getOwnPropertyDescriptor(URL.prototype, 'host').get.call(new URLSearchParams())`, "throws TypeError"},
		"URLSearchParams: many":             {`new URLSearchParams('a&'.repeat(2e4)).toString().length`, "59999"},
		"URLSearchParams: endless pair":     {`new URLSearchParams([{ [Symbol.iterator]: () => ({ next() { throw new RangeError('x') } }) }])`, "throws RangeError"},
		"clone: deep":                       {`(() => { let a = {}; for (let i = 0; i < 2e4; i++) a = { a }; let b = structuredClone(a), n = 0; for (; b.a; b = b.a) n++; return n })()`, "20000"},
		"clone: deep arrays":                {`(() => { let a = []; for (let i = 0; i < 2e4; i++) a = [a]; return structuredClone(a).length })()`, "1"},
		"clone: false Date":                 {`structuredClone(Object.create(Date.prototype)) instanceof Date`, "false"},
		"clone: false Map":                  {`structuredClone(Object.create(Map.prototype)) instanceof Map`, "false"},
		"clone: false tag":                  {`structuredClone({ [Symbol.toStringTag]: 'Map' }) instanceof Map`, "false"},
		"clone: map that grows":             {`(() => { const m = new Map(); m.set({ get a() { m.set({}, 1); return 1 } }, 1); return structuredClone(m).size })()`, "1"},
		"crypto: proxy":                     {`crypto.subtle.digest('SHA-256', ` + proxy + `)`, "throws RangeError"},
		"crypto: no key":                    {`crypto.subtle.sign('HMAC', {}, new Uint8Array(1))`, "throws TypeError"},
		"crypto: key made by hand":          {`crypto.subtle.sign('HMAC', Object.create(CryptoKey.prototype), new Uint8Array(1))`, "throws TypeError"},
		"crypto: empty":                     {`crypto.getRandomValues(new Uint8Array(0)).length`, "0"},
		"Headers: proxy":                    {`new Headers(` + proxy + `)`, "throws TypeError"},
		"Headers: endless value":            {`new Headers({ a: 'x'.repeat(1e6) + '\n' }).get('a').length`, "1000000"},
		"abort: listener throws":            {`(() => { const c = new AbortController(); let n = 0; c.signal.addEventListener('abort', () => { throw 1 }); c.signal.addEventListener('abort', () => n++); c.abort(); return n })()`, "1"},
		"abort: reasons in a ring":          {`(() => { const c = new AbortController(); c.signal.addEventListener('abort', () => c.abort()); c.abort('x'); return c.signal.reason })()`, `"x"`},
		"number: options are a proxy":       {`(1).toLocaleString('en', ` + proxy + `)`, "throws RangeError"},
		"number: languages are a proxy":     {`(1).toLocaleString(` + proxy + `)`, "throws RangeError"},
		"number: many languages":            {`(1).toLocaleString({ length: 2 ** 53 - 1, 0: 'de' })`, `"1"`},
		"number: largest":                   {`[Number.MAX_VALUE, Number.MIN_VALUE].map((n) => n.toLocaleString('en', { maximumFractionDigits: 100 }).length)`, "[411,1]"},
		"number: largest and compact":       {`Number.MAX_VALUE.toLocaleString('en', { notation: 'compact' }).length > 300`, "true"},
		"number: largest as percent":        {`Number.MAX_VALUE.toLocaleString('de', { style: 'percent' }).length > 300`, "true"},
		"date: largest":                     {`[8.64e15, -8.64e15].map((n) => new Date(n).toLocaleDateString('en-US', { dateStyle: 'full' }))`, `["Saturday, September 13, 275760","Tuesday, April 20, 271822"]`},
		"date: beyond":                      {`new Intl.DateTimeFormat('en-US').format(1e300)`, "throws RangeError"},
		"date: language has strange parts":  {`new Date(0).toLocaleDateString('de-----')`, "throws RangeError"},
		"date: zone is a symbol":            {`new Date(0).toLocaleDateString('de', { timeZone: Symbol('x') })`, "throws TypeError"},
		"Intl: method on something else":    {`Intl.NumberFormat.prototype.formatToParts.call({}, 1)`, "throws TypeError"},
		"Intl: format of a symbol":          {`new Intl.NumberFormat().format(Symbol('x'))`, "throws TypeError"},
		"localeCompare: proxy":              {`'a'.localeCompare('b', undefined, ` + proxy + `)`, "throws RangeError"},
		"localeCompare: halves":             {`'\ud800'.localeCompare('\udc00')`, "0"},
		"RegExp: braces":                    {`[new RegExp('\\p{', 'g').test('p{'), new RegExp('\\p{}x').test('p{}x')]`, "[true,true]"},
		"RegExp: braces with the flag":      {`new RegExp('\\p{', 'u')`, "throws SyntaxError"},
		"RegExp: ends in a backslash":       {`new RegExp('\\p{L}\\', 'u')`, "throws SyntaxError"},
		"RegExp: proxy":                     {`new RegExp(` + proxy + `, 'u')`, "throws RangeError"},
		"iterator: proxy":                   {`Iterator.prototype.map.call(` + proxy + `, (x) => x).next()`, "throws RangeError"},
		"iterator: calls itself":            {`(() => { const it = [1, 2].values().map(() => it.next()); return it.next() })()`, "throws TypeError"},
		"groupBy: endless":                  {`Object.groupBy({ [Symbol.iterator]: () => ({ next() { throw new RangeError('x') } }) }, (x) => x)`, "throws RangeError"},
		"recursion: clone in a getter":      {`(() => { const a = { get b() { return structuredClone(a) } }; return structuredClone(a) })()`, "stops"},
		"recursion: parse in a reviver":     {`(() => { const f = (k, v) => JSON.parse('[1]', f); return JSON.parse('[1]', f) })()`, "stops"},
		"recursion: text of a URL":          {`(() => { const o = { toString() { return new URL(o).href } }; return new URL(o) })()`, "stops"},
		"recursion: options in an option":   {`(() => { const o = { get style() { return (1).toLocaleString('en', o) } }; return (1).toLocaleString('en', o) })()`, "stops"},
		"lazy global: getter from afar":     {`Object.getOwnPropertyDescriptor(globalThis, 'Buffer')?.get?.call(null).name ?? Buffer.name`, `"Buffer"`},
		"Array.prototype methods are gone":  {`(() => { const m = Array.prototype.map; delete Array.prototype.map; try { return new URL('http://x/?a=1').searchParams.get('a') } finally { Array.prototype.map = m } })()`, `"1"`},
		"Object.prototype has a setter":     {`(() => { Object.defineProperty(Object.prototype, 'value', { get() { return 5 }, configurable: true }); try { return JSON.parse('{"a":1}').a } finally { delete Object.prototype.value } })()`, "1"},
		"DOMException was replaced":         {`(() => { globalThis.DOMException = 5; try { atob('*') } catch (e) { return e.name } })()`, `"Error"`},
		"structuredClone without prototype": {`structuredClone(Object.create(null)) instanceof Object`, "true"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			vm := newRuntime(t)
			watch := time.AfterFunc(10*time.Minute, func() { vm.Interrupt("too long") })
			defer watch.Stop()
			got := evaluate(t, vm, c.script)
			if strings.HasPrefix(got, "stops too long") || c.want != "stops" && got != c.want || c.want == "stops" && !strings.HasPrefix(got, "stops") && !strings.HasPrefix(got, "throws") {
				t.Errorf("%s\ngot  %.300s\nwant %s", c.script, got, c.want)
			}
		})
	}
}

// TestInterrupt ends code that runs in the callbacks of the globals.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	for name, script := range map[string]string{
		"reviver":  `JSON.parse('[1]', () => { for (;;); })`,
		"iterator": `(function* () { for (;;) yield 1 })().filter(() => false).next()`,
		"text":     `new URL({ toString() { for (;;); } })`,
		"option":   `(1).toLocaleString('en', { get style() { for (;;); } })`,
		"clone":    `structuredClone({ get a() { for (;;); } })`,
		"listener": `(() => { const t = new EventTarget(); t.addEventListener('x', () => { for (;;); }); t.dispatchEvent(new Event('x')) })()`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			vm := newRuntime(t)
			started := make(chan struct{})
			if err := vm.Set("started", func() { close(started) }); err != nil {
				t.Fatal(err)
			}
			go func() {
				<-started
				vm.Interrupt("stop")
			}()
			_, err := vm.RunString("started(); " + script)
			if stopped, ok := errors.AsType[*goja.InterruptedError](err); !ok || stopped.Value() != "stop" {
				t.Errorf("%v", err)
			}
		})
	}
}
