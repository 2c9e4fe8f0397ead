// Package receipt says in plain words what a connection was used for, from the
// requests that were written down: how often it read and wrote, where and when
// last, and which of the scopes that it was given nothing was seen to need.
//
// It says what was seen and no more. Which scope a request needs only the service
// knows; where neither the request nor the catalogue tells, the receipt says that
// it cannot be told. The package keeps nothing and sends nothing.
package receipt

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"time"

	"pie/backend/history"
	"pie/backend/provider"
)

// idleTime is how long an unused connection goes without a word.
const idleTime = 30 * 24 * time.Hour

// Input is what a receipt is made from.
type Input struct {
	Provider    provider.Provider
	Granted     []string                                // scopes
	Rows        []history.AuditRow                      // of the one connection, newest first
	Reads       func(method string, path *url.URL) bool // what counts as a read
	ConnectedAt time.Time
	Now         time.Time
	Zone        *time.Location
	Command     string // that ends the connection
}

// Host is what was asked of one host.
type Host struct {
	Host   string `json:"host"`
	Reads  int    `json:"reads"`
	Writes int    `json:"writes"`
}

// Scope is a scope in words.
type Scope struct {
	ID    string `json:"id"`
	Label string `json:"label"`
	Risk  string `json:"risk"`
}

// Receipt is what was seen of one connection. Counts are of requests of agents;
// what the program asks by itself, to see whose account it is, is in Checks.
type Receipt struct {
	Text      string     `json:"text"` // a sentence or two
	Reads     int        `json:"reads"`
	Writes    int        `json:"writes"`
	Failed    int        `json:"failed"`  // of those: refused by the service, or not answered
	Blocked   int        `json:"blocked"` // never sent
	Checks    int        `json:"checks"`
	Hosts     []Host     `json:"hosts"` // most used first
	LastRead  *time.Time `json:"last_read"`
	LastWrite *time.Time `json:"last_write"`
	Unused    []Scope    `json:"unused"`      // given, and nothing seen that needs it
	ReadOnly  []Scope    `json:"read_only"`   // given for more than reading, and only reading seen
	CannotSay []Scope    `json:"cannot_tell"` // neither used nor unused for certain
	Nudge     string     `json:"nudge"`       // what to consider, "" when nothing
}

// Make makes the receipt.
func Make(in Input) Receipt {
	out := Receipt{Hosts: []Host{}, Unused: []Scope{}, ReadOnly: []Scope{}, CannotSay: []Scope{}}
	seen := []request{}
	for _, row := range in.Rows {
		switch {
		case row.Run == "":
			out.Checks++
		case row.Decision != "sent":
			out.Blocked++
		default:
			r := in.request(row)
			out.count(row, r)
			seen = append(seen, r)
		}
	}
	slices.SortStableFunc(out.Hosts, func(a, b Host) int { return cmp.Compare(b.Reads+b.Writes, a.Reads+a.Writes) })
	out.scopes(in, seen)
	out.Text, out.Nudge = in.words(out), in.nudge(out)
	return out
}

// request is one request that was sent.
type request struct {
	host, path string
	read       bool
}

func (in Input) request(row history.AuditRow) request {
	u, err := url.Parse("https://" + row.Host + row.Path)
	if err != nil {
		u = &url.URL{Scheme: "https", Host: row.Host, Path: row.Path}
	}
	return request{row.Host, u.Path, in.Reads(row.Method, u)}
}

func (r *Receipt) count(row history.AuditRow, q request) {
	at := slices.IndexFunc(r.Hosts, func(h Host) bool { return h.Host == q.host })
	if at < 0 {
		r.Hosts, at = append(r.Hosts, Host{Host: q.host}), len(r.Hosts)
	}
	if row.Status == 0 || row.Status >= http.StatusBadRequest {
		r.Failed++
	}
	if q.read {
		r.Reads++
		r.Hosts[at].Reads++
		r.LastRead = later(r.LastRead, row.At)
		return
	}
	r.Writes++
	r.Hosts[at].Writes++
	r.LastWrite = later(r.LastWrite, row.At)
}

func later(t *time.Time, other time.Time) *time.Time {
	if t == nil || other.After(*t) {
		return &other
	}
	return t
}
