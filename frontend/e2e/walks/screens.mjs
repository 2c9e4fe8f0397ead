// Every screen with something in it, in every look; and a run by keyboard.
import assert from "node:assert/strict";
import { addressOf, Services } from "../services.mjs";
import { reach } from "./first-run.mjs";

const at = (hash, seen) => async (page) => {
  await page.evaluate((to) => (window.location.hash = to), hash);
  await page.getByText(seen).first().waitFor();
};

export async function empty(world, { empty: url }) {
  await world.showAll(url, "connections-none", at("#/connections", "No connections yet"));
  await world.showAll(url, "agents-none", at("#/agents", "No agents yet"));
  await world.showAll(url, "activity-none", at("#/activity", "Nothing has run yet"));
}

export async function screens(world, { fresh }) {
  await world.showAll(fresh, "connections-one", at("#/connections", "What it may do"));
  await world.showAll(fresh, "gallery", at("#/agents", "Exchange rates"));
  await world.showAll(fresh, "permission-sheet", async (page) => {
    await at("#/agents", "Exchange rates")(page);
    await page.getByRole("button", { name: "Install GitHub repositories" }).click();
    await page.getByRole("dialog").getByText("It will be able to").waitFor();
  });
  await world.showAll(fresh, "agent-set-up", at("#/agents/gmail-inbox", "Redirect address"));
  await world.showAll(fresh, "agent-before", at("#/agents/practice-notes", "Dry run"));
  await world.showAll(fresh, "requests", at("#/activity/requests", "Read 127.0.0.1"));
  await world.showAll(fresh, "settings", async (page) => {
    await at("#/settings/check-up", "Looks at keys")(page);
    await page.getByRole("button", { name: "Check now" }).click();
    await page.getByRole("button", { name: "Check again" }).waitFor();
  });
}

export async function runByKeyboard(world, { fresh }) {
  const page = await world.page(`${fresh}#/agents/practice-notes`);
  await reach(page, page.getByLabel("Action"));
  await page.keyboard.press("ArrowDown");
  await reach(page, page.getByRole("button", { name: "Run", exact: true }));
  await page.keyboard.press("Enter");
  await page.getByRole("tab", { name: "Result" }).waitFor();
  await page.getByText("Notes: 3").waitFor();
  await world.show(page, "agent-after");
  await reach(page, page.getByRole("tab", { name: "Result" }));
  await page.keyboard.press("ArrowRight");
  await page.getByRole("tab", { name: "Log", selected: true }).waitFor();
  await page.keyboard.press("ArrowRight");
  await page.getByRole("table").waitFor();
  await world.show(page, "agent-requests");
  await page.keyboard.press("Control+k");
  await page.keyboard.type("activ");
  await world.show(page, "palette");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Activity" }).waitFor();
  await page.getByRole("listitem").getByText("Done", { exact: true }).first().waitFor();
  await world.show(page, "activity");
  await page.context().close();
}

export async function canceling(world, { fresh }) {
  const services = await Services.of(fresh);
  const page = await world.page(`${fresh}#/connections`);
  await page.getByRole("button", { name: /^More about/ }).click();
  await page.getByRole("menuitem", { name: "Connect again" }).click();
  await page.getByRole("button", { name: "Continue in the browser" }).waitFor();
  await world.show(page, "connect-sheet");
  await page.clock.install();
  await addressOf(page, services, () =>
    page.getByRole("button", { name: "Continue in the browser" }).click(),
  );
  assert.equal(await page.getByRole("button", { name: "Copy link" }).count(), 0);
  await page.clock.fastForward(21_000);
  await page.getByRole("button", { name: "Copy link" }).waitFor();
  await page.getByRole("button", { name: "Open again" }).waitFor();
  await page.getByLabel("Paste address").fill("https://localhost/wrong?code=1&state=2");
  await page.getByRole("button", { name: "Use this address" }).click();
  await page.locator("[aria-invalid=true]").waitFor();
  await world.show(page, "connect-help");
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("button", { name: "Continue in the browser" }).waitFor();
  await page.context().close();
}

export async function twelve(world, { fresh }) {
  const services = await Services.of(fresh);
  for (let n = 2; n <= 12; n++) await services.connect(world, `account ${n}`);
  await world.showAll(fresh, "connections-twelve", async (page) => {
    await at("#/connections", "What it may do")(page);
    assert.equal(await page.getByText("What it may do").count(), 12);
  });
}

export async function disconnecting(world, { fresh }) {
  const page = await world.page(`${fresh}#/connections`);
  await page.getByText("What it may do").first().waitFor();
  await page
    .getByRole("button", { name: /^More about/ })
    .last()
    .click();
  await page.getByRole("menuitem", { name: "Disconnect" }).click();
  await page.getByRole("dialog").getByText("What stops").waitFor();
  await world.show(page, "disconnect-sheet");
  await page.getByRole("dialog").getByRole("button", { name: "Disconnect" }).click();
  await page
    .getByRole("dialog")
    .getByRole("status")
    .getByText(/keys here are destroyed/)
    .waitFor();
  await world.show(page, "disconnected");
  await page.getByRole("button", { name: "Done" }).click();
  await page.waitForFunction(() => document.querySelectorAll("main h3").length === 11);
  await page.context().close();
}
