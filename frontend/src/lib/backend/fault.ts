import { type Code, type Problem } from "./types";

/** The codes in their documented order. */
export const codes = [
  "invalid",
  "not_found",
  "conflict",
  "denied",
  "canceled",
  "reconnect",
  "locked",
  "in_use",
  "offline",
  "limited",
  "script",
  "internal",
] as const satisfies readonly Code[];

/** A fault of the services. Everything that `call` rejects with is one. */
export class Fault extends Error implements Problem {
  readonly code: Code;
  readonly hint: string;

  constructor(problem: Problem) {
    super(problem.message);
    this.name = "Fault";
    this.code = problem.code;
    this.hint = problem.hint ?? "";
  }
}

const inside: Problem = {
  code: "internal",
  message: "Something went wrong inside PIE Desktop.",
  hint: "Try again.",
};

/** Turns whatever a transport rejected with into a fault. */
export function toFault(reason: unknown): Fault {
  if (reason instanceof Fault) return reason;
  const value = typeof reason === "string" ? parse(reason) : reason;
  return new Fault(isProblem(value) ? value : inside);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isProblem(value: unknown): value is Problem {
  if (typeof value !== "object" || value === null) return false;
  const { code, message } = value as Partial<Problem>;
  return codes.some((each) => each === code) && typeof message === "string";
}
