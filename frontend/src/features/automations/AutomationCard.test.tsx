import { QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";
import { replaceTransport, type Automation } from "@/lib/backend";
import { newQueryClient } from "@/lib/backend/queries";
import { SheetContext } from "@/lib/sheets";
import { AutomationCard } from "./AutomationCard";

afterEach(() => {
  cleanup();
  replaceTransport(undefined);
});

const daily: Automation = {
  id: "clock/0",
  agent: "clock",
  type: "cron",
  schedule: "0 7 * * *",
  default: "0 7 * * *",
  description: "Good morning",
  enabled: true,
  next: null,
  last_run: null,
  missed_policy: "once",
  overlap: "skip",
  retry: "later",
  account: "",
  zone: "",
  network: "ignore",
  battery: "ignore",
  jitter_s: 0,
  waits: "",
  until: null,
  queued: 0,
  ask: null,
  by: "author",
  allowed: true,
};

function show(part: Partial<Automation>) {
  const sheet = vi.fn();
  const call = vi.fn(async () => []);
  replaceTransport({ call, subscribe: () => () => undefined });
  render(
    <QueryClientProvider client={newQueryClient()}>
      <SheetContext value={sheet}>
        <AutomationCard automation={{ ...daily, ...part }} />
      </SheetContext>
    </QueryClientProvider>,
  );
  return { sheet, call };
}

it("offers to unlock when a due run waits for the keys", () => {
  const { sheet } = show({ waits: "vault" });
  fireEvent.click(screen.getByRole("button", { name: "Unlock" }));
  expect(sheet).toHaveBeenCalledWith({ kind: "unlock" });
});

it.each([
  ["network", /waits for the network/],
  ["battery", /battery is no longer being saved/],
  ["person", /held it back/],
] as const)("says that it waits: %s", (waits, words) => {
  show({ waits });
  expect(screen.getByText(words)).toBeTruthy();
});

it("does not say that a due run waits for the person when it does not", () => {
  show({
    waits: "network",
    last_run: { due: "2026-03-10T07:00:00Z", status: "waiting", run: "" },
  });
  expect(screen.getByText("Due")).toBeTruthy();
  expect(screen.queryByText("Waits for you")).toBeNull();
});

it("says that a task waits for the consent to all of them", () => {
  show({ type: "task", by: "agent", allowed: false, description: "Water the plants" });
  expect(screen.getByText(/planned by the agent/)).toBeTruthy();
  expect(screen.getByText(/waits until you switch on what the agent plans/)).toBeTruthy();
});

it("switches off at once, and on only after its sheet", async () => {
  const { call } = show({});
  fireEvent.click(screen.getByRole("switch"));
  await waitFor(() => expect(call).toHaveBeenCalledWith("Automations.Disable", { id: "clock/0" }));
  cleanup();
  const off = show({ enabled: false });
  fireEvent.click(screen.getByRole("switch"));
  expect(await screen.findByText("Let Clock run by itself?")).toBeTruthy();
  expect(off.call).not.toHaveBeenCalledWith("Automations.Enable", expect.anything());
});
