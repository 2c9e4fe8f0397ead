package builtin

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1" // #nosec G505 -- offered by the web's own API, for old services
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	_ "embed"
	"encoding/hex"
	"hash"
	"sync"

	"github.com/dop251/goja"
)

//go:embed crypto.js
var cryptoSource string

var cryptoProgram = sync.OnceValue(func() *goja.Program { return goja.MustCompile("builtin", cryptoSource, true) })

// installCrypto gives the part of Web Cryptography that agents use: random
// numbers, digests, and HMAC for signatures of requests.
func installCrypto(vm *goja.Runtime, _ Options) error {
	return group(vm, cryptoProgram, []string{"crypto", "CryptoKey"}, func() natives {
		return natives{
			"random": func(c goja.FunctionCall) goja.Value {
				_, _ = rand.Read(view(vm, c.Argument(0))) // never fails
				return goja.Undefined()
			},
			"uuid": func(goja.FunctionCall) goja.Value { return vm.ToValue(newUUID()) },
			"digest": func(c goja.FunctionCall) goja.Value {
				return sum(vm, hashOf(vm, c.Argument(0).String())(), c.Argument(1))
			},
			"hmac": func(c goja.FunctionCall) goja.Value {
				return sum(vm, hmac.New(hashOf(vm, c.Argument(0).String()), view(vm, c.Argument(1))), c.Argument(2))
			},
			"equal": func(c goja.FunctionCall) goja.Value {
				return vm.ToValue(subtle.ConstantTimeCompare(view(vm, c.Argument(0)), view(vm, c.Argument(1))) == 1)
			},
		}
	})
}

func sum(vm *goja.Runtime, h hash.Hash, data goja.Value) goja.Value {
	_, _ = h.Write(view(vm, data)) // never fails
	return vm.ToValue(vm.NewArrayBuffer(h.Sum(nil)))
}

// newUUID is a random UUID (RFC 9562, version 4).
func newUUID() string {
	var raw [16]byte
	_, _ = rand.Read(raw[:])
	raw[6], raw[8] = raw[6]&0x0F|0x40, raw[8]&0x3F|0x80
	text := hex.EncodeToString(raw[:])
	return text[:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:20] + "-" + text[20:]
}

// hashOf knows the names that the program has checked.
func hashOf(vm *goja.Runtime, name string) func() hash.Hash {
	switch name {
	case "SHA-1":
		return sha1.New
	case "SHA-256":
		return sha256.New
	case "SHA-384":
		return sha512.New384
	case "SHA-512":
		return sha512.New
	}
	panic(newException(vm, "NotSupportedError", "Unrecognized algorithm name"))
}
