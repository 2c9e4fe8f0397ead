package oauth

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"slices"
	"strings"

	"pie/backend/fault"
	"pie/backend/provider"
)

// CheckSignature holds a callback against the signature that the provider puts on
// it, where its file says so: the parameter callback.hmac is the HMAC-SHA256 in hex,
// under the client's secret, of all other parameters in order. It is compared in
// constant time. Fault: denied.
func (cb Callback) CheckSignature(p provider.Provider, c Client) error {
	if p.Callback.HMAC == "" {
		return nil
	}
	unsigned := fault.New(fault.Denied, "The link is not signed as "+p.Name+" signs it, so nothing was exchanged.",
		"Start again, and copy the whole address. If it happens again, compare the client secret with the one at the service's console.")
	given, pairs := cutSignature(cb.query.Reveal(), p.Callback.HMAC)
	want, err := hex.DecodeString(given)
	if err != nil || len(want) != sha256.Size || c.Secret.IsEmpty() {
		return unsigned
	}
	// Whether the texts are signed as they are sent or as they read is told in two
	// ways. They differ only where a text holds more than letters and digits, and
	// neither can be made without the secret.
	asSent, asRead := signatureOf(pairs, c), signatureOf(read(pairs), c)
	if !hmac.Equal(asSent, want) && !hmac.Equal(asRead, want) {
		return unsigned
	}
	return nil
}

// cutSignature takes the one signature out of a query; "" when there is none, or
// more than one.
func cutSignature(query, name string) (given string, pairs []string) {
	found := 0
	for pair := range strings.SplitSeq(query, "&") {
		if value, ok := strings.CutPrefix(pair, name+"="); ok {
			given = value
			found++
			continue
		}
		pairs = append(pairs, pair)
	}
	if found != 1 {
		return "", nil
	}
	return given, pairs
}

// read are the pairs without their encoding, but for what would end a name or a value.
func read(pairs []string) []string {
	value := strings.NewReplacer("%", "%25", "&", "%26")
	name := strings.NewReplacer("%", "%25", "&", "%26", "=", "%3D")
	out := make([]string, 0, len(pairs))
	for _, pair := range pairs {
		k, v, _ := strings.Cut(pair, "=")
		k, errK := url.QueryUnescape(k)
		v, errV := url.QueryUnescape(v)
		if errK != nil || errV != nil {
			return nil
		}
		out = append(out, name.Replace(k)+"="+value.Replace(v))
	}
	return out
}

func signatureOf(pairs []string, c Client) []byte {
	pairs = slices.Clone(pairs)
	slices.Sort(pairs)
	mac := hmac.New(sha256.New, []byte(c.Secret.Reveal()))
	_, _ = mac.Write([]byte(strings.Join(pairs, "&"))) // never fails
	return mac.Sum(nil)
}
