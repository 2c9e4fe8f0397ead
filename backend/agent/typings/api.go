// Package typings says in Go what an agent's code may use, member by member, and
// writes it as TypeScript declarations, so that editors complete and check. Its
// tests hold it to what the worker really hands to the code.
package typings

// Member is one member of an object that the code sees.
type Member struct {
	Name string // with a question mark where it may be missing
	Type string // in TypeScript
	Doc  string
}

// Interface is the shape of one object.
type Interface struct {
	Name    string
	Doc     string
	Members []Member
}

// Absent are members of the context that exist on the platform and reject here.
func Absent() []Member {
	return []Member{
		{"db", "Absent", "There is no database server on this computer."},
		{"managedDb", "Absent", "There is no database server on this computer."},
		{"publicApp", "Absent", "A laptop serves no public pages."},
		{"billing", "Absent", "Nothing is sold here."},
		{"dataConnectors", "Absent", "Use an oauth block and context.oauth."},
		{"pdf", "Absent", "This version makes no PDF files."},
		{"machine", "Absent", "Agents do not control the computer."},
		{"widget", "Absent", "This version shows no widgets."},
	}
}

// Interfaces are all shapes, the context first.
func Interfaces() []Interface {
	return []Interface{
		{"Context", "The second argument of handler, onConnect, onWebhook and onPluginEvent.", append([]Member{
			{"input", "any", "What the function was called with, as its first argument."},
			{"fetch", "(url: string | URL, options?: FetchOptions) => Promise<FetchResponse>", "Sends a request to a host of network.hosts, without anybody's access. Resolves for every status."},
			{"oauth", "Connection", "The service of the manifest's oauth block."},
			{"oauthConnection", "(key: string) => Connection", "One service of oauthConnections. Throws for a key that the manifest does not have."},
			{"secrets", "{ readonly [name: string]: string | undefined }", "Values of developerSecrets and userSecrets, beside those of the OAuth app."},
			{"userConfig", "{ [name: string]: any }", "Settings of the person: values of userFields."},
			{"user", "User", "What is known of the person."},
			{"notify", "(message: string, options?: { title?: string }) => Promise<void>", "Shows a message (Markdown) and keeps it in the inbox."},
			{"files", "Files", "Files of this agent alone, 250 MB in all."},
			{"ai", "AI", "A model, where the person has set one up; rejects otherwise."},
			{"tasks", "Tasks", "Plans runs of this agent for later. They wait until the person turns them on, once: status is waiting until then."},
			{"getSessionMetadata", "() => Promise<{ [name: string]: any }>", "What updateSessionMetadata has kept."},
			{"updateSessionMetadata", "(changes: { [name: string]: any }) => Promise<{ [name: string]: any }>", "Keeps values from run to run. null removes one."},
			{"callTool", "(name: string, input?: object) => Promise<any>", "Runs another agent that the manifest's calls names and the person allows; resolves to its result."},
			{"listTools", "() => Promise<ToolInfo[]>", "The agents that callTool may call."},
			{"streamEvent", "(event: string | object, data?: any) => Promise<void>", "Tells whoever looks at the run how far it is."},
		}, Absent()...)},
		{"Connection", "The person's access to one service. The code never sees a token.", []Member{
			{"isConnected", "() => Promise<boolean>", "Ask first. When false, return { error: true, requiresAuth: true }."},
			{"fetch", "(url: string | URL, options?: FetchOptions) => Promise<FetchResponse>", "Sends a request with the person's access, to the service's own hosts only. Rejects with code reconnect without a connection."},
			{"getConnection", "() => Promise<ConnectionInfo>", "What may be known of the connection."},
			{"getConnectionInfo", "() => Promise<ConnectionInfo>", "The same as getConnection."},
		}},
		{"ConnectionInfo", "", []Member{
			{"connected", "boolean", ""},
			{"account", "{ id: string; label: string } | null", "Whose account it is, where the service tells."},
			{"scopes", "string[]", "What was granted."},
			{"apiBase", "string", "The first address that takes the access, such as https://api.github.com."},
		}},
		{"FetchOptions", "", []Member{
			{"method?", "'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | (string & {})", "GET when it is missing."},
			{"headers?", "{ [name: string]: string } | Headers | [string, string][]", "Authorization is set by the host in oauth.fetch."},
			{"body?", "string | ArrayBuffer | ArrayBufferView | URLSearchParams | null", "Use JSON.stringify for an object."},
		}},
		{"FetchResponse", "The platform has ok, status and body; the rest is of this program.", []Member{
			{"ok", "boolean", "Whether the status is one of 200 to 299."},
			{"status", "number", ""},
			{"body", "string", "10 MB at most."},
			{"headers", "{ [name: string]: string | undefined }", "Names in lower case."},
			{"json", "() => Promise<any>", ""},
			{"text", "() => Promise<string>", ""},
			{"arrayBuffer", "() => Promise<ArrayBuffer>", "The bytes as they came."},
		}},
		{"User", "", []Member{{"timezone", "string", "An IANA name, such as Europe/Berlin."}}},
		{"Files", "", []Member{
			{"upload", "(filename: string, mimeType: string, base64: string) => Promise<FileInfo>", "Keeps a file given in base64."},
			{"write", "(filename: string, content: string | ArrayBuffer | ArrayBufferView, mimeType?: string) => Promise<FileInfo>", "Keeps a file given as it is."},
			{"read", "(filename: string) => Promise<FileContent>", ""},
			{"info", "(filename: string) => Promise<FileInfo>", ""},
			{"list", "() => Promise<FileInfo[]>", ""},
			{"delete", "(filename: string) => Promise<void>", ""},
		}},
		{"FileInfo", "", fileMembers()},
		{"FileContent", "", append(fileMembers(),
			Member{"text", "() => Promise<string>", ""}, Member{"json", "() => Promise<any>", ""},
			Member{"base64", "() => Promise<string>", ""}, Member{"arrayBuffer", "() => Promise<ArrayBuffer>", ""})},
		{"AI", "", []Member{
			{"chat", "(messages: string | AIMessage[], options?: AIOptions) => Promise<AIAnswer>", "One question, or the turns of a conversation."},
			{"analyze", "(content: any, instruction: string, options?: AIOptions) => Promise<AIAnswer>", "Asks something of a text or of any value."},
			{"summarize", "(content: any, options?: AIOptions & { maxWords?: number }) => Promise<AISummary>", "In 100 words when maxWords is missing."},
			{"listModels", "() => Promise<{ id: string; name: string }[]>", ""},
		}},
		{"AIMessage", "", []Member{{"role", "'system' | 'user' | 'assistant'", ""}, {"content", "string", ""}}},
		{"AIOptions", "", []Member{
			{"model?", "string", "The person's choice when it is missing."},
			{"system?", "string", "Goes before the messages."},
			{"temperature?", "number", ""},
			{"maxTokens?", "number", ""},
			{"json?", "boolean", "The answer is JSON; data holds it."},
		}},
		{"AIAnswer", "", aiMembers()},
		{"AISummary", "", append(aiMembers(), Member{"summary", "string", "The same as content."})},
		{"Tasks", "", taskCalls()},
		{"TaskOptions", "", taskOptions()},
		{"Task", "", taskMembers()},
		{"ToolInfo", "", []Member{
			{"name", "string", ""},
			{"agent", "string", ""},
			{"displayName", "string", ""},
			{"description", "string", ""},
			{"parameters", "any", "JSON Schema of the input, or null."},
		}},
		{"Result", "What a function may return. Any other value that JSON can say is fine too.", []Member{
			{"error?", "boolean", "true for a failure that the code has handled; message says what."},
			{"message?", "string", ""},
			{"requiresAuth?", "boolean", "With error: the person has to connect a service first."},
			{"success?", "boolean", "A custom of automations."},
			{"[name: string]", "any", ""},
		}},
	}
}

func aiMembers() []Member {
	return []Member{
		{"content", "string", ""},
		{"message", "AIMessage", ""},
		{"model", "string", ""},
		{"finishReason", "string", ""},
		{"usage", "{ inputTokens: number; outputTokens: number }", ""},
		{"data?", "any", "With json: true, what content holds."},
	}
}

func fileMembers() []Member {
	return []Member{
		{"id", "string", ""},
		{"filename", "string", ""},
		{"mimeType", "string", ""},
		{"size", "number", "In bytes."},
		{"tags", "string[]", "Always empty here."},
		{"modifiedAt", "string", "An ISO 8601 date."},
	}
}

// Globals are what the code may use without a context, beside the language's own.
func Globals() []Member {
	timer := "(fn: (...args: any[]) => void, ms?: number, ...args: any[]) => number"
	clearing := "(id?: number) => void"
	return []Member{
		{"console", "Record<'log' | 'info' | 'debug' | 'warn' | 'error' | 'trace' | 'dir' | 'table', (...values: any[]) => void>", "Lines of the run's log."},
		{"setTimeout", timer, ""},
		{"setInterval", timer, ""},
		{"setImmediate", "(fn: (...args: any[]) => void, ...args: any[]) => number", ""},
		{"clearTimeout", clearing, ""},
		{"clearInterval", clearing, ""},
		{"clearImmediate", clearing, ""},
		{"queueMicrotask", "(fn: () => void) => void", ""},
		{"structuredClone", "<T>(value: T) => T", ""},
		{"atob", "(base64: string) => string", ""},
		{"btoa", "(text: string) => string", ""},
		{"fetch", "never", "There is none: use context.fetch or context.oauth.fetch."},
		{"performance", "{ now(): number }", ""},
		{"crypto", "Crypto", ""},
		{"Buffer", "BufferConstructor", ""},
	}
}
