package paths

import (
	"os"
	"strconv"
	"strings"
	"time"

	"pie/backend/fault"
)

// Environment is what the program takes from its environment.
type Environment struct {
	KeySource      string // PIE_KEY_SOURCE: keyring, passphrase or keyfile; used when a vault is made
	PassphraseFile string // PIE_PASSPHRASE_FILE
	KeyFile        string // PIE_KEY_FILE
	LoopbackPort   int    // PIE_LOOPBACK_PORT; 0 when not set
	Display        string // DISPLAY or WAYLAND_DISPLAY
	TimeZone       string // IANA name
	Shell          []string
}

// Env reads the environment. Fault: invalid for a value that makes no sense.
func Env() (Environment, error) {
	env := Environment{
		KeySource:      variable("PIE_KEY_SOURCE"),
		PassphraseFile: variable("PIE_PASSPHRASE_FILE"),
		KeyFile:        variable("PIE_KEY_FILE"),
		Display:        variable("WAYLAND_DISPLAY"),
		TimeZone:       timeZone(),
		Shell:          os.Environ(),
	}
	if env.Display == "" {
		env.Display = variable("DISPLAY")
	}
	switch env.KeySource {
	case "", "keyring", "passphrase", "keyfile":
	default:
		return env, fault.New(fault.Invalid, "PIE_KEY_SOURCE names no key source.", "Use keyring, passphrase or keyfile.")
	}
	if text := variable("PIE_LOOPBACK_PORT"); text != "" {
		port, err := strconv.Atoi(text)
		if err != nil || port < 1 || port > 65535 {
			return env, fault.New(fault.Invalid, "PIE_LOOPBACK_PORT is no port.", "Use a number from 1 to 65535.")
		}
		env.LoopbackPort = port
	}
	return env, nil
}

func variable(name string) string {
	return os.Getenv(name) //nolint:forbidigo // this package is the one to ask
}

// timeZone is the IANA name of the person's zone, "UTC" when none can be told.
func timeZone() string {
	if name := variable("TZ"); name != "" {
		if _, err := time.LoadLocation(strings.TrimPrefix(name, ":")); err == nil {
			return strings.TrimPrefix(name, ":")
		}
	}
	if target, err := os.Readlink("/etc/localtime"); err == nil {
		if _, name, found := strings.Cut(target, "zoneinfo/"); found {
			return name
		}
	}
	if name := time.Local.String(); name != "Local" {
		return name
	}
	return "UTC"
}
