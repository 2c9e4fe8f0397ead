package oauth_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	"pie/backend/fault"
	"pie/backend/oauth"
	"pie/backend/provider"
	"pie/backend/secret"
)

// signs is a provider that signs its callbacks.
var signs = provider.Provider{Name: "Shop", Callback: provider.Callback{HMAC: "hmac"}}

func signature(key, message string) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(message))
	return hex.EncodeToString(mac.Sum(nil))
}

// TestCheckSignature: the first two are the examples that the service publishes.
func TestCheckSignature(t *testing.T) {
	t.Parallel()
	const (
		plain  = "code=0907a61c0c8d55e99db179b68161bc00&shop=some-shop.myshopify.com&timestamp=1337178173"
		stated = "code=0907a61c0c8d55e99db179b68161bc00&shop=some-shop.myshopify.com&state=0.6784241404160823&timestamp=1337178173"
		first  = "&hmac=4712bf92ffc2917d15a2f5a273e39f0116667419aa4b6ac0b3baaf26fa3c4d20"
		second = "&hmac=700e2dadb827fcc8609e9d5ce208b2e9cdaab9df07390d2cbca10d7c328fc4bf"
	)
	cases := map[string]struct {
		query string
		key   string
		good  bool
	}{
		"published":                 {plain + first, "hush", true},
		"published with state":      {stated + second, "hush", true},
		"in another order":          {"timestamp=1337178173" + first + "&shop=some-shop.myshopify.com&code=0907a61c0c8d55e99db179b68161bc00", "hush", true},
		"in capitals":               {strings.ToUpper(first[1:5]) + "=x&" + plain + first, "hush", false},
		"another secret":            {plain + first, "hush2", false},
		"no secret":                 {plain + "&hmac=" + signature("", plain), "", false},
		"another code":              {strings.Replace(plain, "0907", "0908", 1) + first, "hush", false},
		"another shop":              {strings.Replace(plain, "some-shop", "evil-shop", 1) + first, "hush", false},
		"one more parameter":        {plain + "&x=1" + first, "hush", false},
		"one less":                  {strings.Replace(plain, "&timestamp=1337178173", "", 1) + first, "hush", false},
		"without":                   {plain, "hush", false},
		"empty":                     {plain + "&hmac=", "hush", false},
		"shorter":                   {plain + first[:len(first)-2], "hush", false},
		"no hex":                    {plain + first[:len(first)-2] + "zz", "hush", false},
		"twice":                     {plain + first + first, "hush", false},
		"a value signed as sent":    {"code=a&host=YS9i%3D&hmac=" + signature("k", "code=a&host=YS9i%3D"), "k", true},
		"a value signed as read":    {"code=a&host=YS9i%3D&hmac=" + signature("k", "code=a&host=YS9i="), "k", true},
		"what ends a value is kept": {"code=a&host=%26x%3D1&hmac=" + signature("k", "code=a&host=&x=1"), "k", false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cb, err := oauth.ParseCallback("https://localhost/api/oauth/plugin/shop/callback?" + c.query)
			if err != nil {
				t.Fatal(err)
			}
			err = cb.CheckSignature(signs, oauth.Client{ID: "id", Secret: secret.New(c.key)})
			if c.good && err != nil || !c.good && !fault.Is(err, fault.Denied) {
				t.Errorf("got %v", err)
			}
			if cb.CheckSignature(provider.Provider{}, oauth.Client{}) != nil {
				t.Error("a provider that signs nothing is asked for a signature")
			}
		})
	}
}

// FuzzCheckSignature: whatever comes is judged without a panic, and nothing is good
// that was not signed with the secret.
func FuzzCheckSignature(f *testing.F) {
	f.Add("code=a&hmac=00")
	f.Add("hmac=%zz&&=&a=%")
	f.Fuzz(func(t *testing.T, query string) {
		cb, err := oauth.ParseCallback("https://localhost/api/oauth/plugin/shop/callback?" + query)
		if err != nil {
			return
		}
		if cb.CheckSignature(signs, oauth.Client{ID: "id", Secret: secret.New("a secret that no input knows")}) == nil {
			t.Errorf("%q is taken as signed", query)
		}
	})
}
