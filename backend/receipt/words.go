package receipt

import (
	"fmt"
	"strings"
	"time"
)

// words is the receipt as a sentence or two.
func (in Input) words(r Receipt) string {
	if r.Reads+r.Writes == 0 {
		text := "Nothing was read or written with it yet"
		if r.Blocked > 0 {
			text += "; " + requests(r.Blocked) + " blocked"
		}
		return text + "."
	}
	parts := []string{"read nothing"}
	if r.Reads > 0 {
		parts[0] = "read " + times(r.Reads) + " from " + places(r.Hosts, func(h Host) int { return h.Reads }) + ", last " + in.day(*r.LastRead)
	}
	if r.Writes > 0 {
		parts = append(parts, "wrote "+times(r.Writes)+" to "+places(r.Hosts, func(h Host) int { return h.Writes })+", last "+in.day(*r.LastWrite))
	} else {
		parts = append(parts, "wrote nothing")
	}
	if r.Failed > 0 {
		parts = append(parts, requests(r.Failed)+" refused or not answered by the service")
	}
	if r.Blocked > 0 {
		parts = append(parts, requests(r.Blocked)+" blocked")
	}
	text := strings.Join(parts, "; ") + "."
	return strings.ToUpper(text[:1]) + text[1:]
}

func times(n int) string {
	switch n {
	case 1:
		return "once"
	case 2:
		return "twice"
	}
	return fmt.Sprintf("%d times", n)
}

func requests(n int) string {
	if n == 1 {
		return "one request was"
	}
	return fmt.Sprintf("%d requests were", n)
}

// places names the hosts that count, two of them and how many more.
func places(hosts []Host, counts func(Host) int) string {
	names := []string{}
	for _, h := range hosts {
		if counts(h) > 0 {
			names = append(names, h.Host)
		}
	}
	switch len(names) {
	case 1:
		return names[0]
	case 2:
		return names[0] + " and " + names[1]
	}
	return fmt.Sprintf("%s, %s and %d more", names[0], names[1], len(names)-2)
}

// day is a time as one says it, in the person's zone.
func (in Input) day(t time.Time) string {
	at, now := t.In(in.Zone), in.Now.In(in.Zone)
	date := func(t time.Time) string { return t.Format(time.DateOnly) }
	switch {
	case date(at) == date(now):
		return at.Format("today 15:04")
	case date(at) == date(now.AddDate(0, 0, -1)):
		return at.Format("yesterday 15:04")
	case at.Year() == now.Year():
		return at.Format("2 January 15:04")
	}
	return at.Format("2 January 2006")
}

// nudge is what the person may want to do. Only what was seen counts, so the word
// of a young connection is empty.
func (in Input) nudge(r Receipt) string {
	last := in.ConnectedAt
	for _, t := range []*time.Time{r.LastRead, r.LastWrite} {
		if t != nil && t.After(last) {
			last = *t
		}
	}
	idle := in.Now.Sub(last)
	switch {
	case idle >= idleTime:
		return fmt.Sprintf("Not used for %d days. If you no longer need it, end it: %s", int(idle.Hours()/24), in.Command)
	case in.Now.Sub(in.ConnectedAt) >= idleTime && len(r.Unused) > 0:
		return fmt.Sprintf("In %d days nothing needed: %s. An agent that asks for less would do.", int(in.Now.Sub(in.ConnectedAt).Hours()/24), labels(r.Unused))
	}
	return ""
}

func labels(scopes []Scope) string {
	out := make([]string, len(scopes))
	for i, s := range scopes {
		out[i] = s.Label
	}
	return strings.Join(out, "; ")
}
