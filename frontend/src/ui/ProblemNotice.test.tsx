import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { codes, type Code } from "@/lib/backend";
import { presentations } from "@/lib/errors";
import { ProblemNotice } from "./ProblemNotice";

afterEach(cleanup);

const ways = { onRetry: vi.fn(), onReconnect: vi.fn(), onUnlock: vi.fn() };
const show = (code: Code, message = "It went wrong.", hint = "") =>
  render(<ProblemNotice problem={{ code, message, hint }} {...ways} />);

describe("ProblemNotice", () => {
  it.each([
    ["reconnect", "Connect again", ways.onReconnect],
    ["locked", "Unlock", ways.onUnlock],
    ["offline", "Try again", ways.onRetry],
  ] as const)("offers the way out of %s", (code, name, done) => {
    show(code);
    screen.getByRole("button", { name }).click();
    expect(done).toHaveBeenCalledOnce();
  });

  it.each(codes.filter((code) => presentations[code].action === "none"))(
    "offers no button for %s",
    (code) => {
      show(code);
      expect(screen.queryByRole("button")).toBeNull();
    },
  );

  it("says what to do when the fault does not", () => {
    show("offline");
    screen.getByText(presentations.offline.hint);
  });

  it("shows markup as text", () => {
    const markup = "<img src=x onerror=alert(1)>";
    show("script", markup, markup);
    expect(screen.getAllByText(markup)).toHaveLength(2);
    expect(document.querySelector("img")).toBeNull();
  });
});
