// An agent is written: what is wrong with it, and what it does, at every save.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { Services } from "../services.mjs";

const at = (hash, seen) => async (page) => {
  await page.evaluate((to) => (window.location.hash = to), hash);
  await page.getByText(seen).first().waitFor();
};

/** The author's editor. */
function editor(folder) {
  const file = path.join(folder, "agent.js");
  return (from, to) => {
    const code = fs.readFileSync(file, "utf8");
    assert.ok(code.includes(from), `the code has ${from}`);
    fs.writeFileSync(file, code.replace(from, to));
  };
}

export async function writing(world, { studio: { url, folder } }) {
  const hash = `#/author/${encodeURIComponent(folder)}`;
  const edit = editor(folder);
  await world.showAll(url, "author-choose", at("#/author", "No folder yet?"));
  await world.showAll(url, "author-practice", at(hash, "With ada"));
  const page = await world.page(`${url}#/author`);
  await page.getByLabel("Folder").fill(`${folder}-none`);
  await page.getByRole("button", { name: "Open the folder" }).click();
  await page.getByText(/^There is no folder/).waitFor();
  await page.getByRole("link", { name: "Choose another" }).click();
  await page.getByLabel("Folder").fill(folder);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "With ada" }).waitFor();

  // A save runs again by itself; what was asked and told is there.
  edit("count: notes.length", "total: notes.length");
  await page.getByText("Total", { exact: true }).waitFor();
  await page.getByText("What it asked and was told (1)").click();
  await page
    .getByText(/^GET http/)
    .first()
    .click();
  await page.getByRole("region", { name: "Told" }).getByText("Water the plants").waitFor();
  await world.show(page, "author-exchange");

  // A mistake is shown with its place, and is gone with the next save.
  edit("const { notes }", "const const { notes }");
  await page.getByText(/^agent\.js:6:/).waitFor();
  await page.getByText("Must change").waitFor();
  await world.show(page, "author-mistake");
  edit("const const { notes }", "const { notes }");
  await page.getByText("Nothing to find fault with.").waitFor();

  await page.getByText("Save an input").click();
  await page.getByLabel("Name", { exact: true }).fill("bob");
  await page.getByLabel("Input", { exact: true }).fill('{"name": "Bob"}');
  await page.getByRole("button", { name: "Save input" }).click();
  await page.getByRole("heading", { name: "With bob" }).waitFor();
  await page.context().close();
}

export async function forReal(world, { studio: { url, folder } }) {
  const services = await Services.of(url);
  const edit = editor(folder);
  const page = await world.page(`${url}#/author/${encodeURIComponent(folder)}`);
  await page.getByRole("radio", { name: /^From the recording/ }).click();
  await page.getByText(/^There is no recording/).waitFor();
  await world.show(page, "author-no-recording");
  await page.getByRole("radio", { name: /^For real With/ }).click();
  await page.getByRole("button", { name: "See what it may do" }).click();
  await page.getByRole("dialog").getByText("It will be able to").waitFor();
  await page.getByRole("button", { name: "Allow and install" }).click();
  await page.getByRole("link", { name: "Open the agent" }).waitFor();
  await page.getByText("It runs once you press, and then at every save.").waitFor();
  await services.connect(world, "", "counter");
  await page.getByRole("button", { name: "Run now" }).click();
  await page.getByText("Total", { exact: true }).first().waitFor();
  await page.getByText("It runs again at every save.").waitFor();

  await page.getByRole("radio", { name: /record it/ }).click();
  await page.getByRole("button", { name: "Run and record" }).click();
  await page
    .getByText(/^Recorded in .*ada\.json/)
    .first()
    .waitFor();
  await page.getByText("cassettes/bob.json").waitFor();
  await page.getByRole("radio", { name: /^From the recording/ }).click();
  await page.getByText("Total", { exact: true }).first().waitFor();

  // More than was agreed to: it says so, runs nothing, and goes on once the person agrees.
  await page.getByRole("radio", { name: /^For real With/ }).click();
  await page.getByRole("button", { name: "Run now" }).click();
  await page.getByText("It runs again at every save.").waitFor();
  edit("total: notes.length", "seen: notes.length, from: 'https://api.example.com/'");
  await page.getByText("It asks for more than you agreed to").waitFor();
  await page.getByText(/api\.example\.com/).waitFor();
  await world.show(page, "author-more");
  await page.getByRole("button", { name: "Agree" }).click();
  await page.getByText("Seen", { exact: true }).first().waitFor();
  await world.show(page, "author-real");
  const [run] = await services.call("Runs.List", { agent: "counter", limit: 1 });
  assert.deepEqual([run.status, run.trigger], ["ok", "dev"]);
  await page.context().close();
  await world.showAll(url, "author-folders", at("#/author", "Note counter"));
}
