import { describe, expect, it } from "vitest";
import { href, parseRoute } from "./route";

describe("parseRoute", () => {
  it.each([
    ["nothing", "", { place: "connections", rest: [], start: true }],
    ["a place", "#/agents", { place: "agents", rest: [], start: false }],
    ["an agent", "#/agents/gmail-inbox", { place: "agents", rest: ["gmail-inbox"], start: false }],
    ["an unknown place", "#/nowhere/x", { place: "connections", rest: [], start: true }],
    ["a broken escape", "#/agents/%zz", { place: "agents", rest: ["%zz"], start: false }],
  ])("reads %s", (_, hash, route) => {
    expect(parseRoute(hash)).toEqual(route);
  });

  it("reads back what href wrote", () => {
    expect(parseRoute(href("activity", "run", "a/b c")).rest).toEqual(["run", "a/b c"]);
  });
});
