// What a person sees when something is wrong: a service, a grant, the keys.
import { Services } from "../services.mjs";

const on = (hash, seen) => async (page) => {
  await page.evaluate((to) => (window.location.hash = to), hash);
  await page.getByText(seen).first().waitFor();
};

export async function providerDown(world, { fresh }) {
  const services = await Services.of(fresh);
  await services.call("Practice.Switch", { fault: "api_error", times: 5 });
  const page = await world.page(`${fresh}#/agents/practice-notes`);
  await page.getByRole("button", { name: "Run", exact: true }).waitFor();
  await page.getByLabel("Action").selectOption("list");
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await page.getByRole("tab", { name: "Result" }).waitFor();
  await page.getByText("Failed").first().waitFor();
  await world.show(page, "provider-down");
  await services.call("Practice.Switch", { fault: "api_error", times: 0 });
  await page.context().close();
}

/** The renewal is lost twice over, so the access ends, as at strict services. */
export async function brokenConnection(world, { fresh }) {
  const services = await Services.of(fresh);
  await services.call("Practice.Switch", { fault: "refresh_lost", times: 1 });
  await services.call("Practice.Expire");
  const run = {
    agent: "practice-notes",
    function: "handler",
    account: "",
    input: {},
    timeout_ms: 0,
  };
  for (const op of ["break-1", "break-2"]) {
    await services.call("Runs.Run", { op, dry_run: false, ...run });
  }
  await world.showAll(fresh, "connections-broken", on("#/connections", "Sign in again"));
  const page = await world.page(`${fresh}#/activity`);
  await page.getByText("Needs a connection").first().waitFor();
  await page.getByText("Needs a connection").first().click();
  await page.getByRole("button", { name: "Connect again" }).waitFor();
  await world.show(page, "run-needs-connection");
  await page.context().close();
}

export async function lockedVault(world, { locked, passphrase }) {
  // The list needs no key; what a run gave does.
  const open = async (page) => {
    await on("#/activity", "Started by you")(page);
    await page.getByText("Started by you").click();
    await page.getByRole("button", { name: "Unlock" }).first().waitFor();
  };
  await world.showAll(locked, "vault-locked", open);
  const page = await world.page(`${locked}#/activity`);
  await open(page);
  await page.getByRole("button", { name: "Unlock" }).first().click();
  const field = page.getByLabel("Passphrase");
  await field.fill("not this one");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").getByRole("alert").waitFor();
  await world.show(page, "vault-wrong-passphrase");
  await field.fill(passphrase);
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.getByRole("tab", { name: "Result" }).waitFor();
  await page.context().close();
}

export async function missingKeyring(world, { keyring }) {
  await world.showAll(keyring, "keyring-missing", async (page) => {
    await on("#/agents/daily-weather", "Set it up once")(page);
    await page.getByLabel(/Key of your OpenWeather account/).fill("0123456789");
    await page.getByRole("button", { name: "Save WEATHER_API_KEY" }).click();
    await page.getByRole("alert").first().waitFor();
  });
}
