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
  await world.showAll(url, "apps-none", at("#/settings/access", "No apps yet"));
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
    await at("#/settings/access", "may use it")(each);
    await each.getByRole("button", { name: "Add an app" }).scrollIntoViewIfNeeded();
    await each.getByText("may use it").scrollIntoViewIfNeeded();
  });
  const settings = await world.page(`${url}#/settings/access`);
  await settings.getByRole("button", { name: "Remove", exact: true }).click();
  await settings.getByText("Note reader can no longer connect with it.").waitFor();
  await world.show(settings, "app-remove");
  await settings.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await settings.getByText("No apps yet").waitFor();
  assert.deepEqual(await services.call("Clients.List"), []);
  await settings.context().close();
}

/** Several accounts at one service, each with a name; and one that takes another's place. */
export async function severalAccounts(world, { pretended: { url, token, other } }) {
  const services = await Services.of(url);
  const page = await world.page(`${url}#/connections`);
  const more = async (item) => {
    await page
      .getByRole("button", { name: /^More about Tokens/ })
      .first()
      .click();
    await page.getByRole("menuitem", { name: item }).click();
  };
  const dialog = page.getByRole("dialog");
  const connect = async (text) => {
    await dialog.getByRole("radio", { name: /^Paste a personal token/ }).click();
    await page.getByLabel("Personal token").fill(text);
    await page.getByRole("button", { name: "Connect with it" }).click();
  };
  await more("Add another account");
  await dialog.getByText("Connect another account at Tokens").waitFor();
  await page.getByLabel("Name of this account").fill("work, مع الفريق");
  await connect(other);
  await page.getByText("It works, signed in as Bea.").waitFor();
  await page.getByRole("button", { name: "Done" }).click();
  await page.getByText("as Bea, work, مع الفريق").waitFor();
  await world.show(page, "accounts-two");
  await more("Add another account");
  await page.getByLabel("Name of this account").fill("work, مع الفريق ");
  await page.getByText("One of your accounts has this name already.").waitFor();
  await world.show(page, "account-taken");
  await page.getByRole("button", { name: "Not now" }).click();
  const ref = { agent: "taker", service: "default", account: "work, مع الفريق" };
  await services.call("Connections.Disconnect", { ...ref, forget: true, everywhere: false });
  await page.getByText("as Bea, work").waitFor({ state: "detached" });

  await more("Connect again");
  await dialog.getByText("It is connected as Ann now").waitFor();
  await connect(other);
  await dialog.getByText("You are now connected as Bea, before as Ann.").waitFor();
  await world.show(page, "account-changed");
  await page.getByRole("button", { name: "Done" }).click();
  await page.getByText("Has a problem").waitFor();
  await more("Connect again");
  await connect(token);
  await page.getByRole("button", { name: "Done" }).click();
  await page.getByText("as Ann").first().waitFor();
  await more("Check now");
  await page.getByText("It works.").waitFor();
  await page.getByText("Has a problem").waitFor({ state: "detached" });
  await page.context().close();
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
  await at("#/settings/access", "All access at once")(page);
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
