import { afterEach, describe, expect, it, vi } from "vitest";
import { Fault, type BackendEvent } from "./index";
import { chooseTransport, httpTransport, windowTransport } from "./transport";

const runtime = { EventsOn: vi.fn(() => () => undefined) };
const problem = { code: "locked", message: "The vault is locked.", hint: "Unlock it." };

describe("in the window", () => {
  it("calls the bound method by name, with an argument as JSON or none", async () => {
    const bound = vi.fn(async () => `["a"]`);
    const transport = windowTransport(bound, runtime);
    await expect(transport.call("Agents.List", undefined)).resolves.toEqual(["a"]);
    expect(bound).toHaveBeenLastCalledWith("Agents.List", "");
    await transport.call("Agents.List", { agent: "" });
    expect(bound).toHaveBeenLastCalledWith("Agents.List", `{"agent":""}`);
  });

  it.each([
    ["an object", problem],
    ["a text", JSON.stringify(problem)],
  ])("rejects with the fault that came as %s", async (_, reason) => {
    const failed = windowTransport(() => Promise.reject(reason), runtime).call(
      "Vault.Status",
      undefined,
    );
    await expect(failed).rejects.toBeInstanceOf(Fault);
    await expect(failed).rejects.toMatchObject(problem);
  });

  it("hears the events of the window", () => {
    const listen = (event: BackendEvent) => event;
    windowTransport(async () => "", runtime).subscribe(listen);
    expect(runtime.EventsOn).toHaveBeenCalledWith("pie", listen);
  });
});

describe("over HTTP", () => {
  afterEach(() => vi.unstubAllGlobals());
  const answer = (status: number, body: string) => {
    const fetch = vi.fn(async () => new Response(body, { status }));
    vi.stubGlobal("fetch", fetch);
    return fetch;
  };

  it("posts JSON with the token of the page", async () => {
    const fetch = answer(200, "[1]");
    await expect(httpTransport("t").call("Runs.List", { agent: "" })).resolves.toEqual([1]);
    expect(fetch).toHaveBeenCalledWith("/call/Runs.List", {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Page-Token": "t" },
      body: `{"agent":""}`,
    });
  });

  it("rejects with the fault of a 422", async () => {
    answer(422, JSON.stringify(problem));
    await expect(httpTransport("").call("Runs.List", {})).rejects.toMatchObject(problem);
  });

  it("is offline when nobody answers", async () => {
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("failed")));
    await expect(httpTransport("").call("Runs.List", {})).rejects.toMatchObject({
      code: "offline",
    });
  });

  it("is what a page outside the window takes", async () => {
    const fetch = answer(200, "null");
    document.head.innerHTML = '<meta name="page-token" content="abc">'; // eslint-disable-line no-restricted-syntax
    await chooseTransport().call("Agents.List", undefined);
    expect(JSON.stringify(fetch.mock.calls)).toContain("abc");
  });
});
