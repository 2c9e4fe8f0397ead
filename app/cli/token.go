package cli

import (
	"encoding/json"
	"strings"

	"pie/app"
	"pie/backend/fault"
)

// tokenParams carries a token over the private socket. It lives for one call.
type tokenParams struct {
	Agent   string            `json:"agent"`
	Service string            `json:"service"`
	Account string            `json:"account"`
	Params  map[string]string `json:"params"`
	Token   string            `json:"token"`
}

// connectToken keeps a personal token. Its lines of JSON are those of a sign-in.
func (f *face) connectToken(q tokenParams) error {
	s := &signIn{face: f}
	if f.io.InIsTTY && !f.json {
		f.tokenSteps(q)
	}
	value, err := f.readSecret("Token: ")
	if fault.Is(err, fault.Invalid) {
		err = fault.Wrap(err, fault.Invalid, "There is no token on standard input.", "Hand it in like this: pie connect AGENT --token < file")
	}
	if err != nil {
		return s.ended(result{err: err})
	}
	q.Token = value.Reveal()
	var raw json.RawMessage
	err = f.call("Asking the service…", "Connections.ConnectToken", q, &raw)
	return s.ended(result{raw, err})
}

// tokenSteps says how a token is made, where the catalogue knows.
func (f *face) tokenSteps(q tokenParams) {
	var sheet app.ConnectSheet
	ref := app.ConnectionRef{Agent: q.Agent, Service: q.Service, Account: q.Account}
	if f.call("", "Connections.Preview", ref, &sheet) != nil {
		return // keeping the token says what is wrong
	}
	if sheet.Provider.TokenURL != nil {
		f.say("Make a token at %s", cell(*sheet.Provider.TokenURL))
	}
	for i, step := range sheet.Provider.TokenSteps {
		f.say("%2d. %s", i+1, cell(step))
	}
	f.say("It goes to no other place than %s.", cell(strings.Join(sheet.Hosts, ", ")))
	f.added(sheet.Provider)
}
