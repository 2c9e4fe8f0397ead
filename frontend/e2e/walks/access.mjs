// The other ways in: an app of one's own, a personal token, a code; and the way out.
import assert from "node:assert/strict";
import { Services } from "../services.mjs";

const at = (hash, seen) => async (page) => {
  await page.evaluate((to) => (window.location.hash = to), hash);
  await page.getByText(seen).first().waitFor();
};

const connectSheet = (agent) => async (page) => {
  await at("#/connections", "Not connected")(page);
  await page.getByRole("button", { name: new RegExp(`for ${agent}$`) }).click();
  await page.getByRole("dialog").getByText("will be able to").waitFor();
};

export async function ownApps(world, { pretended: { url, id, secret } }) {
  const services = await Services.of(url);
  await world.showAll(url, "apps-none", at("#/settings", "No apps yet"));
  await world.showAll(url, "connect-needs-app", connectSheet("Note reader"));
  const page = await world.page(`${url}#/connections`);
  await connectSheet("Note reader")(page);
  await page.getByRole("button", { name: "Register your own app" }).click();
  await page.getByText("Redirect address to register").waitFor();
  await page.getByLabel("Client ID").fill(id);
  await page.getByLabel("Client secret").fill("not this one");
  await page.getByRole("button", { name: "Keep it" }).click();
  await page.getByRole("dialog").last().getByText("Keep it without asking the service").waitFor();
  await world.show(page, "app-refused");
  await page.getByLabel("Client secret").fill(secret);
  await page.getByRole("button", { name: "Keep it", exact: true }).click();
  await page.getByText("Pretend knows it.").waitFor();
  await world.show(page, "app-kept");
  await page.getByRole("button", { name: "Done" }).click();
  await page.getByText("It signs in with your own app at Pretend.").waitFor();
  await world.show(page, "connect-with-app");
  await page.context().close();

  await world.showAll(url, "apps", async (each) => {
    await at("#/settings", "may use it")(each);
    await each.getByRole("button", { name: "Add an app" }).scrollIntoViewIfNeeded();
    await each.getByText("may use it").scrollIntoViewIfNeeded();
  });
  const settings = await world.page(`${url}#/settings`);
  await settings.getByRole("button", { name: "Remove", exact: true }).click();
  await settings.getByText("Note reader can no longer connect with it.").waitFor();
  await world.show(settings, "app-remove");
  await settings.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await settings.getByText("No apps yet").waitFor();
  assert.deepEqual(await services.call("Clients.List"), []);
  await settings.context().close();
}

export async function tokensAndCodes(world, { pretended: { url, token } }) {
  const services = await Services.of(url);
  const page = await world.page(`${url}#/connections`);
  await connectSheet("Token taker")(page);
  await page.getByRole("dialog").getByText("Press Make a token.").waitFor();
  await world.show(page, "token-sheet");
  await page.getByLabel("Personal token").fill("pt_wrong");
  await page.getByRole("button", { name: "Connect with it" }).click();
  await page.getByRole("dialog").getByText("does not accept this token").waitFor();
  await world.show(page, "token-refused");
  await page.getByLabel("Personal token").fill(token);
  await page.getByRole("button", { name: "Connect with it" }).click();
  await page.getByText("It works, signed in as Ann.").waitFor();
  await page.getByRole("button", { name: "Done" }).click();
  await world.show(page, "token-connected");
  await page.context().close();

  await world.showAll(url, "connect-subdomain", connectSheet("Help desk"));
  await services.call("Agents.SecretSet", { agent: "taker", name: "THE_ID", value: "an-id" });
  await services.call("Agents.SecretSet", { agent: "taker", name: "THE_SECRET", value: "a" });
  await world.showAll(url, "device-code", async (each) => {
    await at("#/connections", "as Ann")(each);
    await each.getByRole("button", { name: /^More about Tokens/ }).click();
    await each.getByRole("menuitem", { name: "Connect again" }).click();
    await each.getByText("More options").click();
    await each.getByLabel("How the answer comes back").selectOption("device");
    await each.getByRole("button", { name: "Continue in the browser" }).click();
    await each.getByText("WDJB-MJHT").waitFor();
  });
}

export async function receiptAndPanic(world, { pretended: { url } }) {
  const services = await Services.of(url);
  const page = await world.page(`${url}#/connections`);
  await page.getByRole("button", { name: /^More about Tokens/ }).click();
  await page.getByRole("menuitem", { name: "What it did" }).click();
  await page.getByRole("dialog").getByText("Reads").first().waitFor();
  await world.show(page, "receipt");
  await page.getByRole("dialog").getByRole("button", { name: "Done" }).click();
  await at("#/settings", "All access at once")(page);
  await page.getByRole("button", { name: "Take all access away" }).click();
  await page.getByRole("dialog").getByText("1 connection; each has to").waitFor();
  await world.show(page, "panic");
  await page.getByRole("button", { name: "Take all away" }).click();
  await page.getByText("The receipt is kept at").waitFor();
  await world.show(page, "panic-receipt");
  const left = await services.call("Connections.List", { agent: "" });
  assert.deepEqual([...new Set(left.map(({ status }) => status))], ["not_connected"]);
  await page.context().close();
}
