// Package plugin owns agent packages: reading them from a .pie file or a folder,
// checking the manifest, saying in words what an agent asks for, and keeping the
// installed ones and their secrets.
//
// It runs nothing and fetches nothing. Everything in a package is a stranger's:
// sizes are bounded, paths are cleaned, and what is wrong is named with its place.
package plugin

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Limits of a package, in bytes.
const (
	maxPackage     = 4 << 20
	maxFrontmatter = 256 << 10
	maxCode        = 2 << 20
)

// Package is one agent as its author wrote it.
type Package struct {
	Name        string // slug, unique on the machine; part of the redirect address
	DisplayName string
	Description string
	Tier        string // a label: skill, tool, connector, automation
	Version     string
	Manifest    Manifest
	Code        string   // JavaScript or TypeScript; empty for a skill that is a prompt
	Prompt      string   // of a skill: what a model is told
	CodeName    string   // name of the file for error messages
	CodeLine    int      // line of that file on which Code begins, from 1
	Hash        string   // SHA-256 over all files
	Warnings    []string // odd, but no reason to refuse
	FoundHosts  []string // hosts written in the code

	Built *Built // what runs take; nil when that is not known yet

	files    map[string][]byte // what Install copies, by clean relative path
	object   json.RawMessage   // metadata and manifest as they were written
	front    string            // of a .pie file: the frontmatter
	sections string            // of a .pie file: what stands behind the code
}

// Built is the code that runs take. Both are empty where Code runs as it is.
type Built struct {
	Code string `json:"code"`
	Map  []byte `json:"map"`
}

// Sources are the texts that the code is made of, by clean relative path, and
// the one that it begins with.
func (p *Package) Sources() (files map[string][]byte, entry string) {
	files = map[string][]byte{p.CodeName: []byte(p.Code)}
	for name, text := range p.files {
		if name != "agent.pie" && name != "manifest.json" {
			files[name] = text
		}
	}
	return files, p.CodeName
}

// Manifest is the manifest object, in the platform's own words.
type Manifest struct {
	Trigger          string                `json:"trigger"`
	Tool             *Tool                 `json:"tool"`
	OAuth            *OAuth                `json:"oauth"`
	OAuthConnections map[string]*OAuth     `json:"oauthConnections"`
	DeveloperSecrets map[string]SecretSpec `json:"developerSecrets"`
	UserSecrets      map[string]SecretSpec `json:"userSecrets"`
	UserFields       json.RawMessage       `json:"userFields"`
	Automation       *Automation           `json:"automation"`
	Network          Network               `json:"network"`
	Calls            []string              `json:"calls"`   // agents whose tools it calls
	Timeout          float64               `json:"timeout"` // seconds
}

// Tool describes what the agent does when it is called.
type Tool struct {
	Name        string          `json:"name"`
	Description string          `json:"description"`
	Parameters  json.RawMessage `json:"parameters"` // JSON Schema
}

// OAuth is one service the agent wants to use as the person.
type OAuth struct {
	Provider               string            `json:"provider"`
	ProviderName           string            `json:"providerName"`
	AuthorizationURL       string            `json:"authorizationUrl"`
	TokenURL               string            `json:"tokenUrl"`
	UserInfoURL            string            `json:"userInfoUrl"`
	RevokeURL              string            `json:"revokeUrl"`
	ClientIDSecret         string            `json:"clientIdSecret"`     // a key of developerSecrets
	ClientSecretSecret     string            `json:"clientSecretSecret"` // likewise
	Scopes                 []string          `json:"scopes"`
	APIHosts               []string          `json:"apiHosts"`
	PKCE                   string            `json:"pkce"`
	TokenAuth              string            `json:"tokenAuth"`
	Issuer                 string            `json:"issuer"`
	DeviceAuthorizationURL string            `json:"deviceAuthorizationUrl"`
	AuthorizationParams    map[string]string `json:"authorizationParams"`
}

// SecretSpec declares a secret; its value is never in the package.
type SecretSpec struct {
	Description string `json:"description"`
	Required    bool   `json:"required"`
}

// Automation declares when the agent wants to run by itself.
type Automation struct {
	Triggers  []Trigger `json:"triggers"`
	Timeout   float64   `json:"timeout"` // seconds
	OnWebhook bool      `json:"onWebhook"`
}

// Trigger is one occasion.
type Trigger struct {
	Type        string `json:"type"` // cron | interval | start | connect | webhook | plugin_event
	Default     any    `json:"default"`
	Description string `json:"description"`
	Plugin      string `json:"plugin"` // of plugin_event: the agent it comes from
	Event       string `json:"event"`  // of plugin_event: run.ok (when empty), run.failed, or the agent's own
}

// Network lists the hosts that context.fetch may reach.
type Network struct {
	Hosts []string `json:"hosts"`
}

// DefaultService is the key of the single oauth block.
const DefaultService = "default"

// Services returns the oauth blocks by service key.
func (p *Package) Services() map[string]*OAuth {
	out := map[string]*OAuth{}
	maps.Copy(out, p.Manifest.OAuthConnections)
	if p.Manifest.OAuth != nil {
		out[DefaultService] = p.Manifest.OAuth
	}
	return out
}

// ServiceKeys returns the keys of Services in order, the default one first.
func (p *Package) ServiceKeys() []string {
	var keys []string
	for key := range p.Services() {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b string) int {
		if (a == DefaultService) != (b == DefaultService) {
			if a == DefaultService {
				return -1
			}
			return 1
		}
		return strings.Compare(a, b)
	})
	return keys
}

// Secrets returns every declared secret.
func (p *Package) Secrets() map[string]SecretSpec {
	out := map[string]SecretSpec{}
	maps.Copy(out, p.Manifest.UserSecrets)
	maps.Copy(out, p.Manifest.DeveloperSecrets)
	return out
}

// Functions lists the entry points that the code names.
func (p *Package) Functions() []string {
	out := []string{}
	for _, name := range []string{"handler", "onConnect", "onWebhook", "onPluginEvent"} {
		if regexp.MustCompile(`\b` + name + `\b`).MatchString(p.Code) {
			out = append(out, name)
		}
	}
	return out
}

func hash(files map[string][]byte) string {
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	sum := sha256.New()
	for _, name := range names {
		inner := sha256.Sum256(files[name])
		sum.Write([]byte(name + "\x00"))
		sum.Write(inner[:])
	}
	return hex.EncodeToString(sum.Sum(nil))
}
