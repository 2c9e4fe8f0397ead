// What the person sets, and that it counts.
import assert from "node:assert/strict";
import fs from "node:fs";
import { Services } from "../services.mjs";
import { reach } from "./first-run.mjs";

const at = (part, seen) => async (page) => {
  await page.evaluate((to) => (window.location.hash = to), `#/settings/${part}`);
  await page.getByText(seen).first().waitFor();
};

export async function general(world, { linked: { url } }) {
  const services = await Services.of(url);
  const page = await world.page(url);
  await at("general", "Keep quiet every day")(page);
  const quiet = page.getByRole("switch", { name: /^Keep quiet every day/ });
  await reach(page, quiet);
  await page.keyboard.press("Space");
  await page.getByText("From 22:00 to 07:00.").waitFor();
  await page.getByLabel("To", { exact: true }).fill("06:15");
  await page.getByRole("button", { name: "Save the hours" }).click();
  await page.getByText("From 22:00 to 06:15.").waitFor();
  assert.deepEqual(await services.call("Automations.Quiet"), { from: "22:00", to: "06:15" });
  await page.getByLabel("To", { exact: true }).fill("22:00");
  await page.getByText("Choose two different times.").waitFor();
  await world.show(page, "settings-quiet");
  await quiet.click();
  await page.getByText("Notifications come at any time.").waitFor();
  assert.deepEqual(await services.call("Automations.Quiet"), { from: "", to: "" });

  const tray = page.getByRole("switch", { name: /^Keep running when the window/ });
  assert.equal(await tray.isDisabled(), true, "there is no tray without a session bus");
  const login = page.getByRole("switch", { name: /^Start when you log in/ });
  await login.click();
  await page.getByText("It starts without a window.").waitFor();
  const { service } = await services.call("Automations.Background");
  assert.equal(fs.existsSync(service.path), true);
  await login.click();
  await page.getByText("It starts when you open it.").waitFor();
  assert.equal(fs.existsSync(service.path), false);
  await page.context().close();
  await world.showAll(url, "settings-general", at("general", "It starts when you open it."));
}

export async function languageModel(world, { linked: { url, model } }) {
  const services = await Services.of(url);
  const page = await world.page(url);
  await at("model", "On this computer")(page);
  await page.getByRole("radio", { name: /^At a service/ }).click();
  await page.getByLabel("Address of the service").fill("http://models.example/v1");
  await page.getByRole("button", { name: "Save and test" }).click();
  await page.getByText("This is no address of a model server.").waitFor();
  await world.show(page, "model-refused");
  await page.getByRole("radio", { name: /^On this computer/ }).click();
  await page.getByLabel("Address on this computer").fill(model);
  await page.getByRole("combobox", { name: /^Model/ }).fill("huge");
  await page.getByRole("textbox", { name: /^Key/ }).fill("sk-a-key-of-the-walk");
  await page.getByRole("button", { name: "Save and test" }).click();
  await page.getByText("It answers, but does not name “huge”").waitFor();
  await page.getByText("It has large, small.").waitFor();
  await page.getByRole("button", { name: "Change the key" }).waitFor();
  await world.show(page, "model-other");
  await page.getByRole("combobox", { name: /^Model/ }).fill("");
  await page.getByRole("button", { name: "Save and test" }).click();
  await page.getByText("large is asked, of 2 models there.").waitFor();
  const set = await services.call("AI.Show");
  assert.deepEqual({ ...set, agents: [] }, { ...known, address: model });
  assert.equal((await page.content()).includes("sk-a-key"), false);
  await page.getByRole("button", { name: "Remove the key" }).click();
  await page.getByRole("textbox", { name: /^Key/ }).waitFor();
  assert.equal((await services.call("AI.Show")).key_set, false);
  const may = page.getByRole("switch", { name: /^Let agents ask/ });
  await may.click();
  await page.getByText("No agent may ask one.").waitFor();
  assert.equal((await services.call("AI.Show")).off, true);
  await may.click();
  await page.getByRole("button", { name: "Test it" }).waitFor();
  await page.context().close();
  await world.showAll(url, "settings-model", at("model", "On this computer"));
}

const known = { model: "", key_set: true, local: true, off: false, agents: [] };

export async function wayBack(world, { linked: { url } }) {
  const services = await Services.of(url);
  const page = await world.page(url);
  await at("access", "A page of your own")(page);
  await page.getByLabel("Address of your page").fill("http://you.invalid");
  await page.getByRole("button", { name: "Save the address" }).click();
  await page.getByText("This cannot be the address of a relay page.").waitFor();
  await page.getByLabel("Address of your page").fill("https://you.invalid/pie/");
  await page.getByRole("button", { name: "Save the address" }).click();
  await page.getByRole("button", { name: "Check it" }).click();
  await page.getByText("you.invalid gave no answer.").waitFor();
  await page.getByText("How to make one").click();
  await page.getByRole("button", { name: "Copy the page" }).waitFor();
  await world.show(page, "settings-relay");
  assert.equal((await services.call("System.Relay")).address, "https://you.invalid/pie");
  await page.getByRole("button", { name: "Use none" }).click();
  await page.getByRole("button", { name: "Check it" }).waitFor({ state: "detached" });
  assert.equal((await services.call("System.Relay")).address, "");
  await page.context().close();
  await world.showAll(url, "settings-access", at("access", "All access at once"));
}

export async function history(world, { linked: { url, export: file } }) {
  const services = await Services.of(url);
  const page = await world.page(url);
  await at("history", "There is nothing to write yet.")(page);
  await world.show(page, "settings-history-none");
  for (const op of ["history-1", "history-2"]) {
    const run = { agent: "clerk", function: "handler", account: "", timeout_ms: 0, dry_run: false };
    await services.call("Runs.Run", { ...run, op, input: {} });
  }
  await page.getByText(/^\d+ runs of \d agents?, /).waitFor();
  await page.getByRole("switch", { name: /^With what went in/ }).click();
  await page.getByText(/input, result/).waitFor();
  await page.getByRole("textbox", { name: "File" }).fill(file);
  await page.getByRole("button", { name: "Write the file" }).click();
  await page.getByText(/^\d+ runs written/).waitFor();
  await world.show(page, "settings-export");
  const lines = fs.readFileSync(file, "utf8").trim().split("\n");
  assert.ok(lines.length >= 2 && lines.every((each) => JSON.parse(each).agent));
  await page.getByRole("textbox", { name: "File" }).fill(file);
  await page.getByRole("button", { name: "Write the file" }).click();
  await page.getByText("The file cannot be made, or is there already.").waitFor();

  await page.getByRole("switch", { name: "Keep what came out of Clerk" }).click();
  await page.getByText("Only that it ran").waitFor();
  assert.deepEqual((await services.call("Runs.Kept")).no_results, ["clerk"]);
  await page.getByLabel("How long").selectOption("30 days");
  await page.getByRole("button", { name: "Save…" }).click();
  await page.getByRole("dialog").getByText("older than 30 days are deleted").waitFor();
  await world.show(page, "settings-keep-less");
  await page.getByRole("button", { name: "Keep it all" }).click();
  assert.equal((await services.call("Runs.Kept")).days, 0);
  await page.getByRole("button", { name: "Save…" }).click();
  await page.getByRole("button", { name: "Delete what is over" }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  assert.equal((await services.call("Runs.Kept")).days, 30);
  await page.context().close();
  await world.showAll(url, "settings-history", at("history", "How much is kept"));
}
