package backend

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"pie/backend/automation"
	"pie/backend/history"
	"pie/backend/inbox"
)

// tell brings a trouble of an automation to the person: into the inbox where that
// is open, and on the desktop outside quiet hours.
func (b *Backend) tell(id, trouble string) {
	agent, _, _ := strings.Cut(id, "/")
	title, text := troubleText(b.nameOf(agent), trouble)
	b.hooks.Go(func() {
		ctx, kept := context.WithoutCancel(b.life), false
		if now := time.Now().UTC(); b.unlocked() {
			m := inbox.Message{ID: history.NewID(now), Agent: agent, At: now, Title: title, Text: text}
			if err := b.Inbox.Add(ctx, m); err == nil {
				kept = true
				b.options.Notify("inbox", m.ID)
			}
		}
		if !b.hours.Hold(agent, kept) {
			b.show(ctx, title, text)
		}
	})
}

func troubleText(name, trouble string) (title, text string) {
	switch trouble {
	case automation.TroubleSignIn:
		return name + " needs you to sign in", "It cannot run by itself until its account is connected again."
	case automation.TroubleLocked:
		return name + " waits for you", "The vault is locked. Unlock it, and what is due runs."
	case automation.TroubleTasks:
		return name + " plans work for later", "It would run by itself, at times that it chose. Nothing of it runs until you turn that on."
	case automation.TroubleAsk:
		return name + " was not run again", "It may have changed something before it stopped. See what it sent, and say whether it is to run again."
	}
	return name + " failed twice", "Two runs in a row did not end well. History says why."
}

// surroundings are the computer's, as far as automations care.
func (b *Backend) surroundings() automation.Surroundings {
	if b.options.Surroundings != nil {
		return b.options.Surroundings
	}
	return b.desktop
}

// heed remembers whether the last server that answered could not do it now.
func (d *desk) heed(status int, headers map[string]string) {
	if status == 0 {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.refused, d.after = false, 0
	switch status {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		d.refused, d.after = true, retryAfter(headers["retry-after"], time.Now())
	}
}

// heard is what is to be known of a run before it may be tried again: whether a
// server could not, when it wants to be asked again, and whether other agents
// were called, who may have done anything, or tasks made, which are there now.
func (d *desk) heard() (refused bool, after time.Duration, called bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.refused, d.after, d.calls > 0 || d.plans > 0
}

// retryAfter reads a number of seconds or a date (RFC 9110, section 10.2.3), zero
// when it is neither.
func retryAfter(text string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseInt(strings.TrimSpace(text), 10, 32); err == nil && seconds > 0 {
		return time.Duration(seconds) * time.Second
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	return max(0, at.Sub(now))
}
