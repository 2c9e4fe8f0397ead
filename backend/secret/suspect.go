package secret

import (
	"math"
	"regexp"
	"slices"
	"strings"
)

// Suspect is a place in a text that looks like a secret. It holds no part of
// the value itself.
type Suspect struct {
	Kind       string // in words: "a token of GitHub"
	Line       int    // from 1
	Column     int    // in characters, from 1
	Start, End int    // in bytes
}

// KindNamed is the kind of what only its name makes a secret.
const KindNamed = "a value that is named as a secret"

// shape is how the secrets of one service begin. The group, where there is one,
// is the secret.
type shape struct {
	kind string
	form *regexp.Regexp
}

func known(kind, form string) shape { return shape{kind, regexp.MustCompile(form)} }

var shapes = []shape{
	known("a private key", `-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----[A-Za-z0-9+/=\s\\-]*`),
	known("a token of GitHub", `\b(?:gh[opsur]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{40,})`),
	known("a token of GitLab", `\bglpat-[A-Za-z0-9_-]{20,}`),
	known("a token of Slack", `\bx(?:ox[abeprs]|app)-[A-Za-z0-9-]{10,}`),
	known("a webhook of Slack", `https://hooks\.slack\.com/services/T[A-Z0-9]+/[A-Za-z0-9/]+`),
	known("a key of AWS", `\b(?:AKIA|ASIA)[A-Z0-9]{16}\b`),
	known("a key of Google", `\bAIza[A-Za-z0-9_-]{35}`),
	known("a token of Google", `\bya29\.[A-Za-z0-9_-]{20,}`),
	known("a client secret of Google", `\bGOCSPX-[A-Za-z0-9_-]{20,}`),
	known("a key of Stripe", `\b[rs]k_(?:live|test)_[A-Za-z0-9]{16,}`),
	known("a key of a model service", `\bsk-[A-Za-z0-9_-]{20,}`),
	known("a token of Notion", `\b(?:secret_[A-Za-z0-9]{40,}|ntn_[A-Za-z0-9]{40,})`),
	known("a key of SendGrid", `\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}`),
	known("a token of npm", `\bnpm_[A-Za-z0-9]{36}`),
	known("a token of Dropbox", `\bsl\.[A-Za-z0-9_-]{60,}`),
	known("a signed token", `\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}`),
	known("a password in an address", `\bhttps?://[^\s/:@'"$]+:([^\s/@'"$]{3,})@`),
}

// named is a value behind a name that says secret. The name must end there: a
// tokenUrl is none.
var named = regexp.MustCompile(`(?i)(?:secret|token|passw(?:or)?d|api_?key|access_?key|private_?key)["']?\s*[:=]\s*["'` + "`" + `]([^\s"'` + "`" + `$]{12,})["'` + "`" + `]`)

// random is a quoted text without spaces, long enough to be a key.
var random = regexp.MustCompile(`["'` + "`" + `]([A-Za-z0-9+/=_-]{32,256})["'` + "`" + `]`)

// Suspects finds in text what looks like a secret: tokens of known shapes,
// private keys, and, unless knownOnly, values that are named as secrets or look
// random. Places do not overlap and are in order.
func Suspects(text string, knownOnly bool) []Suspect {
	var out []Suspect
	for _, s := range shapes {
		for _, at := range s.form.FindAllStringSubmatchIndex(text, -1) {
			out = append(out, suspect(text, s.kind, at))
		}
	}
	if !knownOnly {
		for _, at := range named.FindAllStringSubmatchIndex(text, -1) {
			if value := text[at[2]:at[3]]; entropy(value) >= 3 && strings.ContainsAny(value, "0123456789") {
				out = append(out, suspect(text, KindNamed, at))
			}
		}
		for _, at := range random.FindAllStringSubmatchIndex(text, -1) {
			if value := text[at[2]:at[3]]; mixed(value) && entropy(value) >= 4.2 {
				out = append(out, suspect(text, "a value that looks random, as keys do", at))
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Suspect) int { return a.Start - b.Start })
	end := 0
	return slices.DeleteFunc(out, func(s Suspect) bool {
		if s.Start < end {
			return true
		}
		end = s.End
		return false
	})
}

func suspect(text, kind string, at []int) Suspect {
	from, until := at[0], at[1]
	if len(at) > 2 {
		from, until = at[2], at[3]
	}
	line, column := Place(text, from)
	return Suspect{kind, line, column, from, until}
}

// Place is the line and the column, in characters, of a byte of text, from 1.
func Place(text string, offset int) (line, column int) {
	before := text[:offset]
	line = 1 + strings.Count(before, "\n")
	return line, 1 + len([]rune(before[strings.LastIndex(before, "\n")+1:]))
}

// mixed: keys hold small letters, capital ones and digits; words and hashes in
// hex do not.
func mixed(text string) bool {
	return strings.ContainsAny(text, "0123456789") && strings.ToLower(text) != text && strings.ToUpper(text) != text
}

// entropy is how much a character tells, in bits.
func entropy(text string) float64 {
	counts := map[rune]float64{}
	for _, c := range text {
		counts[c]++
	}
	total, bits := float64(len([]rune(text))), 0.0
	for _, n := range counts {
		bits -= n / total * math.Log2(n/total)
	}
	return bits
}
