// What an agent's code may use. Written by pie agent new; not part of the package.
// Annotate in JavaScript: /** @param {any} input @param {Context} context */

/** The second argument of handler, onConnect, onWebhook and onPluginEvent. */
interface Context {
  /** What the function was called with, as its first argument. */
  input: any;
  /** Sends a request to a host of network.hosts, without anybody's access. Resolves for every status. */
  fetch: (url: string | URL, options?: FetchOptions) => Promise<FetchResponse>;
  /** The service of the manifest's oauth block. */
  oauth: Connection;
  /** One service of oauthConnections. Throws for a key that the manifest does not have. */
  oauthConnection: (key: string) => Connection;
  /** Values of developerSecrets and userSecrets, beside those of the OAuth app. */
  secrets: { readonly [name: string]: string | undefined };
  /** Settings of the person: values of userFields. */
  userConfig: { [name: string]: any };
  /** What is known of the person. */
  user: User;
  /** Shows a message (Markdown) and keeps it in the inbox. */
  notify: (message: string, options?: { title?: string }) => Promise<void>;
  /** Files of this agent alone, 250 MB in all. */
  files: Files;
  /** A model, where the person has set one up; rejects otherwise. */
  ai: AI;
  /** Plans runs of this agent for later. They wait until the person turns them on, once: status is waiting until then. */
  tasks: Tasks;
  /** What updateSessionMetadata has kept. */
  getSessionMetadata: () => Promise<{ [name: string]: any }>;
  /** Keeps values from run to run. null removes one. */
  updateSessionMetadata: (changes: { [name: string]: any }) => Promise<{ [name: string]: any }>;
  /** Runs another agent that the manifest's calls names and the person allows; resolves to its result. */
  callTool: (name: string, input?: object) => Promise<any>;
  /** The agents that callTool may call. */
  listTools: () => Promise<ToolInfo[]>;
  /** Tells whoever looks at the run how far it is. */
  streamEvent: (event: string | object, data?: any) => Promise<void>;
  /** There is no database server on this computer. */
  db: Absent;
  /** There is no database server on this computer. */
  managedDb: Absent;
  /** A laptop serves no public pages. */
  publicApp: Absent;
  /** Nothing is sold here. */
  billing: Absent;
  /** Use an oauth block and context.oauth. */
  dataConnectors: Absent;
  /** This version makes no PDF files. */
  pdf: Absent;
  /** Agents do not control the computer. */
  machine: Absent;
  /** This version shows no widgets. */
  widget: Absent;
}

/** The person's access to one service. The code never sees a token. */
interface Connection {
  /** Ask first. When false, return { error: true, requiresAuth: true }. */
  isConnected: () => Promise<boolean>;
  /** Sends a request with the person's access, to the service's own hosts only. Rejects with code reconnect without a connection. */
  fetch: (url: string | URL, options?: FetchOptions) => Promise<FetchResponse>;
  /** What may be known of the connection. */
  getConnection: () => Promise<ConnectionInfo>;
  /** The same as getConnection. */
  getConnectionInfo: () => Promise<ConnectionInfo>;
}

interface ConnectionInfo {
  connected: boolean;
  /** Whose account it is, where the service tells. */
  account: { id: string; label: string } | null;
  /** What was granted. */
  scopes: string[];
  /** The first address that takes the access, such as https://api.github.com. */
  apiBase: string;
}

interface FetchOptions {
  /** GET when it is missing. */
  method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | (string & {});
  /** Authorization is set by the host in oauth.fetch. */
  headers?: { [name: string]: string } | Headers | [string, string][];
  /** Use JSON.stringify for an object. */
  body?: string | ArrayBuffer | ArrayBufferView | URLSearchParams | null;
}

/** The platform has ok, status and body; the rest is of this program. */
interface FetchResponse {
  /** Whether the status is one of 200 to 299. */
  ok: boolean;
  status: number;
  /** 10 MB at most. */
  body: string;
  /** Names in lower case. */
  headers: { [name: string]: string | undefined };
  json: () => Promise<any>;
  text: () => Promise<string>;
  /** The bytes as they came. */
  arrayBuffer: () => Promise<ArrayBuffer>;
}

interface User {
  /** An IANA name, such as Europe/Berlin. */
  timezone: string;
}

interface Files {
  /** Keeps a file given in base64. */
  upload: (filename: string, mimeType: string, base64: string) => Promise<FileInfo>;
  /** Keeps a file given as it is. */
  write: (filename: string, content: string | ArrayBuffer | ArrayBufferView, mimeType?: string) => Promise<FileInfo>;
  read: (filename: string) => Promise<FileContent>;
  info: (filename: string) => Promise<FileInfo>;
  list: () => Promise<FileInfo[]>;
  delete: (filename: string) => Promise<void>;
}

interface FileInfo {
  id: string;
  filename: string;
  mimeType: string;
  /** In bytes. */
  size: number;
  /** Always empty here. */
  tags: string[];
  /** An ISO 8601 date. */
  modifiedAt: string;
}

interface FileContent {
  id: string;
  filename: string;
  mimeType: string;
  /** In bytes. */
  size: number;
  /** Always empty here. */
  tags: string[];
  /** An ISO 8601 date. */
  modifiedAt: string;
  text: () => Promise<string>;
  json: () => Promise<any>;
  base64: () => Promise<string>;
  arrayBuffer: () => Promise<ArrayBuffer>;
}

interface AI {
  /** One question, or the turns of a conversation. */
  chat: (messages: string | AIMessage[], options?: AIOptions) => Promise<AIAnswer>;
  /** Asks something of a text or of any value. */
  analyze: (content: any, instruction: string, options?: AIOptions) => Promise<AIAnswer>;
  /** In 100 words when maxWords is missing. */
  summarize: (content: any, options?: AIOptions & { maxWords?: number }) => Promise<AISummary>;
  listModels: () => Promise<{ id: string; name: string }[]>;
}

interface AIMessage {
  role: 'system' | 'user' | 'assistant';
  content: string;
}

interface AIOptions {
  /** The person's choice when it is missing. */
  model?: string;
  /** Goes before the messages. */
  system?: string;
  temperature?: number;
  maxTokens?: number;
  /** The answer is JSON; data holds it. */
  json?: boolean;
}

interface AIAnswer {
  content: string;
  message: AIMessage;
  model: string;
  finishReason: string;
  usage: { inputTokens: number; outputTokens: number };
  /** With json: true, what content holds. */
  data?: any;
}

interface AISummary {
  content: string;
  message: AIMessage;
  model: string;
  finishReason: string;
  usage: { inputTokens: number; outputTokens: number };
  /** With json: true, what content holds. */
  data?: any;
  /** The same as content. */
  summary: string;
}

interface Tasks {
  /** Plans a run; rejects with code limited beyond 100 tasks. */
  create: (task: TaskOptions & { name: string }) => Promise<Task>;
  /** What is still to come, the oldest first. What ran once is not among it. */
  list: () => Promise<Task[]>;
  /** Rejects with code not_found for what has run or was canceled. */
  get: (id: string) => Promise<Task>;
  /** Changes what is named. */
  update: (id: string, changes: TaskOptions) => Promise<Task>;
  /** A run under way goes on to its end. */
  cancel: (id: string) => Promise<void>;
}

interface TaskOptions {
  /** One line that tells the person what it is for. */
  name?: string;
  /** Once: a Date, ISO 8601 (without an offset on the clock of zone), or milliseconds. Of at, in, every and cron there is one. */
  at?: Date | string | number;
  /** Once: such as '15m', or seconds; a minute at least. */
  in?: string | number;
  /** Again and again: such as '2h', or seconds; a minute at least. */
  every?: string | number;
  /** Again and again: minute, hour, day, month, day of the week. */
  cron?: string;
  /** IANA name; the person's own when it is missing. */
  zone?: string;
  /** What the function gets, up to 64 KB. Beside it stand triggeredBy ('task'), taskId, taskName and scheduledFor. */
  input?: object | null;
  /** handler when it is missing. */
  function?: 'handler' | 'onConnect' | 'onWebhook' | 'onPluginEvent';
  /** Of times that passed while the computer slept: one run for all (when missing), none, or each of the last day. */
  missed?: 'once' | 'skip' | 'all';
  /** When the run before still goes on: skip when missing. */
  overlap?: 'skip' | 'queue';
}

interface Task {
  id: string;
  name: string;
  kind: 'once' | 'interval' | 'cron';
  /** An ISO 8601 date. */
  at: string | null;
  /** Such as 15m. */
  every: string | null;
  cron: string | null;
  zone: string;
  function: string;
  input: any;
  missed: string;
  overlap: string;
  /** waiting until the person turns on what the agent plans; held until the person decides. */
  status: 'scheduled' | 'waiting' | 'off' | 'running' | 'held';
  /** An ISO 8601 date. */
  nextRun: string | null;
  /** null until it ran. */
  lastRun: { due: string; status: string } | null;
  createdAt: string;
  updatedAt: string;
  /** true in a dry run and beside the practice service: nothing was planned. */
  dryRun?: boolean;
}

interface ToolInfo {
  name: string;
  agent: string;
  displayName: string;
  description: string;
  /** JSON Schema of the input, or null. */
  parameters: any;
}

/** What a function may return. Any other value that JSON can say is fine too. */
interface Result {
  /** true for a failure that the code has handled; message says what. */
  error?: boolean;
  message?: string;
  /** With error: the person has to connect a service first. */
  requiresAuth?: boolean;
  /** A custom of automations. */
  success?: boolean;
  [name: string]: any;
}

/** A part of the platform that is not available on the desktop: every call rejects and says why. */
type Absent = ((...args: any[]) => Promise<never>) & { [name: string]: (...args: any[]) => Promise<never> };

type Handler = (input: any, context: Context) => Result | Promise<Result> | any;

/** Lines of the run's log. */
declare const console: Record<'log' | 'info' | 'debug' | 'warn' | 'error' | 'trace' | 'dir' | 'table', (...values: any[]) => void>;
declare const setTimeout: (fn: (...args: any[]) => void, ms?: number, ...args: any[]) => number;
declare const setInterval: (fn: (...args: any[]) => void, ms?: number, ...args: any[]) => number;
declare const setImmediate: (fn: (...args: any[]) => void, ...args: any[]) => number;
declare const clearTimeout: (id?: number) => void;
declare const clearInterval: (id?: number) => void;
declare const clearImmediate: (id?: number) => void;
declare const queueMicrotask: (fn: () => void) => void;
declare const structuredClone: <T>(value: T) => T;
declare const atob: (base64: string) => string;
declare const btoa: (text: string) => string;
/** There is none: use context.fetch or context.oauth.fetch. */
declare const fetch: never;
declare const performance: { now(): number };
declare const crypto: Crypto;
declare const Buffer: BufferConstructor;

declare class URLSearchParams {
  constructor(init?: string | Record<string, string> | [string, string][] | URLSearchParams);
  append(name: string, value: string): void;
  delete(name: string): void;
  get(name: string): string | null;
  getAll(name: string): string[];
  has(name: string): boolean;
  set(name: string, value: string): void;
  sort(): void;
  forEach(fn: (value: string, name: string) => void): void;
  keys(): IterableIterator<string>;
  values(): IterableIterator<string>;
  entries(): IterableIterator<[string, string]>;
  [Symbol.iterator](): IterableIterator<[string, string]>;
  toString(): string;
}
declare class URL {
  constructor(url: string | URL, base?: string | URL);
  hash: string; host: string; hostname: string; href: string; password: string; pathname: string;
  port: string; protocol: string; search: string; username: string;
  readonly origin: string;
  readonly searchParams: URLSearchParams;
  toString(): string;
  toJSON(): string;
}
declare class Headers {
  constructor(init?: Record<string, string> | [string, string][] | Headers);
  append(name: string, value: string): void;
  delete(name: string): void;
  get(name: string): string | null;
  has(name: string): boolean;
  set(name: string, value: string): void;
  forEach(fn: (value: string, name: string) => void): void;
  entries(): IterableIterator<[string, string]>;
  [Symbol.iterator](): IterableIterator<[string, string]>;
}
declare class TextEncoder { encode(text?: string): Uint8Array; }
declare class TextDecoder { constructor(label?: string, options?: object); decode(bytes?: ArrayBuffer | ArrayBufferView): string; }
declare class Event { constructor(type: string, init?: object); readonly type: string; }
declare class EventTarget {
  addEventListener(type: string, fn: (event: any) => void, options?: object): void;
  removeEventListener(type: string, fn: (event: any) => void): void;
  dispatchEvent(event: Event): boolean;
}
declare class AbortSignal extends EventTarget { readonly aborted: boolean; readonly reason: any; throwIfAborted(): void; }
declare class AbortController { readonly signal: AbortSignal; abort(reason?: any): void; }
declare class DOMException extends Error { constructor(message?: string, name?: string); readonly code: number; }
declare class CryptoKey { private constructor(); }
interface Crypto {
  randomUUID(): string;
  getRandomValues<T extends ArrayBufferView>(array: T): T;
  readonly subtle: { digest(algorithm: any, data: ArrayBuffer | ArrayBufferView): Promise<ArrayBuffer>; [name: string]: (...args: any[]) => Promise<any> };
}
type BufferEncoding = 'utf8' | 'utf-8' | 'hex' | 'base64' | 'base64url' | 'latin1' | 'binary' | 'ascii' | 'utf16le' | 'ucs2';
interface Buffer extends Uint8Array { toString(encoding?: BufferEncoding, start?: number, end?: number): string; }
interface BufferConstructor {
  from(text: string, encoding?: BufferEncoding): Buffer;
  from(bytes: ArrayBuffer | ArrayLike<number>): Buffer;
  alloc(size: number): Buffer;
  concat(list: Uint8Array[], length?: number): Buffer;
  byteLength(text: string, encoding?: BufferEncoding): number;
  isBuffer(value: any): boolean;
}
declare const module: { exports: any };
declare const exports: any;
