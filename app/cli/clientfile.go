package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"

	"pie/backend/fault"
)

// clientParams carries an app over the private socket. It lives for one call.
type clientParams struct {
	Provider     string `json:"provider"`
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret"`
	NoCheck      bool   `json:"no_check"`
}

// clientFile is what add reads: the two fields, or the file that some consoles
// hand out, which has them inside installed or web among others.
type clientFile struct {
	ClientID     string          `json:"client_id"`
	ClientSecret string          `json:"client_secret"`
	Installed    json.RawMessage `json:"installed"`
	Web          json.RawMessage `json:"web"`
}

// readClient reads an app from JSON. A field that nobody knows is refused: it is
// more likely a slip than meant. The fault never quotes what was read. Fault: invalid.
func readClient(raw []byte) (clientParams, error) {
	var file clientFile
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&file); err != nil {
		return clientParams{}, notAClient()
	}
	if err := decoder.Decode(new(json.RawMessage)); !errors.Is(err, io.EOF) {
		return clientParams{}, notAClient()
	}
	for _, inner := range []json.RawMessage{file.Installed, file.Web} {
		if inner == nil {
			continue
		}
		var known struct {
			ClientID     string `json:"client_id"`
			ClientSecret string `json:"client_secret"`
		}
		if json.Unmarshal(inner, &known) != nil || file.ClientID != "" {
			return clientParams{}, notAClient()
		}
		file.ClientID, file.ClientSecret = known.ClientID, known.ClientSecret
	}
	if file.ClientID == "" {
		return clientParams{}, notAClient()
	}
	return clientParams{ClientID: file.ClientID, ClientSecret: file.ClientSecret}, nil
}

func notAClient() error {
	return fault.New(fault.Invalid, "There is no app on standard input that could be read.",
		`Hand it in as JSON: {"client_id":"…","client_secret":"…"}, or the file that the service's console hands out.`)
}
