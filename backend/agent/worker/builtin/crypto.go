package builtin

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1" // #nosec G505 -- offered by the web's own API, for old services
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"hash"
	"strings"

	"github.com/dop251/goja"
)

// installCrypto gives the part of Web Cryptography that agents use: random
// numbers, digests, and HMAC for signatures of requests.
func installCrypto(vm *goja.Runtime, _ Options) error {
	return lazy(vm, "crypto", func() goja.Value {
		object, inner := vm.NewObject(), vm.NewObject()
		_ = object.Set("getRandomValues", func(c goja.FunctionCall) goja.Value {
			raw := bytesOf(vm, c.Argument(0))
			if len(raw) > 65536 {
				panic(named(vm, "QuotaExceededError", "At most 65,536 random bytes are given at once."))
			}
			_, _ = rand.Read(raw)
			return c.Argument(0)
		})
		_ = object.Set("randomUUID", func(goja.FunctionCall) goja.Value { return vm.ToValue(newUUID()) })
		for name, fn := range map[string]func(*goja.Runtime, goja.FunctionCall) goja.Value{
			"digest": digest, "importKey": importKey, "sign": sign, "verify": verify,
		} {
			_ = inner.Set(name, func(c goja.FunctionCall) goja.Value { return promise(vm, func() goja.Value { return fn(vm, c) }) })
		}
		_ = object.Set("subtle", inner)
		return object
	})
}

// promise settles at once with what fn returns or throws.
func promise(vm *goja.Runtime, fn func() goja.Value) goja.Value {
	p, resolve, reject := vm.NewPromise()
	var value goja.Value
	if thrown := vm.Try(func() { value = fn() }); thrown != nil {
		_ = reject(thrown.Value())
	} else {
		_ = resolve(value)
	}
	return vm.ToValue(p)
}

// newUUID is a random UUID (RFC 9562, version 4).
func newUUID() string {
	const digits = "0123456789abcdef"
	var raw [16]byte
	_, _ = rand.Read(raw[:])
	raw[6], raw[8] = raw[6]&0x0F|0x40, raw[8]&0x3F|0x80
	var b strings.Builder
	for i, c := range raw {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			b.WriteByte('-')
		}
		b.WriteByte(digits[c>>4])
		b.WriteByte(digits[c&15])
	}
	return b.String()
}

// bytesOf is the memory behind an ArrayBuffer or a view; writing to it is
// writing to the view.
func bytesOf(vm *goja.Runtime, value goja.Value) []byte {
	if buffer, ok := value.Export().(goja.ArrayBuffer); ok {
		return buffer.Bytes()
	}
	object, ok := value.(*goja.Object)
	if !ok {
		panic(vm.NewTypeError("Bytes were expected."))
	}
	inner := object.Get("buffer")
	if inner == nil {
		panic(vm.NewTypeError("Bytes were expected."))
	}
	return part(vm, goja.FunctionCall{Arguments: []goja.Value{inner, object.Get("byteOffset"), object.Get("byteLength")}})
}

// algorithm reads "SHA-256" or {name: "SHA-256"}.
func algorithm(vm *goja.Runtime, value goja.Value) func() hash.Hash {
	name := value.String()
	if object, ok := value.(*goja.Object); ok {
		if inner := object.Get("name"); inner != nil {
			name = inner.String()
		}
	}
	switch strings.ToUpper(name) {
	case "SHA-1":
		return sha1.New
	case "SHA-256":
		return sha256.New
	case "SHA-384":
		return sha512.New384
	case "SHA-512":
		return sha512.New
	}
	panic(named(vm, "NotSupportedError", "This algorithm is not supported: "+name))
}

func digest(vm *goja.Runtime, c goja.FunctionCall) goja.Value {
	h := algorithm(vm, c.Argument(0))()
	_, _ = h.Write(bytesOf(vm, c.Argument(1)))
	return vm.ToValue(vm.NewArrayBuffer(h.Sum(nil)))
}

// hmacKey is what importKey gives; the code cannot look into it.
type hmacKey struct {
	raw  []byte
	hash func() hash.Hash
}

func importKey(vm *goja.Runtime, c goja.FunctionCall) goja.Value {
	if c.Argument(0).String() != "raw" {
		panic(named(vm, "NotSupportedError", "Only raw keys can be imported."))
	}
	options, ok := c.Argument(2).(*goja.Object)
	if !ok || options.Get("name") == nil || strings.ToUpper(options.Get("name").String()) != "HMAC" || options.Get("hash") == nil {
		panic(named(vm, "NotSupportedError", "Only HMAC keys can be imported: { name: 'HMAC', hash: 'SHA-256' }."))
	}
	key := &hmacKey{append([]byte{}, bytesOf(vm, c.Argument(1))...), algorithm(vm, options.Get("hash"))}
	object := vm.NewObject()
	_ = object.Set("type", "secret")
	_ = object.DefineDataPropertySymbol(keySymbol, vm.ToValue(key), goja.FLAG_FALSE, goja.FLAG_FALSE, goja.FLAG_FALSE)
	return object
}

var keySymbol = goja.NewSymbol("key")

func mac(vm *goja.Runtime, c goja.FunctionCall, data int) []byte {
	object, ok := c.Argument(1).(*goja.Object)
	if !ok || object.GetSymbol(keySymbol) == nil {
		panic(vm.NewTypeError("A key from importKey was expected."))
	}
	key, ok := object.GetSymbol(keySymbol).Export().(*hmacKey)
	if !ok {
		panic(vm.NewTypeError("A key from importKey was expected."))
	}
	h := hmac.New(key.hash, key.raw)
	_, _ = h.Write(bytesOf(vm, c.Argument(data)))
	return h.Sum(nil)
}

func sign(vm *goja.Runtime, c goja.FunctionCall) goja.Value {
	return vm.ToValue(vm.NewArrayBuffer(mac(vm, c, 2)))
}

func verify(vm *goja.Runtime, c goja.FunctionCall) goja.Value {
	return vm.ToValue(subtle.ConstantTimeCompare(mac(vm, c, 3), bytesOf(vm, c.Argument(2))) == 1)
}
