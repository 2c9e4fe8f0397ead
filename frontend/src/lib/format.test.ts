import { describe, expect, it } from "vitest";
import { bytes, duration, listed, moment, relative } from "./format";

describe("relative", () => {
  const now = Date.parse("2026-03-10T12:00:00Z");
  it.each([
    ["seconds", "2026-03-10T11:59:30Z", "just now"],
    ["one minute", "2026-03-10T11:58:50Z", "1 minute ago"],
    ["minutes", "2026-03-10T11:55:00Z", "5 minutes ago"],
    ["hours", "2026-03-10T09:00:00Z", "3 hours ago"],
    ["days", "2026-03-08T12:00:00Z", "2 days ago"],
    ["the future", "2026-03-10T13:30:00Z", "in 1 hour"],
    ["long ago", "2026-01-02T12:00:00Z", "Jan 2, 2026"],
    ["no time at all", "soon", ""],
  ])("says %s", (_, at, words) => {
    expect(relative(at, now)).toBe(words);
  });
});

describe("duration, bytes and lists", () => {
  it("grow with what they measure", () => {
    expect([12, 1234, 125_000, 120_000].map(duration)).toEqual([
      "12 ms",
      "1.2 s",
      "2 min 5 s",
      "2 min",
    ]);
    expect([12, 2048, 3 * 1024 * 1024].map(bytes)).toEqual(["12 B", "2.0 KB", "3.0 MB"]);
    expect([[], ["a"], ["a", "b"], ["a", "b", "c"]].map(listed)).toEqual([
      "",
      "a",
      "a and b",
      "a, b and c",
    ]);
  });

  it("says a moment on the clock of a zone", () => {
    expect(moment("2026-03-03T06:30:00Z", "Asia/Tokyo")).toBe("Tuesday, 3 March 2026, 15:30");
    expect(moment("2026-03-03T06:30:00Z", "Nowhere/At all")).toMatch(/^Tuesday, 3 March 2026/);
    expect(moment("soon", "UTC")).toBe("");
  });
});
