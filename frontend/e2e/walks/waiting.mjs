// What waits for the person: messages, changes held back, a question of a run.
import assert from "node:assert/strict";
import { Services } from "../services.mjs";
import { reach } from "./first-run.mjs";

const at = (hash, seen) => async (page) => {
  await page.evaluate((to) => (window.location.hash = to), hash);
  await page.getByText(seen).first().waitFor();
};

export async function inbox(world, { empty, absent }) {
  await world.showAll(empty, "inbox-none", at("#/inbox", "No messages"));
  const services = await Services.of(absent);
  await services.call("Inbox.Remove", { agent: "", ids: [] });
  for (const op of ["inbox-1", "inbox-2", "inbox-3"]) {
    await services.call("Automations.Run", { op, id: "clock/1", payload: null });
  }
  await world.showAll(absent, "inbox", at("#/inbox", "3 not read yet"));
  const page = await world.page(`${absent}#/inbox`);
  const first = page.getByRole("button", { name: /It is time/ }).first();
  await first.waitFor();
  await reach(page, first);
  await page.keyboard.press("Enter");
  await page.getByText("This ran by interval.").waitFor();
  await page.getByText("2 not read yet").waitFor();
  await page.getByRole("link", { name: /^Inbox 2/ }).waitFor();
  await world.show(page, "inbox-open");
  await page.getByRole("button", { name: "Mark all as read" }).click();
  await page.getByText("3 messages").waitFor();
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByText("2 messages").waitFor();
  await page.getByRole("button", { name: "Delete what is read" }).click();
  await page.getByRole("dialog").getByText("Delete 2 messages?").waitFor();
  await world.show(page, "inbox-delete");
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await page.getByText("No messages").waitFor();
  assert.deepEqual(await services.call("Inbox.List", { agent: "", limit: 10 }), []);
  await page.context().close();
}

const notes = async (services) => {
  const run = { agent: "practice-notes", function: "handler", account: "", timeout_ms: 0 };
  const op = `notes-${Math.random()}`;
  const done = await services.call("Runs.Run", { ...run, op, input: {}, dry_run: false });
  return done.result.notes;
};

/** The page may tell of a change a moment before it is there. */
async function become(services, want) {
  let got = await notes(services);
  for (let tries = 0; tries < 300 && got.length !== want.length; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    got = await notes(services);
  }
  assert.deepEqual(got, want);
}

async function add(page, text) {
  await page.getByLabel("Action").selectOption("add");
  await page.getByLabel("Text").fill(text);
  await page.getByRole("button", { name: "Run", exact: true }).click();
}

export async function outbox(world, { empty, fresh }) {
  await world.showAll(empty, "outbox-none", at("#/outbox", "Nothing waits"));
  const services = await Services.of(fresh);
  const before = await notes(services);
  const page = await world.page(`${fresh}#/agents/practice-notes`);
  await page.getByRole("switch", { name: /^Dry run/ }).click();
  await add(page, "buy milk");
  await page.getByText("1 change held back").waitFor();
  await world.show(page, "dry-run");
  assert.deepEqual(await notes(services), before);

  await page.getByRole("link", { name: "See what would be sent" }).click();
  await page.getByRole("button", { name: /^Look at it/ }).waitFor();
  await world.showAll(fresh, "outbox", at("#/outbox", "Held back because it was a dry run."));
  await world.showAll(fresh, "outbox-request", async (each) => {
    await at("#/outbox", "Held back because it was a dry run.")(each);
    await each.getByRole("button", { name: /^Look at it/ }).click();
    await each.getByRole("dialog").getByText("buy milk").waitFor();
  });
  await page.getByRole("button", { name: /^Look at it/ }).click();
  await page.getByRole("dialog").getByText("buy milk").waitFor();
  await page.getByRole("button", { name: "Send it", exact: true }).click();
  await page.getByRole("dialog").getByText("It arrived.").waitFor();
  await world.show(page, "outbox-sent");
  await page.getByRole("button", { name: "Done" }).click();
  await page.getByText("Nothing waits").waitFor();
  await become(services, [...before, "buy milk"]);
  await page.context().close();
}

/** A run waits while the person decides: put off, refused, allowed. */
export async function asking(world, { fresh }) {
  const services = await Services.of(fresh);
  const of = { agent: "practice-notes", service: "default", account: "" };
  await services.call("Connections.SetAccess", { ...of, access: "ask" });
  const before = await notes(services);
  const page = await world.page(`${fresh}#/agents/practice-notes`);
  await add(page, "not this");
  await page.getByRole("dialog").getByText("is running and waits for your answer").waitFor();
  await page.getByRole("dialog").getByText("not this").waitFor();
  await world.show(page, "asking");
  await page.getByRole("button", { name: "Decide later" }).click();
  await page.getByText("Practice notes waits for your answer").waitFor();
  await world.show(page, "asking-later");
  await page.getByRole("button", { name: "Look at it" }).click();
  await page.getByRole("button", { name: "Do not send it" }).click();
  await page.getByText("Failed").first().waitFor();
  assert.deepEqual(await notes(services), before);

  await add(page, "but this");
  await page.getByRole("dialog").getByText("but this").waitFor();
  await page.getByRole("button", { name: "Send it", exact: true }).click();
  await page.getByText("Done").first().waitFor();
  await become(services, [...before, "but this"]);
  await services.call("Connections.SetAccess", { ...of, access: "full" });

  await at("#/connections", "What it may do")(page);
  await page.getByRole("button", { name: /^More about/ }).click();
  await page.getByRole("menuitem", { name: "What it did" }).click();
  await page.getByRole("dialog").getByText("Changes", { exact: true }).waitFor();
  await world.show(page, "receipt-used");
  await page.context().close();
}
