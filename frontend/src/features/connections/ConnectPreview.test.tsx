import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type ConnectSheet } from "@/lib/backend";
import { ConnectPreview } from "./ConnectPreview";

afterEach(cleanup);

const show = (added: string[], registers: boolean, way: "browser" | "token" = "browser") => {
  const sheet = {
    agent_name: "Mail",
    provider: {
      name: "Acme",
      redirect: ["scheme"],
      scopes: [],
      setup: [],
      token_steps: [],
      parameters: [],
      added_hosts: added,
    },
    client: { kind: "agent", app: "", has_app: false, registers },
    scopes: [],
    hosts: ["api.acme.example"],
    redirects: [],
    setup: [],
    missing_secret: "",
    connection: null,
  } as unknown as ConnectSheet;
  render(
    <QueryClientProvider client={new QueryClient()}>
      <ConnectPreview
        {...{ sheet, another: false, params: {}, way, token: "", redirect: "", account: "" }}
        {...{ onParams: vi.fn(), onWay: vi.fn(), onToken: vi.fn(), onRedirect: vi.fn() }}
      />
    </QueryClientProvider>,
  );
  return document.body.textContent;
};

describe("what is said before a sign-in", () => {
  it("names the hosts that a file of the person adds", () =>
    expect(show(["auth.acme.test"], false)).toContain("It adds auth.acme.test."));
  it("says nothing of files where there are none", () =>
    expect(show([], false)).not.toContain("A file of your own"));
  it("says that no app is needed", () => {
    show([], true);
    expect(screen.getByText(/need no app of your own/)).toBeDefined();
  });
  it("registers nothing for a token", () =>
    expect(show([], true, "token")).not.toContain("registers itself"));
});
