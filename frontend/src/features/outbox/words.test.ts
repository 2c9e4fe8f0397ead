import { describe, expect, it } from "vitest";
import { hostOf, readable, writeVerb } from "./words";

describe("a change in words", () => {
  it.each([
    ["POST", "Send something to"],
    ["DELETE", "Delete something at"],
    ["MKCOL", "Make a MKCOL request to"],
  ])("%s", (method, verb) => expect(writeVerb(method)).toBe(verb));

  it("names the host, or the text that is no address", () => {
    expect(hostOf("https://api.example:8443/a/b")).toBe("api.example:8443");
    expect(hostOf("no address")).toBe("no address");
  });

  it("breaks JSON into lines and leaves all else", () => {
    expect(readable('{"a":1}')).toBe('{\n  "a": 1\n}');
    expect(readable("<b>a=1</b>")).toBe("<b>a=1</b>");
  });
});
