package builtin_test

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/dop251/goja"

	"pie/backend/agent/worker/builtin"
)

// FuzzParseJSON holds the parser to the standard library's: they accept the same
// texts and read the same values.
func FuzzParseJSON(f *testing.F) {
	for _, text := range []string{
		`{"a":[1,2.5,-0,1e400,"\u00e9\ud83d\ude00"],"a":null,"__proto__":true}`, `"\ud800"`, `[`, `01`, ` [ ] `, `"\`, `-`, `1e`, `{"a"`, "\"\xff\"", `{"":{}}`, `123456789012345678`, `nul`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		vm := goja.New()
		var want any
		wantErr := json.Unmarshal([]byte(text), &want)
		got, err := builtin.ParseJSON(vm, text)
		if infinite := wantErr != nil && strings.Contains(wantErr.Error(), "cannot unmarshal number"); infinite {
			if err != nil {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("%q: %v, the standard library says %v", text, err, wantErr)
		}
		if err != nil || !utf8.ValidString(text) || strings.Contains(text, `\u`) {
			return // halves of characters are kept here and not there
		}
		if exported := plain(got.Export()); !reflect.DeepEqual(exported, want) {
			t.Fatalf("%q: %#v, the standard library says %#v", text, exported, want)
		}
	})
}

// plain has all numbers as float64.
func plain(value any) any {
	switch v := value.(type) {
	case int64:
		return float64(v)
	case float64:
		if v == 0 && math.Signbit(v) {
			return math.Copysign(0, -1)
		}
	case []any:
		for i := range v {
			v[i] = plain(v[i])
		}
	case map[string]any:
		for key := range v {
			v[key] = plain(v[key])
		}
	}
	return value
}

// FuzzURL looks for panics, and for addresses that are not the same once they are
// read again.
func FuzzURL(f *testing.F) {
	for _, text := range []string{
		"http://u:p@x:80/a/../b?c#d", "file:///C|/x", "foo:bar", "//x", "http://[::1]:8/", "http://1.2.3/", "http://ü/", "\\\\x", "http://%41", "a:/..//b", "?x", "#", "http://a@b@c", "xn--a.b", "data:,x",
	} {
		f.Add(text, "http://h/a/b", "x:1/y")
	}
	vm := newRuntime(f)
	check, err := vm.RunString(`((text, base, part) => {
		let u;
		try { u = new URL(text, base); } catch (e) { return e.code === 'ERR_INVALID_URL' ? '' : String(e); }
		const again = new URL(u.href);
		if (again.href !== u.href) return u.href + ' is read as ' + again.href;
		u.searchParams.append(part, part);
		for (const name of ['protocol', 'username', 'password', 'host', 'hostname', 'port', 'pathname', 'search', 'hash']) {
			u[name] = part;
			if (typeof u.href !== 'string') return name;
		}
		return '';
	})`)
	if err != nil {
		f.Fatal(err)
	}
	call, _ := goja.AssertFunction(check)
	f.Fuzz(func(t *testing.T, text, base, part string) {
		out, err := call(goja.Undefined(), vm.ToValue(text), vm.ToValue(base), vm.ToValue(part))
		if err != nil || out.String() != "" {
			t.Fatalf("%q, %q: %v, %v", text, base, out, err)
		}
	})
}

// FuzzBytes takes texts through every encoding of Buffer and the decoders.
func FuzzBytes(f *testing.F) {
	for _, text := range []string{"", "a", "YQ==", "é€😀", "48656c6c6f", "\xff\xfe", "a=b=c", "-_", "\ud7ff"} {
		f.Add(text)
	}
	vm := newRuntime(f)
	check, err := vm.RunString(`((text) => {
		for (const encoding of ['utf8', 'hex', 'base64', 'base64url', 'latin1', 'ascii', 'utf16le']) {
			const b = Buffer.from(text, encoding);
			if (Buffer.byteLength(text, encoding) !== b.length) return encoding + ' length';
			if (encoding !== 'ascii' && encoding !== 'utf8' && !Buffer.from(b.toString(encoding), encoding).equals(b)) return encoding;
			for (const label of ['utf-8', 'utf-16le', 'utf-16be', 'latin1']) {
				const d = new TextDecoder(label), once = new TextDecoder(label).decode(b);
				let parts = '';
				for (let i = 0; i < b.length; i++) parts += d.decode(b.subarray(i, i + 1), { stream: true });
				parts += d.decode();
				if (parts !== once) return label + ': ' + JSON.stringify([parts, once]);
			}
		}
		try { if (btoa(atob(text)).length % 4 !== 0) return 'base64'; } catch (e) { if (e.name !== 'InvalidCharacterError') return String(e); }
		return '';
	})`)
	if err != nil {
		f.Fatal(err)
	}
	call, _ := goja.AssertFunction(check)
	f.Fuzz(func(t *testing.T, text string) {
		out, err := call(goja.Undefined(), vm.ToValue(text))
		if err != nil || out.String() != "" {
			t.Fatalf("%q: %v, %v", text, out, err)
		}
	})
}

// FuzzIntl looks for panics in patterns, languages and options.
func FuzzIntl(f *testing.F) {
	f.Add("de", "EUR", "Europe/Berlin", 1234.5, `\p{L}+`)
	f.Add("xx-YY", "x", "+01:00", -1e-7, `[\p{Emoji}`)
	f.Add("ja", "JPY", "utc", 1e300, `\p{`)
	vm := newRuntime(f)
	check, err := vm.RunString(`((tag, code, timeZone, n, pattern) => {
		const tries = [
			() => n.toLocaleString(tag), () => n.toLocaleString(tag, { style: 'currency', currency: code }), () => n.toLocaleString(tag, { notation: 'compact' }),
			() => n.toLocaleString(tag, { maximumSignificantDigits: 3, style: 'percent' }), () => n.toLocaleString(tag, { notation: 'engineering', minimumFractionDigits: 2 }),
			() => new Date(n).toLocaleString(tag, { timeZone, dateStyle: 'full', timeStyle: 'full' }), () => new Date(n).toLocaleString(tag, { timeZone, weekday: 'narrow', hour: '2-digit', timeZoneName: 'short' }),
			() => tag.localeCompare(code), () => tag.localeCompare(code, 'de', { sensitivity: 'case', numeric: true }), () => new RegExp(pattern, 'u').test(tag), () => new RegExp(pattern, 'iu').source,
		];
		for (const each of tries) {
			try { each(); } catch (e) { if (!(e instanceof RangeError || e instanceof TypeError || e instanceof SyntaxError)) return String(e); }
		}
		return '';
	})`)
	if err != nil {
		f.Fatal(err)
	}
	call, _ := goja.AssertFunction(check)
	f.Fuzz(func(t *testing.T, tag, code, zone string, n float64, pattern string) {
		out, err := call(goja.Undefined(), vm.ToValue(tag), vm.ToValue(code), vm.ToValue(zone), vm.ToValue(n), vm.ToValue(pattern))
		if err != nil || out.String() != "" {
			t.Fatalf("%q %q %q %v %q: %v, %v", tag, code, zone, n, pattern, out, err)
		}
	})
}
