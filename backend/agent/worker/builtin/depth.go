package builtin

import "errors"

var errDeep = errors.New("nested too deeply")

// CheckDepth reports source whose brackets nest deeper than limit: the engine's
// parser descends into each and has no bound of its own. Texts and comments are
// passed over; where that cannot be told for sure, a bracket counts. Long chains
// of operators descend too, so their length is bounded likewise.
func CheckDepth(source string, limit int) error {
	s := depthScan{source: source}
	depth, chain := 0, 0
	for s.at < len(source) {
		c := source[s.at]
		switch {
		case c == '/' && s.comment():
			continue
		case c == '"' || c == '\'':
			s.quoted(c)
			continue
		case c == '(' || c == '[' || c == '{':
			depth++
		case c == ')' || c == ']' || c == '}':
			depth = max(0, depth-1)
			chain = 0
		case c == ';' || c == ',' || c == '\n':
			chain = 0
		case c == '+' || c == '-' || c == '!' || c == '~' || c == '*' || c == '?' || c == '.' || c == '&' || c == '|' || c == '=':
			chain++
		}
		if depth > limit || chain > 10*limit {
			return errDeep
		}
		s.at++
	}
	return nil
}

type depthScan struct {
	source string
	at     int
}

// comment skips a comment that begins here.
func (s *depthScan) comment() bool {
	if s.at+1 >= len(s.source) {
		return false
	}
	switch s.source[s.at+1] {
	case '/':
		for s.at < len(s.source) && s.source[s.at] != '\n' {
			s.at++
		}
		return true
	case '*':
		for s.at += 2; s.at+1 < len(s.source); s.at++ {
			if s.source[s.at] == '*' && s.source[s.at+1] == '/' {
				s.at += 2
				return true
			}
		}
		s.at = len(s.source)
		return true
	}
	return false
}

// quoted skips a text up to its end or the end of its line.
func (s *depthScan) quoted(mark byte) {
	for s.at++; s.at < len(s.source); s.at++ {
		switch s.source[s.at] {
		case '\\':
			s.at++
		case mark:
			s.at++
			return
		case '\n':
			return
		}
	}
}
