// What runs by itself: switched on after its sheet, run by hand, missed and caught up with.
import assert from "node:assert/strict";
import { Services } from "../services.mjs";
import { reach } from "./first-run.mjs";

const at = (hash, seen) => async (page) => {
  await page.evaluate((to) => (window.location.hash = to), hash);
  await page.getByText(seen).first().waitFor();
};

export async function automations(world, { empty, absent }) {
  await world.showAll(empty, "automations-none", at("#/automations", "Nothing can run by itself"));
  await world.showAll(absent, "automation-sheet", async (page) => {
    await at("#/automations", "When another program rings")(page);
    await page.getByRole("switch", { name: /^When another program rings/ }).click();
    await page.getByRole("dialog").getByText("Somebody else decides when it runs").waitFor();
  });
  const services = await Services.of(absent);
  const page = await world.page(`${absent}#/automations`);
  const ring = page.getByRole("switch", { name: /^When another program rings/ });
  await ring.waitFor();
  await reach(page, ring);
  await page.keyboard.press("Space");
  await page.getByRole("dialog").getByText("It only reads").waitFor();
  await reach(page, page.getByRole("button", { name: "Switch it on" }));
  await page.keyboard.press("Enter");
  await page.getByText("On. It runs by itself from now on.").waitFor();
  assert.equal((await services.call("Automations.List"))[2].enabled, true);

  await page.getByRole("button", { name: /^More about When another program rings/ }).click();
  await page.getByRole("menuitem", { name: "Its address" }).click();
  await page.getByRole("dialog").locator("code").getByText("http://127.0.0.1").waitFor();
  await world.show(page, "automation-address");
  await page.getByLabel("Try it").fill("{");
  await page.getByRole("button", { name: "Send test payload" }).click();
  await page.getByText("This is no JSON.").waitFor();
  await page.getByLabel("Try it").fill('{"bell": 1}');
  await page.getByRole("button", { name: "Send test payload" }).click();
  await page.getByRole("dialog").getByText("Done", { exact: true }).first().waitFor();
  await page.getByRole("link", { name: "See the run" }).waitFor();
  await world.show(page, "automation-tried");
  await page.getByRole("button", { name: "Done" }).click();

  await page.getByRole("button", { name: /^More about Good morning/ }).click();
  await page.getByRole("menuitem", { name: "Change when it runs" }).click();
  await page.getByLabel("How often").selectOption("week");
  await page.getByLabel("Day").selectOption("Tuesday");
  await page.getByLabel("At", { exact: true }).fill("");
  await page.locator("[aria-invalid=true]").waitFor();
  await page.getByLabel("At", { exact: true }).fill("06:30");
  await times(page);
  await page.getByText("More options").click();
  await page.getByLabel("When the run before has not ended").selectOption("queue");
  await page.getByLabel("Times that pass while the computer is off").selectOption("all");
  await page.getByLabel("When a run fails for a reason that may pass").selectOption("never");
  await page.getByRole("switch", { name: /^Spare the battery/ }).click();
  await world.show(page, "automation-options");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Every Tuesday at 06:30, by the clock of Tokyo (Asia)").waitFor();
  const [saved] = await services.call("Automations.List");
  assert.deepEqual(
    [saved.schedule, saved.zone, saved.overlap, saved.missed_policy, saved.retry],
    ["30 6 * * 2", "Asia/Tokyo", "queue", "all", "never"],
  );
  assert.deepEqual([saved.battery, saved.network], ["wait", "wait"]);

  await page.getByRole("button", { name: /^More about A look/ }).click();
  await page.getByRole("menuitem", { name: "Run now" }).click();
  await page.getByText("Morning clock: Done.").waitFor();
  await page.getByRole("switch", { name: /^A look at the time/ }).click();
  await page.getByText("Off. It no longer runs by itself.").waitFor();
  assert.equal((await services.call("Automations.List"))[1].enabled, false);
  await world.show(page, "automations-after");
  await page.context().close();
}

const planner = `---
name: planner
displayName: Planner
description: Plans work for later.
tier: tool
version: 1.0.0
manifest: {}
---
async function handler(input, context) {
  return input.triggeredBy === 'task' ? 1 : context.tasks.create(input);
}
module.exports = { handler };
`;

/** What an agent plans for itself waits for the person, and can be switched off one by one. */
export async function planning(world, { busy }) {
  const services = await Services.of(busy);
  await services.install("planner.pie", Buffer.from(planner).toString("base64"));
  const run = { agent: "planner", function: "handler", account: "", timeout_ms: 0, dry_run: false };
  await services.call("Runs.Run", {
    ...run,
    op: "plan",
    input: { name: "Water the plants", every: "2h" },
  });
  await world.showAll(busy, "automations-planned", at("#/automations", "Water the plants"));
  const page = await world.page(`${busy}#/automations`);
  await page.getByText(/^The agent planned it\. It waits/).waitFor();
  await page.getByRole("switch", { name: /^What it plans for itself/ }).click();
  const sheet = page.getByRole("dialog");
  await sheet.getByText("The agent itself decides when it runs").waitFor();
  await sheet.getByText(/^Planned: "Water the plants", 2h/).waitFor();
  await world.show(page, "automation-plans");
  await page.getByRole("button", { name: "Switch it on" }).click();
  await page.getByText(/^The agent planned it\. It waits/).waitFor({ state: "detached" });
  await page.getByText(/Every 2 hours · planned by the agent/).waitFor();
  await page.getByRole("switch", { name: /^Water the plants/ }).click();
  await page.getByText("Off. It no longer runs by itself.").waitFor();
  const task = (await services.call("Automations.List")).find(({ type }) => type === "task");
  assert.deepEqual([task.enabled, task.allowed], [false, true]);
  await services.call("Agents.Remove", { agent: "planner" });
  await page.context().close();
}

export async function catchingUp(world, { absent }) {
  const services = await Services.of(absent);
  await world.showAll(absent, "catch-up", at("#/automations", "Will run once"));
  const page = await world.page(`${absent}#/automations`);
  await page.getByRole("button", { name: /^Hold it: Morning clock/ }).click();
  await page.getByText("Held back by you.").waitFor();
  await world.show(page, "catch-up-held");
  await page.getByRole("button", { name: /^Leave it out: Morning clock/ }).click();
  await page.getByText("Will run once").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "I have read it" }).click();
  await page.getByRole("heading", { name: "Catching up" }).waitFor({ state: "detached" });
  const left = await services.call("Automations.CatchUp");
  assert.deepEqual([left.will_run_once, left.missed, left.skipped], [[], [], []]);
  await page.context().close();
}

const poster = `---
name: poster
displayName: Poster
description: Adds a note.
tier: automation
version: 1.0.0
manifest:
  oauth: {provider: practice, scopes: [notes.read, notes.write]}
  automation:
    triggers:
      - {type: webhook, description: A note when asked}
---
async function handler(input, context) {
  const { apiBase } = await context.oauth.getConnection();
  const response = await context.oauth.fetch(apiBase + '/notes', {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ text: 'hello' }),
  });
  if (!response.ok) throw new Error('the service answered ' + response.status);
}
module.exports = { handler };
`;

/** What may have changed something is repeated by the person's word alone. */
export async function yourWord(world, { absent }) {
  const services = await Services.of(absent);
  await services.install("poster.pie", Buffer.from(poster).toString("base64"));
  await services.connect(world, "", "poster");
  const of = { agent: "poster", service: "default", account: "" };
  await services.call("Connections.SetAccess", { ...of, access: "full" });
  const first = await services.call("Runs.Run", {
    op: "word",
    agent: "poster",
    function: "handler",
    account: "",
    input: {},
    timeout_ms: 0,
    dry_run: false,
  });
  assert.equal(first.status, "ok"); // it has written to that host before, with the person there
  const choice = { schedule: "", zone: "", missed: "", overlap: "", account: "", network: "" };
  await services.call("Automations.Enable", {
    ...choice,
    id: "poster/0",
    battery: "",
    jitter_s: 0,
  });
  const { url, problem } = await services.call("Automations.Webhook", {
    id: "poster/0",
    renew: false,
  });
  assert.equal(problem, "");
  await services.call("Practice.Switch", { fault: "api_error", times: 9 });
  const taken = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: "{}",
  });
  assert.equal(taken.ok, true);
  await world.showAll(absent, "catch-up-word", at("#/automations", "Needs your word"));
  const page = await world.page(`${absent}#/automations`);
  await page.getByText(/1 request that may have changed something/).waitFor();
  await page.getByText(/^POST 127\.0\.0\.1/).waitFor();
  await page.getByRole("button", { name: /^Leave it: Poster/ }).click();
  const heading = page.getByRole("heading", { name: "Needs your word" });
  await heading.waitFor({ state: "detached" });
  assert.deepEqual((await services.call("Automations.CatchUp")).ask, []);
  await services.call("Practice.Switch", { fault: "api_error", times: 0 });
  await services.call("Agents.Remove", { agent: "poster" });
  await page.context().close();
}

/** The next times follow what is picked, and an impossible date is refused in words. */
async function times(page) {
  const sheet = page.getByRole("dialog");
  await sheet
    .getByText(/^Tuesday, \d+ \w+ \d{4}, 06:30$/)
    .nth(2)
    .waitFor();
  await page.getByRole("button", { name: "Use another clock" }).click();
  await page.getByLabel("By the clock of").selectOption("Asia/Tokyo");
  await page.getByLabel("How often").selectOption("exact");
  await page.getByLabel("Expression").fill("0 7 30 2 *");
  await sheet.getByText(/names a date that no calendar has/).waitFor();
  assert.equal(await page.getByRole("button", { name: "Save" }).isDisabled(), true);
  await page.getByLabel("Expression").fill("0 7 1 1 *");
  await sheet
    .getByText(/, 1 January \d{4}, 07:00$/)
    .nth(2)
    .waitFor();
  await page.getByLabel("How often").selectOption("week");
  await page.getByLabel("Day").selectOption("Tuesday");
  await page.getByLabel("At", { exact: true }).fill("06:30");
  await sheet
    .getByText(/^Tuesday, \d+ \w+ \d{4}, 06:30$/)
    .nth(2)
    .waitFor();
}
