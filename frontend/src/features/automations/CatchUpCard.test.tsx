import { QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";
import { replaceTransport, type CatchUp } from "@/lib/backend";
import { newQueryClient } from "@/lib/backend/queries";
import { CatchUpCard } from "./CatchUpCard";

afterEach(() => {
  cleanup();
  replaceTransport(undefined);
});

const nothing: CatchUp = {
  since: null,
  until: null,
  missed: [],
  will_run_once: [],
  skipped: [],
  ask: [],
  queued: [],
};

const asked: CatchUp = {
  ...nothing,
  ask: [
    {
      id: "poster/0",
      agent: "poster",
      due: "2026-03-10T07:00:00Z",
      run: "r1",
      status: "interrupted",
      sent: [
        {
          at: "2026-03-10T07:00:01Z",
          agent: "poster",
          service: "default",
          run: "r1",
          method: "POST",
          host: "api.example",
          path: "/posts",
          status: 0,
          ms: 1,
          bytes_in: 0,
          bytes_out: 9,
          decision: "sent",
          reason: "",
        },
      ],
    },
  ],
};

function show(catchUp: CatchUp) {
  const call = vi.fn(async (method: string) =>
    method === "Automations.CatchUp" ? catchUp : method === "Automations.Decide" ? nothing : [],
  );
  replaceTransport({ call, subscribe: () => () => undefined });
  render(
    <QueryClientProvider client={newQueryClient()}>
      <CatchUpCard automations={[]} />
    </QueryClientProvider>,
  );
  return call;
}

it("asks before a run that may have changed something is repeated", async () => {
  const call = show(asked);
  expect(await screen.findByText("Needs your word")).toBeTruthy();
  expect(screen.getByText("POST api.example/posts")).toBeTruthy();
  expect(screen.getByText(/1 request that may have changed something/)).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: /^Run it again/ }));
  await waitFor(() => expect(screen.queryByText("Needs your word")).toBeNull());
  expect(call).toHaveBeenCalledWith("Automations.Decide", { id: "poster/0", decision: "run" });
});

it("says that nothing is known of what an interrupted run changed", async () => {
  show({ ...asked, ask: asked.ask.map((each) => ({ ...each, sent: [] })) });
  expect(await screen.findByText(/What it changed is not known/)).toBeTruthy();
});

it("is not there when there is nothing to tell", async () => {
  const call = show(nothing);
  await waitFor(() => expect(call).toHaveBeenCalled());
  expect(screen.queryByText("Catching up")).toBeNull();
});
