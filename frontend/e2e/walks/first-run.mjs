// From the first start to a first result, by keyboard alone and in three steps.
import assert from "node:assert/strict";
import { addressOf, Services } from "../services.mjs";

/** Presses Tab until the control has the focus, as a person without a mouse does. */
export async function reach(page, locator) {
  const element = await locator.elementHandle();
  for (let presses = 0; presses < 80; presses++) {
    if (await element.evaluate((each) => each === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`the keyboard does not reach ${locator}`);
}

async function press(page, locator) {
  await reach(page, locator);
  await page.keyboard.press("Enter");
}

export async function firstRun(world, { fresh }) {
  const services = await Services.of(fresh);
  const page = await world.page(fresh);
  const button = (name) => page.getByRole("button", { name });
  const link = (name) => page.getByRole("link", { name });

  await page.getByRole("heading", { name: "Small helpers for your accounts" }).waitFor();
  await world.show(page, "first-run-1-welcome");

  await press(page, link(/Try a practice account/)); // the first step
  await page.getByRole("heading", { name: "A service that is only pretend" }).waitFor();
  await world.show(page, "first-run-2-practice");

  // The second step. The person looks at the page before answering.
  const address = await addressOf(page, services, () => press(page, button("Open the browser")));
  await page.getByText("Waiting for you in the browser").waitFor();
  await world.show(page, "first-run-2-waiting");
  await world.allow(address); // the third step

  await page.getByRole("heading", { name: "It worked" }).waitFor();
  assert.equal(await page.getByRole("list", { name: "Notes" }).getByRole("listitem").count(), 3);
  await page.getByText("3 notes read, nothing was changed").waitFor();
  await press(page, page.locator("summary"));
  await page
    .getByText(/GET http:\/\/127\.0\.0\.1/)
    .first()
    .waitFor();
  await world.show(page, "first-run-3-result");

  await press(page, button("Take access away"));
  await page.getByRole("dialog").getByText("What stops").waitFor();
  await world.show(page, "first-run-3-disconnect");
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });

  await press(page, link("Now a real account"));
  await page.getByRole("heading", { name: "What would you like to use?" }).waitFor();
  await page.getByText("One-time set-up").waitFor();
  await world.show(page, "first-run-4-choose");

  await press(page, link(/Gmail inbox/));
  await page.getByText(/It acts as the account you choose/).waitFor();
  await world.show(page, "first-run-5-before");
  await press(page, button("Allow and install"));
  await page.getByRole("heading", { name: "Gmail inbox" }).waitFor();
  await page.getByText("Redirect address, if you are asked for one").waitFor();
  await world.show(page, "agent-set-up");
  await page.context().close();
}
