/** A form made from the JSON Schema of an agent's tool. */
import { type Json } from "@/lib/backend";

interface Base {
  name: string;
  label: string;
  description: string;
  required: boolean;
}

export type Field = Base &
  (
    | { kind: "text" | "long" | "json"; initial: string }
    | { kind: "number"; integer: boolean; minimum?: number; maximum?: number; initial: string }
    | { kind: "choice"; options: Json[]; initial: string }
    | { kind: "switch"; initial: string }
    | { kind: "list"; initial: string }
  );

type Bag = { [key: string]: Json };
const bag = (value: Json | undefined): Bag =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
const text = (value: Json | undefined) => (typeof value === "string" ? value : "");
const numeric = (value: Json | undefined) => (typeof value === "number" ? value : undefined);

/** Reads the properties of an object schema. Anything odd becomes a JSON field. */
export function fieldsOf(schema: Json): Field[] {
  const root = bag(schema);
  const required = Array.isArray(root.required) ? root.required : [];
  return Object.entries(bag(root.properties)).map(([name, value]) =>
    fieldOf(name, bag(value), required.includes(name)),
  );
}

function fieldOf(name: string, schema: Bag, required: boolean): Field {
  const base = {
    name,
    label: text(schema.title) || words(name),
    description: text(schema.description),
    required,
  };
  const initial = schema.default === undefined ? "" : show(schema.default);
  if (Array.isArray(schema.enum) && schema.enum.length > 0) {
    return { ...base, kind: "choice", options: schema.enum, initial };
  }
  switch (schema.type) {
    case "string":
      return { ...base, kind: (numeric(schema.maxLength) ?? 0) > 200 ? "long" : "text", initial };
    case "integer":
    case "number":
      return {
        ...base,
        kind: "number",
        integer: schema.type === "integer",
        minimum: numeric(schema.minimum),
        maximum: numeric(schema.maximum),
        initial,
      };
    case "boolean":
      return { ...base, kind: "switch", initial: initial || "false" };
    case "array":
      return bag(schema.items).type === "string"
        ? {
            ...base,
            kind: "list",
            initial: Array.isArray(schema.default) ? schema.default.map(show).join("\n") : "",
          }
        : { ...base, kind: "json", initial };
    default:
      return { ...base, kind: "json", initial };
  }
}

const show = (value: Json) => (typeof value === "string" ? value : JSON.stringify(value));

/** "maxResults" and "max_results" read as "Max results". */
export function words(name: string): string {
  const spaced = name
    .replace(/[_-]+/g, " ")
    .replace(/([a-z\d])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .trim();
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

export interface Filled {
  input: { [key: string]: Json };
  errors: Record<string, string>;
}

/** Turns what was typed into the input. Empty optional fields are left out. */
export function fill(fields: Field[], typed: Record<string, string>): Filled {
  const filled: Filled = { input: {}, errors: {} };
  for (const field of fields) {
    const raw = typed[field.name] ?? field.initial;
    if (raw.trim() === "") {
      if (field.required) filled.errors[field.name] = `${field.label} is needed.`;
      continue;
    }
    const { value, error } = read(field, raw);
    if (error !== undefined) filled.errors[field.name] = error;
    else if (value !== undefined) filled.input[field.name] = value;
  }
  return filled;
}

function read(field: Field, raw: string): { value?: Json; error?: string } {
  switch (field.kind) {
    case "text":
    case "long":
      return { value: raw };
    case "number":
      return readNumber(field, raw);
    case "switch":
      return raw === "true" || field.required ? { value: raw === "true" } : {};
    case "choice":
      return { value: field.options.find((option) => show(option) === raw) };
    case "list":
      return {
        value: raw
          .split("\n")
          .map((line) => line.trim())
          .filter(Boolean),
      };
    case "json":
      try {
        return { value: JSON.parse(raw) as Json };
      } catch {
        return { error: `${field.label} is not valid JSON.` };
      }
  }
}

function readNumber(field: Field & { kind: "number" }, raw: string) {
  const value = Number(raw);
  if (!Number.isFinite(value)) return { error: `${field.label} must be a number.` };
  if (field.integer && !Number.isInteger(value)) {
    return { error: `${field.label} must be a whole number.` };
  }
  if (field.minimum !== undefined && value < field.minimum) {
    return { error: `${field.label} must be at least ${field.minimum}.` };
  }
  if (field.maximum !== undefined && value > field.maximum) {
    return { error: `${field.label} must be at most ${field.maximum}.` };
  }
  return { value };
}

/** How an option reads in a list of choices. */
export const optionText = show;
