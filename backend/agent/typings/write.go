package typings

import (
	_ "embed"
	"strings"
)

// FileName is what the declarations are called in an agent's folder. Beside
// agent.ts a file agent.d.ts would be taken for its output.
const FileName = "pie.d.ts"

//go:embed agent.d.ts
var declarations string

// TypeScript returns the declarations for an agent's folder.
func TypeScript() string { return declarations }

// Write makes the declarations from the definitions in this package.
func Write() string {
	var b strings.Builder
	b.WriteString("// What an agent's code may use. Written by pie agent new; not part of the package.\n")
	b.WriteString("// Annotate in JavaScript: /** @param {any} input @param {Context} context */\n\n")
	for _, each := range Interfaces() {
		comment(&b, each.Doc, "")
		b.WriteString("interface " + each.Name + " {\n")
		for _, m := range each.Members {
			comment(&b, m.Doc, "  ")
			b.WriteString("  " + m.Name + ": " + m.Type + ";\n")
		}
		b.WriteString("}\n\n")
	}
	b.WriteString("/** A part of the platform that is not available on the desktop: every call rejects and says why. */\n")
	b.WriteString("type Absent = ((...args: any[]) => Promise<never>) & { [name: string]: (...args: any[]) => Promise<never> };\n\n")
	b.WriteString("type Handler = (input: any, context: Context) => Result | Promise<Result> | any;\n\n")
	for _, m := range Globals() {
		comment(&b, m.Doc, "")
		b.WriteString("declare const " + m.Name + ": " + m.Type + ";\n")
	}
	b.WriteString("\n" + strings.TrimLeft(classes, "\n"))
	return b.String()
}

func comment(b *strings.Builder, text, indent string) {
	if text != "" {
		b.WriteString(indent + "/** " + text + " */\n")
	}
}

// classes are globals whose shape is the web's or Node.js's; the members that
// agents use are declared.
const classes = `
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
`

// TSConfig returns the compiler's settings for an agent's folder: the language
// of the worker, and no libraries of a browser or of Node.js.
func TSConfig() string { return tsconfig }

const tsconfig = `{
  "compilerOptions": {
    "target": "ES2023",
    "lib": ["ES2023", "ESNext.Iterator", "ESNext.Collection", "ESNext.Promise", "ESNext.Object"],
    "module": "ESNext",
    "moduleResolution": "Bundler",
    "moduleDetection": "force",
    "types": [],
    "strict": true,
    "allowJs": true,
    "checkJs": false,
    "resolveJsonModule": true,
    "skipLibCheck": true,
    "noEmit": true
  },
  "exclude": ["node_modules", "inputs", "cassettes"]
}
`
