// Walks through the page in a real browser over the real services. The one
// argument is JSON: {chromium, pictures, homes: {fresh, empty, locked,
// keyring, absent, pretended, busy, studio, linked, passphrase}}.
import { World } from "./browser.mjs";
import { ownApps, receiptAndPanic, severalAccounts, tokensAndCodes } from "./walks/access.mjs";
import { again, manyRuns } from "./walks/activity.mjs";
import { forReal, writing } from "./walks/author.mjs";
import { automations, catchingUp, planning, yourWord } from "./walks/automations.mjs";
import { accesses, approving, longTexts, shortCode, unsure, whatStops } from "./walks/linked.mjs";
import { firstRun } from "./walks/first-run.mjs";
import { hostile, policy } from "./walks/hostile.mjs";
import {
  canceling,
  disconnecting,
  empty,
  runByKeyboard,
  screens,
  twelve,
} from "./walks/screens.mjs";
import { general, history, languageModel, wayBack } from "./walks/settings.mjs";
import { asking, inbox, outbox } from "./walks/waiting.mjs";
import { brokenConnection, lockedVault, missingKeyring, providerDown } from "./walks/troubles.mjs";

const config = JSON.parse(process.argv[2]);
// In order: later walks build on what earlier ones left behind.
const walks = [
  empty,
  firstRun,
  screens,
  runByKeyboard,
  again,
  outbox,
  asking,
  canceling,
  twelve,
  disconnecting,
  providerDown,
  brokenConnection,
  hostile,
  policy,
  catchingUp,
  yourWord,
  automations,
  inbox,
  manyRuns,
  planning,
  writing,
  forReal,
  ownApps,
  tokensAndCodes,
  severalAccounts,
  receiptAndPanic,
  general,
  languageModel,
  wayBack,
  approving,
  history,
  shortCode,
  accesses,
  unsure,
  whatStops,
  longTexts,
  lockedVault,
  missingKeyring,
];

const patience = 900_000; // for one walk

function tooLong(name) {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Error(`${name} does not come to an end`)), patience).unref();
  });
}

const world = await World.open(config);
let failed = 0;
// WALKS names the walks to do, for who works on one of them.
const wanted = new RegExp(process.env.WALKS ?? "");
for (const walk of walks.filter(({ name }) => wanted.test(name))) {
  const began = Date.now();
  try {
    await Promise.race([walk(world, config.homes), tooLong(walk.name)]);
    console.log(`ok   ${walk.name}, ${Math.round((Date.now() - began) / 1000)} s`);
  } catch (error) {
    failed++;
    console.log(`FAIL ${walk.name}\n${error.stack}`);
    await world.confess(walk.name);
  }
}
console.log(`${world.figures.pictures} pictures, axe looked ${world.figures.axe} times`);
await world.browser.close();
process.exit(failed > 0 ? 1 : 0);
