// What ran: looked for among many, read as a whole, run again.
import assert from "node:assert/strict";
import { Services } from "../services.mjs";

const at = (hash, seen) => async (page) => {
  await page.evaluate((to) => (window.location.hash = to), hash);
  await page.getByText(seen).first().waitFor();
};

/** The list is there and has no row with the text. */
const without = (page, text) =>
  page.waitForFunction((t) => {
    const rows = [...document.querySelectorAll("main li")];
    return rows.length > 0 && rows.every((row) => !row.textContent.includes(t));
  }, text);

export async function manyRuns(world, { busy: url }) {
  await world.showAll(url, "activity-many", at("#/activity", "Stopped at a limit"));
  const page = await world.page(`${url}#/activity`);
  const rows = page.locator("main li");
  const seen = (text) => rows.filter({ hasText: text }).first().waitFor();
  await seen("Done");
  assert.equal(await rows.count(), 100);
  // Going down brings the older ones, down to the first.
  while (await page.getByRole("button", { name: "Show older" }).count()) {
    const before = await rows.count();
    await rows.last().scrollIntoViewIfNeeded();
    await page.waitForFunction(
      (n) =>
        document.querySelectorAll("main li").length > n ||
        ![...document.querySelectorAll("main button")].some((b) => b.innerText === "Show older"),
      before,
    );
  }
  assert.equal(await rows.count(), 1200);
  await world.show(page, "activity-bottom");

  await page.getByLabel("How it ended").selectOption("Went wrong");
  await without(page, "Done");
  await page.getByLabel("Who began it").selectOption("Its schedule");
  await without(page, "Started by you");
  assert.equal(await rows.filter({ hasNotText: "By itself" }).count(), 0);
  await page.getByLabel("How it ended").selectOption("Not over yet");
  await page.getByText("No such runs").waitFor();
  await world.show(page, "activity-no-such");
  await page.getByRole("button", { name: "Show all runs" }).click();
  await page.getByLabel("Who began it").selectOption("Writing it");
  await seen("With the practice service");
  // What is looked for stays when somebody comes back from a run.
  await rows.first().getByRole("link").click();
  await page.getByRole("link", { name: "Activity" }).last().click();
  await seen("With the practice service");
  assert.equal(await page.getByLabel("Who began it").inputValue(), "author");
  await page.context().close();
}

export async function again(world, { fresh }) {
  const services = await Services.of(fresh);
  const run = { agent: "practice-notes", function: "handler", account: "", timeout_ms: 0 };
  const first = await services.call("Runs.Run", {
    ...run,
    op: `again-${Math.random()}`,
    input: { action: "list" },
    dry_run: false,
  });
  const page = await world.page(`${fresh}#/activity/run/${first.id}`);
  await page.getByText("What it was given").click();
  await page.getByRole("region", { name: "Input" }).getByText('"action": "list"').waitFor();
  await world.show(page, "run-given");
  await page.getByRole("button", { name: "Run again" }).click();
  await page.getByRole("dialog").getByText('"action": "list"').waitFor();
  await world.show(page, "run-again");
  await page.getByRole("button", { name: "Run it again" }).click();
  await page.waitForFunction((id) => !window.location.hash.includes(id), first.id);
  const id = await page.evaluate(() => window.location.hash.split("/").at(-1));
  const second = await services.call("Runs.Get", { id });
  assert.deepEqual([second.status, second.input], ["ok", { action: "list" }]);
  await page.context().close();
}
