package practice

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"pie/backend/paths"
	"pie/backend/secret"
)

//go:embed page
var pages embed.FS

// show writes one of the pages. formTarget is where its form may lead besides
// this server.
func (s *Server) show(w http.ResponseWriter, status int, name, formTarget string, data any) {
	var out bytes.Buffer
	t, err := template.ParseFS(pages, "page/frame.html", "page/"+name+".html")
	if err == nil {
		err = t.ExecuteTemplate(&out, "frame", data)
	}
	if err != nil {
		http.Error(w, "The page cannot be drawn.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", policy(formTarget))
	w.WriteHeader(status)
	_, _ = w.Write(out.Bytes())
}

func (s *Server) style(w http.ResponseWriter, _ *http.Request) {
	raw, err := pages.ReadFile("page/style.css")
	if err != nil {
		http.Error(w, "The style is missing.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	_, _ = w.Write(raw)
}

// complain shows a mistake of a sign-in to the person and sends nothing anywhere.
func (s *Server) complain(w http.ResponseWriter, status int, text string) {
	s.show(w, status, "mistake", "", map[string]any{"Title": "This sign-in cannot go on", "Text": text, "SignIn": true})
}

// decline shows why a button of the index page did nothing.
func (s *Server) decline(w http.ResponseWriter, status int, text string) {
	s.show(w, status, "mistake", "", map[string]any{"Title": "Nothing was done", "Text": text, "SignIn": false})
}

func (s *Server) consentPage(w http.ResponseWriter, req request, token secret.String) {
	var asked []scope
	for _, one := range scopes() {
		if slices.Contains(req.scopes, one.ID) {
			asked = append(asked, one)
		}
	}
	s.show(w, http.StatusOK, "consent", formTarget(req.redirect), map[string]any{
		"Title": "Allow access to your practice notes?", "Agent": req.agent, "Scopes": asked,
		"People": people(), "Request": token.Reveal(), "Back": backTo(req.redirect),
	})
}

// formTarget is the source expression of Content-Security-Policy for a redirect
// address.
func formTarget(redirect *url.URL) string {
	if redirect.Scheme == paths.AppID {
		return paths.AppID + ":"
	}
	return redirect.Scheme + "://" + redirect.Host
}

// backTo says in words where the answer goes.
func backTo(redirect *url.URL) string {
	switch redirect.Scheme {
	case paths.AppID:
		return "Your browser may ask whether to open PIE Desktop. Say yes: that is how the answer gets back. This page can be closed then."
	case "https":
		return "The next page will not load. That is meant to be: copy its whole address and paste it into PIE Desktop."
	}
	return "The answer goes back to PIE Desktop on this computer."
}

func (s *Server) index(w http.ResponseWriter, _ *http.Request) {
	type row struct{ ID, Agent, Account, Since, Scopes string }
	type button struct {
		Fault Fault
		Left  int
	}
	var rows []row
	var buttons []button
	s.mu.Lock()
	for _, g := range s.state.Grants {
		rows = append(rows, row{g.ID, g.Agent, personOf(g.Account).Name, g.CreatedAt.Format("2 January 2006, 15:04 UTC"), inWords(g.Scopes)})
	}
	for _, f := range Faults() {
		buttons = append(buttons, button{f, s.faults[f]})
	}
	s.mu.Unlock()
	s.show(w, http.StatusOK, "index", "", map[string]any{
		"Title": "Practice notes", "Grants": rows, "Faults": buttons, "Stats": s.Stats(),
		"CSRF": s.csrf.Reveal(), "URL": s.url, "ClientID": clientID,
	})
}

func inWords(ids []string) string {
	var words []string
	for _, one := range scopes() {
		if slices.Contains(ids, one.ID) {
			words = append(words, one.Label)
		}
	}
	return strings.Join(words, " · ")
}

// manage takes the buttons of the index page, from that page alone.
func (s *Server) manage(w http.ResponseWriter, r *http.Request) {
	values, no := form(r)
	if no != nil {
		s.decline(w, no.status, no.text)
		return
	}
	if s.foreign(r) || !s.csrf.Equal(secret.New(values.Get("csrf"))) {
		s.decline(w, http.StatusForbidden, "This button was not pressed on the practice page.")
		return
	}
	switch values.Get("action") {
	case "revoke":
		s.force(func(st *state) {
			s.stats.Revocations += st.end(func(g *grant) bool { return g.ID == values.Get("grant") })
		})
	case "expire":
		s.Expire()
	case "on", "off":
		n := 0
		if values.Get("action") == "on" {
			n = 1
		}
		if s.Switch(Fault(values.Get("fault")), n) != nil {
			s.decline(w, http.StatusBadRequest, "The practice provider knows no such fault.")
			return
		}
	default:
		s.decline(w, http.StatusBadRequest, "This button does nothing.")
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}
