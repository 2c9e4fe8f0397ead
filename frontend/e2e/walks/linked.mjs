// Agents that depend on each other, and what the person is told of it.
import assert from "node:assert/strict";
import { addressOf, Services } from "../services.mjs";

const at = (hash, seen) => async (page) => {
  await page.evaluate((to) => (window.location.hash = to), hash);
  await page.getByText(seen).first().waitFor();
};

const more = async (page, provider, item) => {
  await page.getByRole("button", { name: new RegExp(`^More about ${provider}`) }).click();
  await page.getByRole("menuitem", { name: item }).click();
};

const file = (text) => ({
  name: "clerk.pie",
  mimeType: "application/octet-stream",
  buffer: Buffer.from(text),
});

/** What an agent may have others do is approved, and taken out, one by one. */
export async function approving(world, { linked: { url, clerk } }) {
  const services = await Services.of(url);
  const open = async (page) => {
    await at("#/agents", "Ledger")(page);
    await page.locator("input[type=file]").setInputFiles(file(clerk));
    await page.getByRole("dialog").getByText("Others that may work for it").waitFor();
  };
  await world.showAll(url, "install-calls", open);
  const page = await world.page(url);
  await open(page);
  await page.getByRole("dialog").getByText("Show what it works on to a language model").waitFor();
  await page.getByText("With its own access to Practice").first().waitFor();
  await page.getByRole("switch", { name: /^Practice notes/ }).click();
  await page.getByRole("button", { name: "Allow and install" }).click();
  await page.getByRole("heading", { name: "Clerk", level: 1 }).waitFor();
  const { calls } = await services.call("Agents.Show", { agent: "clerk" });
  assert.deepEqual(calls, ["ledger"]);
  assert.deepEqual((await services.call("AI.Show")).agents, ["clerk"]);
  await page.context().close();
}

/** A short code is typed at a real authorization server, to the end. */
export async function shortCode(world, { linked: { url } }) {
  const services = await Services.of(url);
  await services.call("Agents.SecretSet", { agent: "typist", name: "THE_ID", value: "an-id" });
  await services.call("Agents.SecretSet", {
    agent: "typist",
    name: "THE_SECRET",
    value: "a-secret-of-the-walk",
  });
  const page = await world.page(`${url}#/connections`);
  await page.getByRole("button", { name: /^Connect Codes for Typist/ }).click();
  await page.getByText("A file of your own changes this service").waitFor();
  await world.show(page, "own-file");
  await page.getByText("More options").click();
  await page.getByLabel("How the answer comes back").selectOption("device");
  await page.getByRole("button", { name: "Continue in the browser" }).click();
  const code = await page.getByLabel("Code", { exact: true }).innerText();
  assert.match(code, /^[A-Z0-9]{4}-[A-Z0-9]{4}$/);
  await world.show(page, "short-code");
  const where = await page.getByRole("dialog").locator("code").innerText();
  await world.type(where, code);
  await page.getByText("It works, signed in as ada@example.test.").waitFor();
  await world.show(page, "short-code-connected");
  await page.getByRole("button", { name: "Done" }).click();
  await page.getByText(/^Ends in \d+ minutes/).waitFor();
  await more(page, "Codes", "Check now");
  await page.getByText("It works.").waitFor();
  await page.context().close();
}

/** What the person sets for a connection counts at the next run. */
export async function accesses(world, { linked: { url } }) {
  const services = await Services.of(url);
  await services.connect(world, "", "ledger");
  const page = await world.page(`${url}#/connections`);
  await page.getByText("used by Ledger").or(page.getByText("Used by Ledger")).first().waitFor();
  const set = async (label) => {
    await more(page, "Practice", "What it may change");
    await page.getByRole("radio", { name: label }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
  };
  await page.getByText("Renewed by itself, next").waitFor();
  await set(/^Only read/);
  await page.getByText("only read").waitFor();
  await world.show(page, "access-read");
  const run = (op) =>
    services.call("Runs.Run", {
      op,
      agent: "ledger",
      function: "handler",
      account: "",
      input: {},
      timeout_ms: 0,
      dry_run: false,
    });
  assert.equal((await run("access-1")).status, "failed");
  await set(/^Ask before each change/);
  await page.getByText("ask before each change").waitFor();
  assert.equal((await run("access-2")).result, "noted: 202");
  await at("#/outbox", "Its connection asks before each change.")(page);
  await page.context().close();
  await world.showAll(url, "outbox-needs-you", at("#/outbox", "Its connection asks"));
}

/** A sending whose answer tells nothing goes out again only at the person's word. */
export async function unsure(world, { linked: { url } }) {
  const services = await Services.of(url);
  const page = await world.page(`${url}#/outbox`);
  await services.call("Practice.Switch", { fault: "api_error", times: 1 });
  await page.getByRole("button", { name: /^Look at it/ }).click();
  await page.getByRole("dialog").getByText("a sum").waitFor();
  await page.getByRole("button", { name: "Send it", exact: true }).click();
  await page.getByText("Nobody can say whether it arrived.").waitFor();
  await world.show(page, "outbox-unsure-told");
  await page.getByRole("button", { name: "Done" }).click();
  await page.getByText("May have been sent").waitFor();
  await world.showAll(url, "outbox-unsure", async (each) => {
    await at("#/outbox", "May have been sent")(each);
    await each.getByRole("button", { name: /^Look at it/ }).click();
    await each.getByText("It may have arrived already").waitFor();
    await each.getByRole("dialog").getByText("a sum").waitFor();
  });
  await page.getByRole("button", { name: /^Look at it/ }).click();
  await page.getByRole("button", { name: "Send it again" }).click();
  await page.getByText("It arrived.").waitFor();
  await page.getByRole("button", { name: "Done" }).click();
  await page.getByText("Nothing waits").waitFor();
  await page.context().close();
}

/** Before a connection ends the person reads what stops with it. */
export async function whatStops(world, { linked: { url } }) {
  const services = await Services.of(url);
  await services.call("Automations.Enable", { id: "ledger/0" });
  const open = async (page) => {
    await at("#/connections", "Ledger")(page);
    await more(page, "Practice", "Disconnect");
    await page.getByText("The automation “Weekly sum” of Ledger would fail.").waitFor();
  };
  await world.showAll(url, "disconnect-stops", open);
  const page = await world.page(url);
  await open(page);
  await page.getByText("Clerk may have Ledger work for it").waitFor();
  await page.getByRole("button", { name: "Keep it" }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });

  await more(page, "Practice", "Connect again");
  await page.getByText(/It is connected as .* now/).waitFor();
  await page.getByText("More options").click();
  await page.getByLabel("How the answer comes back").selectOption("loopback");
  const address = await addressOf(page, services, () =>
    page.getByRole("button", { name: "Continue in the browser" }).click(),
  );
  await world.allow(address);
  await page.getByText(/^It works, signed in as/).waitFor();
  await page.getByRole("button", { name: "Done" }).click();
  const list = await services.call("Connections.List", { agent: "ledger" });
  assert.equal(list.length, 1, "it was connected in place");
  await page.context().close();
}

const long = "Verrechnungsstellenverwaltungsprogrammbeauftragter".repeat(3);
const scopes = Array.from(
  { length: 60 },
  (_, n) => `https://accounts.example/auth/a.scope.that.is.long.and.has.no.words.${n}`,
);
const longAgent = `---
name: long-agent
displayName: ${long}
description: "${long} ${"وكيل يقرأ ملاحظاتك ويلخصها كل صباح. ".repeat(8)}"
tier: connector
version: 1.0.0
manifest:
  oauth:
    provider: codes
    scopes: ${JSON.stringify(scopes)}
    clientIdSecret: THE_ID
    clientSecretSecret: THE_SECRET
  developerSecrets:
    THE_ID: { description: "${long}" }
    THE_SECRET: { description: "وكيل يقرأ ملاحظاتك" }
---
module.exports = { async handler(input, context) { throw new Error("${long} ${long}") } };
`;

/** Names without a space, sixty scopes and text from right to left fit everywhere. */
export async function longTexts(world, { linked: { url } }) {
  const services = await Services.of(url);
  await world.showAll(url, "long-install", async (page) => {
    await at("#/agents", "Ledger")(page);
    await page.locator("input[type=file]").setInputFiles(file(longAgent));
    await page.getByRole("dialog").getByText("You still need").waitFor();
  });
  await services.install("long.pie", Buffer.from(longAgent).toString("base64"));
  await world.showAll(url, "long-connections", at("#/connections", long));
  await world.showAll(url, "long-connect", async (page) => {
    await at("#/connections", long)(page);
    await page.getByRole("button", { name: new RegExp(`^Connect Codes for ${long}`) }).click();
    await page.getByRole("dialog").getByText("no.words.59").waitFor();
  });
  await world.showAll(url, "long-agent", at("#/agents/long-agent", "What it may do"));
  await services.call("Agents.Remove", { agent: "long-agent" });
}
