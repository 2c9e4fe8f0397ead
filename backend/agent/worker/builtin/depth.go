package builtin

import (
	"errors"
	"strings"
)

var errDeep = errors.New("the code is nested too deeply")

// CheckDepth reports source whose brackets nest deeper than limit: the engine's
// parser descends into each and has no bound of its own. Comments, texts,
// patterns and templates are passed over as far as that can be told without a
// parser; brackets in them are counted by themselves, for patterns nest too.
// Chains of operators are descended into as well: they may be ten times as long.
// It is a courtesy, which gives a sentence instead of a dead process; the process
// is what holds.
func CheckDepth(source string, limit int) error {
	s := depthScan{source: source, limit: limit}
	for s.at < len(source) {
		if !s.step() {
			return errDeep
		}
	}
	return nil
}

type depthScan struct {
	source    string
	at        int
	limit     int
	depth     int
	chain     int // operators since the statement began
	before    int // the chain that the last line feed ended
	last      byte
	templates []int // depths at which a template goes on behind a brace
}

// step passes over one token; false is too deep.
func (s *depthScan) step() bool {
	c := s.source[s.at]
	switch c {
	case ' ', '\t', '\r':
		s.at++
		return true
	case '\n':
		if !operator(s.last) {
			s.before, s.chain = s.chain, 0
		}
		s.at++
		return true
	case '/':
		if s.comment() {
			return true
		}
		if s.patternMayBegin() {
			return s.skip('/')
		}
	case '"', '\'':
		return s.skip(c)
	case '`':
		return s.template()
	case '}':
		if n := len(s.templates); n > 0 && s.templates[n-1] == s.depth {
			s.templates = s.templates[:n-1]
			s.depth--
			return s.template()
		}
	}
	return s.count(c)
}

func operator(c byte) bool { return c != 0 && strings.IndexByte("+-*/%!~?.&|=<>^:", c) >= 0 }

func (s *depthScan) count(c byte) bool {
	switch {
	case c == '(' || c == '[' || c == '{':
		s.depth++
	case c == ')' || c == ']' || c == '}':
		s.depth = max(0, s.depth-1)
	case operator(c):
		if s.chain == 0 { // the statement goes on in the next line
			s.chain = s.before
		}
		s.chain++
	}
	if strings.IndexByte(";,{}", c) >= 0 {
		s.chain = 0
	}
	s.before = 0
	s.last = c
	s.at++
	return s.depth <= s.limit && s.chain <= 10*s.limit
}

// comment skips a comment that begins here.
func (s *depthScan) comment() bool {
	rest := s.source[s.at:]
	var end int
	switch {
	case strings.HasPrefix(rest, "//"):
		end = strings.IndexByte(rest, '\n')
	case strings.HasPrefix(rest, "/*"):
		if end = strings.Index(rest[2:], "*/"); end >= 0 {
			end += 4
		}
	default:
		return false
	}
	if end < 0 {
		end = len(rest)
	}
	s.at += end
	return true
}

// patternMayBegin tells a pattern from a division by what stands before.
func (s *depthScan) patternMayBegin() bool {
	if s.last == 0 || s.last == '}' || strings.IndexByte("(,[{;", s.last) >= 0 || operator(s.last) {
		return true
	}
	text := strings.TrimRight(s.source[max(0, s.at-16):s.at], " \t\r\n")
	for _, word := range []string{"return", "typeof", "case", "in", "of", "do", "else", "void", "delete", "throw", "await", "yield", "new", "instanceof"} {
		if before, ok := strings.CutSuffix(text, word); ok && (before == "" || strings.IndexByte(" \t\n;{}()", before[len(before)-1]) >= 0) {
			return true
		}
	}
	return false
}

// skip passes over a text or a pattern, up to its end or the end of its line.
func (s *depthScan) skip(mark byte) bool {
	inside, class := s.depth, false
	for s.at++; s.at < len(s.source); s.at++ {
		c := s.source[s.at]
		switch {
		case c == '\\':
			s.at++
			continue
		case c == '\n', c == mark && !class:
			s.at++
			s.last = mark
			if mark == '/' {
				s.last = ')' // a division may follow
			}
			return true
		case c == '(' || c == '[':
			inside++
		case c == ')' || c == ']':
			inside = max(0, inside-1)
		}
		if mark == '/' && (c == '[' || c == ']') {
			class = c == '['
		}
		if inside > s.limit {
			return false
		}
	}
	return true
}

// template passes over the text of a template, up to its end or an expression.
func (s *depthScan) template() bool {
	for s.at++; s.at < len(s.source); s.at++ {
		switch s.source[s.at] {
		case '\\':
			s.at++
		case '`':
			s.at++
			s.last = ')'
			return true
		case '$':
			if strings.HasPrefix(s.source[s.at:], "${") {
				s.depth++
				s.templates = append(s.templates, s.depth)
				s.at += 2
				s.last = '{'
				return s.depth <= s.limit
			}
		}
	}
	return true
}
