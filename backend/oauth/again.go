package oauth

import (
	"slices"
	"strings"
	"unicode"
)

// signInAgain are the codes by which servers say that a grant is over.
func signInAgain() []string {
	return []string{
		"invalid_grant", "bad_refresh_token", "bad_verification_code", "invalid_refresh_token", "token_expired",
		"token_revoked", "expired_token", "invalid_code", "code_already_used", "invalid_token",
		"interaction_required", "login_required", "consent_required", // OpenID Connect Core, section 3.1.2.6
	}
}

// saysRefreshOver tells whether a refusal says in words that the refresh token is
// over, as servers do that have no code for it: Twitch in a message, HubSpot in a
// status, Strava in a list of errors.
func saysRefreshOver(answer map[string]any) bool {
	words := wordsOf(answer, 4)
	about := slices.Contains(words, "refreshtoken")
	for i, word := range words[:max(len(words)-1, 0)] {
		about = about || word == "refresh" && words[i+1] == "token"
	}
	return about && slices.ContainsFunc(words, func(word string) bool {
		return slices.Contains([]string{"invalid", "expired", "revoked", "bad", "unknown", "unrecognized", "used", "reused"}, word)
	})
}

// wordsOf are the words of all texts inside, to a depth, in small letters.
func wordsOf(value any, depth int) []string {
	var words []string
	switch v := value.(type) {
	case string:
		return strings.FieldsFunc(strings.ToLower(v), func(r rune) bool { return !unicode.IsLetter(r) })
	case map[string]any:
		for _, inside := range v {
			if depth > 0 {
				words = append(words, wordsOf(inside, depth-1)...)
			}
		}
	case []any:
		for _, inside := range v {
			if depth > 0 {
				words = append(words, wordsOf(inside, depth-1)...)
			}
		}
	}
	return words
}
