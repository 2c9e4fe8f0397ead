import { describe, expect, it } from "vitest";
import { type Json } from "@/lib/backend";
import { fieldsOf, fill, words } from "./schema";

const schema: Json = {
  type: "object",
  required: ["query", "count"],
  properties: {
    query: { type: "string", description: "Words of the title." },
    count: { type: "integer", minimum: 1, maximum: 50, default: 10 },
    ratio: { type: "number" },
    action: { type: "string", enum: ["list", "add"] },
    level: { enum: [1, 2] },
    deep: { type: "boolean" },
    tags: { type: "array", items: { type: "string" } },
    extra: { type: "object" },
  },
};
const fields = fieldsOf(schema);
const typed = (more: Record<string, string>) => fill(fields, { query: "x", ...more });

describe("fieldsOf", () => {
  it("gives each property the field that fits", () => {
    expect(fields.map((field) => [field.name, field.kind, field.required])).toEqual([
      ["query", "text", true],
      ["count", "number", true],
      ["ratio", "number", false],
      ["action", "choice", false],
      ["level", "choice", false],
      ["deep", "switch", false],
      ["tags", "list", false],
      ["extra", "json", false],
    ]);
  });

  it.each<[string, Json]>([
    ["no schema", null],
    ["a list", []],
    ["properties that are none", { properties: "x" }],
    ["a text", "<script>"],
  ])("makes no fields of %s", (_, odd) => {
    expect(fieldsOf(odd)).toEqual([]);
  });

  it("makes a JSON field of a property that is no schema", () => {
    expect(fieldsOf({ properties: { a: true } })[0]?.kind).toBe("json");
  });
});

describe("fill", () => {
  it("leaves out what is empty and keeps types", () => {
    expect(typed({}).input).toEqual({ query: "x", count: 10 });
    expect(typed({ ratio: "1.5", level: "2", deep: "true", tags: "a\n\n b " }).input).toEqual({
      query: "x",
      count: 10,
      ratio: 1.5,
      level: 2,
      deep: true,
      tags: ["a", "b"],
    });
  });

  it.each([
    ["a missing text", { query: " " }, "query"],
    ["no number", { count: "many" }, "count"],
    ["half a number", { count: "1.5" }, "count"],
    ["too few", { count: "0" }, "count"],
    ["too many", { count: "51" }, "count"],
    ["broken JSON", { extra: "{" }, "extra"],
  ])("refuses %s at its field", (_, more, name) => {
    expect(Object.keys(typed(more).errors)).toEqual([name]);
  });
});

it("words reads names as people write them", () => {
  expect(["maxResults", "max_results", "q"].map(words)).toEqual([
    "Max results",
    "Max results",
    "Q",
  ]);
});
