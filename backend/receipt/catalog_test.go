package receipt_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"pie/backend/connection"
	"pie/backend/history"
	"pie/backend/provider"
	"pie/backend/receipt"
)

// TestScopesOfTheCatalogue: what services of the catalogue were asked for tells which
// of their scopes nothing needed.
func TestScopesOfTheCatalogue(t *testing.T) {
	t.Parallel()
	catalog, err := provider.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		provider, granted, requests string
		unused, readOnly, unknown   string
	}{
		"github":           {"github", "repo gist notifications", "GET api.github.com/user/repos, POST api.github.com/repos/a/b/issues", "gist notifications", "", ""},
		"github in graphs": {"github", "repo read:org", "POST api.github.com/graphql", "", "", "repo read:org"},
		"github reads":     {"github", "repo delete_repo", "GET api.github.com/repos/a/b", "", "repo delete_repo", ""},
		"microsoft":        {"microsoft", "Mail.Read Mail.Send Calendars.Read Files.Read", "GET graph.microsoft.com/v1.0/me/messages, GET graph.microsoft.com/v1.0/me/mailFolders/1/messages", "Mail.Send Calendars.Read Files.Read", "", ""},
		"microsoft sends":  {"microsoft", "Mail.Read Mail.Send", "POST graph.microsoft.com/beta/me/sendMail", "Mail.Read", "", ""},
		"microsoft batch":  {"microsoft", "Mail.Read Files.Read", "POST graph.microsoft.com/v1.0/$batch", "", "", "Mail.Read Files.Read"},
		"slack":            {"slack", "channels:history chat:write users:read search:read", "POST slack.com/api/conversations.replies, POST slack.com/api/chat.postMessage", "users:read search:read", "", ""},
		"spotify":          {"spotify", "user-library-read user-library-modify user-top-read", "GET api.spotify.com/v1/me/tracks", "user-top-read", "user-library-modify", ""},
		"dropbox":          {"dropbox", "files.metadata.read files.content.read sharing.write", "POST api.dropboxapi.com/2/files/list_folder", "files.content.read sharing.write", "", ""},
		"asana":            {"asana", "tasks:read tasks:write projects:read", "GET app.asana.com/api/1.0/projects/1/tasks", "", "tasks:write", ""},
		"discord":          {"discord", "guilds guilds.members.read connections", "GET discord.com/api/v10/users/@me/guilds", "guilds.members.read connections", "", ""},
		"zoom":             {"zoom", "meeting:read:meeting meeting:read:list_meetings", "GET api.zoom.us/v2/users/me/meetings", "meeting:read:meeting", "", ""},
		"figma":            {"figma", "file_content:read file_comments:write projects:read", "GET api.figma.com/v1/files/1/comments", "file_comments:write projects:read", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := catalog.Get(c.provider)
			if err != nil {
				t.Fatal(err)
			}
			rows := []history.AuditRow{}
			for request := range strings.SplitSeq(c.requests, ", ") {
				method, address, _ := strings.Cut(request, " ")
				host, path, _ := strings.Cut(address, "/")
				rows = append(rows, row(method, host, "/"+path, 0, 200))
			}
			in := input(rows...)
			in.Provider, in.Granted = p, strings.Fields(c.granted)
			in.Reads = func(method string, u *url.URL) bool { return connection.Reads(p, method, u) }
			got := receipt.Make(in)
			for what, pair := range map[string]struct {
				got  []receipt.Scope
				want string
			}{"unused": {got.Unused, c.unused}, "read only": {got.ReadOnly, c.readOnly}, "cannot tell": {got.CannotSay, c.unknown}} {
				ids := []string{}
				for _, s := range pair.got {
					ids = append(ids, s.ID)
				}
				if !slices.Equal(ids, strings.Fields(pair.want)) {
					t.Errorf("%s: %v, want %s", what, ids, pair.want)
				}
			}
		})
	}
}
