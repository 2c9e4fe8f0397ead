import { describe, expect, it } from "vitest";
import { type ConnectSheet, type ParameterInfo } from "@/lib/backend";
import { hostsWith, missesParameter } from "./Parameters";

const parameter = (key: string, usual: string): ParameterInfo => ({
  key,
  label: key,
  suffix: "",
  example: "",
  choices: [],
  default: usual,
});
const sheet = (parameters: ParameterInfo[], connection: unknown = null) =>
  ({ provider: { parameters }, connection }) as unknown as ConnectSheet;

describe("what a service must know of the account", () => {
  it.each([
    ["nothing", sheet([]), {}, false],
    ["a subdomain not said", sheet([parameter("subdomain", "")]), {}, true],
    ["a subdomain of blanks", sheet([parameter("subdomain", "")]), { subdomain: " " }, true],
    ["a subdomain said", sheet([parameter("subdomain", "")]), { subdomain: "acme" }, false],
    ["a region with a default", sheet([parameter("region", "eu")]), {}, false],
    ["a default wiped out", sheet([parameter("region", "eu")]), { region: "" }, true],
    ["a connection that knows it", sheet([parameter("subdomain", "")], {}), {}, false],
  ])("%s", (_, of, params, missing) =>
    expect(missesParameter(of, false, params as Record<string, string>)).toBe(missing),
  );
});

it("asks again for a further account", () => {
  const known = sheet([parameter("subdomain", "")], {});
  expect(missesParameter(known, true, {})).toBe(true);
  expect(missesParameter(known, true, { subdomain: "acme" })).toBe(false);
});

it("names the hosts of the account once it is said", () => {
  const hosts = ["{subdomain}.desk.example", "api.example"];
  expect(hostsWith(hosts, {})).toEqual(["….desk.example", "api.example"]);
  expect(hostsWith(hosts, { subdomain: " acme " })).toEqual(["acme.desk.example", "api.example"]);
});
