import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { codes, Fault, toFault, type Code } from "@/lib/backend";
import { hintOf, presentations, needWords } from "./errors";

/** The vocabulary as the services have it. */
function codesOfTheServices(): string[] {
  const source = readFileSync("../backend/fault/fault.go", "utf8");
  return [...source.matchAll(/Code = "([a-z_]+)"/g)].map((match) => match[1] ?? "");
}

describe("the table of faults", () => {
  it("has every code of the services and no other", () => {
    const wanted = codesOfTheServices();
    expect(wanted.length).toBeGreaterThan(10);
    expect([...codes]).toEqual(wanted);
    expect(Object.keys(presentations)).toEqual(wanted);
  });

  it.each(codes.filter((code) => code !== "canceled"))("says what to do about %s", (code: Code) => {
    expect(presentations[code].hint).toMatch(/\.$/);
    expect(presentations[code].title).not.toBe("");
  });

  it("replaces hints that speak of the terminal", () => {
    const problem = { code: "reconnect" as const, message: "Gone." };
    expect(hintOf({ ...problem, hint: "Run pie connect gmail." })).toBe(
      presentations.reconnect.hint,
    );
    expect(hintOf({ ...problem, hint: "Sign in again." })).toBe("Sign in again.");
    expect(hintOf({ ...problem, hint: "Wait a little; then run pie doctor." })).toBe(
      "Wait a little.",
    );
  });
});

describe("toFault", () => {
  const problem = { code: "offline", message: "No network.", hint: "Wait." };
  it.each([
    ["an object", problem],
    ["a JSON text", JSON.stringify(problem)],
  ])("takes %s", (_, reason) => {
    const fault = toFault(reason);
    expect(fault).toBeInstanceOf(Fault);
    expect({ code: fault.code, message: fault.message, hint: fault.hint }).toEqual(problem);
  });

  it.each([
    ["a text that is no JSON", "panic: runtime error"],
    ["nothing", undefined],
    ["an unknown code", { code: "weird", message: "x" }],
  ])("hides %s behind a fixed sentence", (_, reason) => {
    expect(toFault(reason).code).toBe("internal");
    expect(toFault(reason).message).toBe("Something went wrong inside PIE Desktop.");
  });
});

it("needWords leaves what a person knows", () => {
  expect(needWords("Connect Google: pie connect gmail-inbox")).toBe("Connect Google");
  expect(needWords("Set KEY (A key of your own): pie secret set x KEY")).toBe("A key of your own");
  expect(needWords("Set KEY: pie secret set x KEY")).toBe("Set KEY");
});
