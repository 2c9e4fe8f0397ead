// Package fault is the vocabulary of everything that can go wrong.
//
// A fault has a code for programs, one whole sentence for a person, and a hint
// that says what to do. The chain of causes stays inside for the log and never
// reaches a person. Make a fault where its meaning is known; elsewhere wrap
// with fmt.Errorf("sealing record: %w", err).
package fault

import (
	"context"
	"errors"
)

// Code names a kind of fault. It is part of the contract with scripts.
type Code string

// The whole vocabulary. A face maps each to an exit code and a presentation.
const (
	Invalid   Code = "invalid"   // the input or the manifest is wrong
	NotFound  Code = "not_found" // no such agent, connection or provider
	Conflict  Code = "conflict"  // it exists already, or state forbids it
	Denied    Code = "denied"    // the person, the provider or a rule said no
	Canceled  Code = "canceled"  // the person stopped it
	Reconnect Code = "reconnect" // the grant is dead, only a person can renew it
	Locked    Code = "locked"    // the vault cannot be opened
	InUse     Code = "in_use"    // another process holds the file or the port
	Offline   Code = "offline"   // no network, or the server is failing
	Limited   Code = "limited"   // a rate, time or size limit
	Script    Code = "script"    // the agent's code threw or reported an error
	Internal  Code = "internal"  // everything else
)

// Codes lists the vocabulary in its documented order.
func Codes() []Code {
	return []Code{
		Invalid, NotFound, Conflict, Denied, Canceled, Reconnect,
		Locked, InUse, Offline, Limited, Script, Internal,
	}
}

// Error is a fault. Message and Hint hold nothing secret; Err is for the log.
type Error struct {
	Code    Code
	Message string
	Hint    string
	Err     error
}

// Problem is the shape of a fault that people and scripts see.
type Problem struct {
	Code    Code   `json:"code"`
	Message string `json:"message"`
	Hint    string `json:"hint"`
}

// New makes a fault. message is a whole sentence, hint says what to do.
func New(code Code, message, hint string) *Error {
	return &Error{Code: code, Message: message, Hint: hint}
}

// Wrap makes a fault that keeps err as its cause.
func Wrap(err error, code Code, message, hint string) *Error {
	return &Error{Code: code, Message: message, Hint: hint, Err: err}
}

// Error returns the sentence and, behind it, the chain of causes.
func (e *Error) Error() string {
	if e.Err == nil {
		return e.Message
	}
	return e.Message + ": " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// CodeOf returns the code of the first fault in the chain; "" for nil, canceled
// for a canceled context, limited for a deadline, internal for anything else.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	if errors.Is(err, context.Canceled) {
		return Canceled
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return Limited
	}
	return Internal
}

// Is tells whether err carries the code.
func Is(err error, code Code) bool { return err != nil && CodeOf(err) == code }

// Public returns what a person may see of err; nil for nil. An error that is no
// fault becomes a fixed sentence, so that no Go text or secret leaks.
func Public(err error) *Problem {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return &Problem{Code: e.Code, Message: e.Message, Hint: e.Hint}
	}
	switch code := CodeOf(err); code {
	case Canceled:
		return &Problem{Code: code, Message: "This was stopped before it finished."}
	case Limited:
		return &Problem{Code: code, Message: "This took too long and was stopped.", Hint: "Try again."}
	default:
		return &Problem{
			Code:    Internal,
			Message: "Something went wrong inside PIE Desktop.",
			Hint:    "Try again; if it stays, run pie doctor and look at the log.",
		}
	}
}
