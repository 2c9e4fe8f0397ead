package plugin

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

var (
	nameForm       = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	versionForm    = regexp.MustCompile(`^\d{1,6}(\.\d{1,6}){0,2}([-+][0-9A-Za-z.-]{1,40})?$`)
	serviceForm    = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,63}$`)
	secretForm     = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,127}$`)
	hostInCode     = regexp.MustCompile(`https?://([A-Za-z0-9][A-Za-z0-9.-]*[A-Za-z0-9](?::\d{1,5})?)`)
	functionInCode = regexp.MustCompile(`\b(?:handler|exports|export)\b`)
	evalInCode     = regexp.MustCompile(`\beval\s*\(|\bnew\s+Function\b`)
)

// metadata are the keys beside or inside the manifest object.
type metadata struct {
	Name        string          `json:"name"`
	DisplayName string          `json:"displayName"`
	Description string          `json:"description"`
	Tier        string          `json:"tier"`
	Version     any             `json:"version"`
	Manifest    json.RawMessage `json:"manifest"`
}

var metadataKeys = []string{"name", "displayName", "description", "tier", "version", "manifest"}

// schemaKey tells an editor what the file may hold.
const schemaKey = "$schema"

// otherKeys are the platform's, known and without effect on a desktop.
var otherKeys = []string{
	"trigger", "tool", "oauth", "oauthConnections", "developerSecrets", "userSecrets", "userFields", "automation",
	"network", "calls", "timeout", "runtime", "database", "widget", "machineCapabilities", "workflowPreview",
	"heartbeatEvents", "dataConnectors", "dataConnectorTriggers",
}

// build makes a package of the object (frontmatter or manifest.json) and code.
func build(fileName string, object json.RawMessage, code string, known Known) (*Package, error) {
	var meta metadata
	if err := json.Unmarshal(object, &meta); err != nil {
		return nil, shapeFault(fileName, err)
	}
	p := &Package{
		Name: meta.Name, DisplayName: cmp.Or(meta.DisplayName, meta.Name), Description: strings.TrimSpace(meta.Description),
		Tier: meta.Tier, Version: "0.0.0", Code: code, object: object,
	}
	if p.Tier == "skill" && !functionInCode.MatchString(code) {
		p.Prompt, p.Code = code, ""
	}
	if meta.Version != nil {
		p.Version = fmt.Sprint(meta.Version)
	}
	inner := object
	if meta.Manifest != nil {
		inner = meta.Manifest
	}
	if err := json.Unmarshal(inner, &p.Manifest); err != nil {
		return nil, shapeFault(fileName, err)
	}
	if err := p.warnUnknown(inner); err != nil {
		return nil, err
	}
	if err := p.check(fileName, known); err != nil {
		return nil, err
	}
	p.readCode()
	return p, nil
}

func shapeFault(fileName string, err error) error {
	if typeErr, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return wrong("%s: %s must not be a %s.", fileName, cmp.Or(typeErr.Field, "the manifest"), typeErr.Value)
	}
	return wrong("%s: the manifest has the wrong form.", fileName)
}

func (p *Package) warnUnknown(inner json.RawMessage) error {
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(inner, &keys); err != nil {
		return wrong("The manifest must be an object.")
	}
	var unknown []string
	for key := range keys {
		if key != schemaKey && !slices.Contains(otherKeys, key) && !slices.Contains(metadataKeys, key) {
			unknown = append(unknown, key)
		}
	}
	slices.Sort(unknown)
	for _, key := range unknown {
		p.Warnings = append(p.Warnings, fmt.Sprintf("The manifest key %q is not known and has no effect.", key))
	}
	return nil
}

// IsName tells whether an agent may have this name.
func IsName(name string) bool { return len(name) <= 64 && nameForm.MatchString(name) }

func (p *Package) check(fileName string, known Known) error {
	if !IsName(p.Name) {
		return wrong("%s: name must be small letters, digits and single hyphens (daily-weather), not %q.", fileName, p.Name)
	}
	if !versionForm.MatchString(p.Version) {
		return wrong("%s: version must look like 1.0.0, not %q.", fileName, p.Version)
	}
	if len(p.Code) > maxCode {
		return wrong("The code is larger than 2 MB.")
	}
	for name := range p.Secrets() {
		if !secretForm.MatchString(name) {
			return wrong("%s: %q is not a name for a secret; use letters, digits and underscores.", fileName, name)
		}
	}
	for _, key := range p.ServiceKeys() {
		if err := p.checkService(fileName, key, p.Services()[key], known); err != nil {
			return err
		}
	}
	if err := p.checkTool(fileName); err != nil {
		return err
	}
	if err := p.checkCalls(fileName); err != nil {
		return err
	}
	if err := p.checkAutomation(fileName); err != nil {
		return err
	}
	if p.Tier == "connector" && len(p.Services()) == 0 {
		p.Warnings = append(p.Warnings, "The tier is connector, but no oauth block names a service.")
	}
	return nil
}

func (p *Package) checkService(fileName, key string, o *OAuth, known Known) error {
	place := "oauth"
	if key != DefaultService {
		place = "oauthConnections." + key
	}
	if o == nil {
		return wrong("%s: %s is empty.", fileName, place)
	}
	if !serviceForm.MatchString(key) || key == "callback" {
		return wrong("%s: %q cannot be the key of a service.", fileName, key)
	}
	if o.Provider == "" {
		return wrong("%s: %s.provider is missing; name one of the catalogue (google, github, slack, notion, …) or custom.", fileName, place)
	}
	if o.Provider != "custom" && !known(o.Provider) {
		return wrong("%s: %s.provider %q is not in the catalogue; google, github, slack and notion are, and custom takes any addresses.", fileName, place, o.Provider)
	}
	byIssuer := o.Issuer != "" && o.AuthorizationURL == "" && o.TokenURL == ""
	if o.Provider == "custom" && (o.AuthorizationURL == "" || o.TokenURL == "") && !byIssuer {
		return wrong("%s: %s needs authorizationUrl and tokenUrl, or issuer alone, because its provider is custom.", fileName, place)
	}
	if o.Provider == "custom" && o.ProviderName == "" {
		p.Warnings = append(p.Warnings, place+".providerName is missing; the host is shown instead.")
	}
	if o.Provider == "custom" && byIssuer && o.ClientIDSecret == "" && o.ClientSecretSecret == "" {
		return nil // the program registers itself there
	}
	return p.checkClient(fileName, place, o)
}

// checkClient holds that the client's two names are keys of developerSecrets. A
// provider of the catalogue whose client is built in needs none.
func (p *Package) checkClient(fileName, place string, o *OAuth) error {
	if o.Provider == "practice" && o.ClientIDSecret == "" {
		return nil
	}
	names := map[string]string{"clientIdSecret": o.ClientIDSecret}
	if o.TokenAuth != "none" || o.ClientSecretSecret != "" {
		names["clientSecretSecret"] = o.ClientSecretSecret
	}
	for _, field := range []string{"clientIdSecret", "clientSecretSecret"} {
		name, needed := names[field]
		if !needed {
			continue
		}
		if name == "" {
			return wrong("%s: %s.%s is missing; it names a key of developerSecrets.", fileName, place, field)
		}
		if _, ok := p.Manifest.DeveloperSecrets[name]; !ok {
			return wrong("%s: %s.%s names %q, which developerSecrets does not hold.", fileName, place, field, name)
		}
	}
	return nil
}

func (p *Package) checkTool(fileName string) error {
	if p.Manifest.Tool == nil || p.Manifest.Tool.Parameters == nil {
		return nil
	}
	var schema struct {
		Type       string                     `json:"type"`
		Properties map[string]json.RawMessage `json:"properties"`
		Required   []string                   `json:"required"`
	}
	if err := json.Unmarshal(p.Manifest.Tool.Parameters, &schema); err != nil {
		return wrong("%s: tool.parameters is no JSON Schema of an object.", fileName)
	}
	for _, name := range schema.Required {
		if _, ok := schema.Properties[name]; !ok {
			return wrong("%s: tool.parameters.required names %q, which properties does not hold.", fileName, name)
		}
	}
	return nil
}

func (p *Package) checkAutomation(fileName string) error {
	if p.Manifest.Automation == nil {
		return nil
	}
	for i, trigger := range p.Manifest.Automation.Triggers {
		place := fmt.Sprintf("automation.triggers[%d]", i)
		switch trigger.Type {
		case "cron":
			text, _ := trigger.Default.(string)
			if _, problem := ParseCron(text); problem != "" {
				return wrong("%s: %s.default %q %s.", fileName, place, text, problem)
			}
		case "interval":
			if trigger.Default == nil {
				break // the person says how often
			}
			if _, problem := ParseInterval(trigger.interval()); problem != "" {
				return wrong("%s: %s.default %q %s.", fileName, place, trigger.interval(), problem)
			}
		case "webhook", "connect", OnStart:
		case "plugin_event":
			if problem := trigger.eventProblem(); problem != "" {
				return wrong("%s: %s.%s.", fileName, place, problem)
			}
		default:
			return wrong("%s: %s.type must be cron, interval, start, connect, webhook or plugin_event, not %q.", fileName, place, trigger.Type)
		}
	}
	return nil
}

// readCode notes what the code shows without being run.
func (p *Package) readCode() {
	if evalInCode.MatchString(p.Code) {
		p.Warnings = append(p.Warnings, "The code makes new code while it runs (eval or new Function), so reading it does not tell all it does.")
	}
	p.findHosts(p.Code)
}

func (p *Package) findHosts(code string) {
	for _, match := range hostInCode.FindAllStringSubmatch(code, -1) {
		u, err := url.Parse(match[0])
		if err != nil || !strings.Contains(u.Host, ".") && u.Hostname() != "localhost" {
			continue
		}
		host := strings.ToLower(u.Host)
		if u.Scheme == "http" {
			host = "http://" + host
		}
		if !slices.Contains(p.FoundHosts, host) {
			p.FoundHosts = append(p.FoundHosts, host)
		}
	}
}
