// Plays the person in the browser: opens the address of a consent page in a real
// Chromium, presses Allow, and lets the browser hand the callback link to the
// system. The profile allows the link without a question, as a person would
// with "always allow".
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { chromium } from "playwright-core";

const [address, done] = process.argv.slice(2);
const profile = mkdtempSync(join(tmpdir(), "consent-"));
mkdirSync(join(profile, "Default"));
writeFileSync(
  join(profile, "Default", "Preferences"),
  JSON.stringify({
    protocol_handler: {
      allowed_origin_protocol_pairs: { [new URL(address).origin]: { "app.pie.desktop": true } },
    },
  }),
);
const browser = await chromium.launchPersistentContext(profile, {
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-quic", "--disable-background-networking"],
});
try {
  const page = await browser.newPage();
  page.setDefaultTimeout(300_000);
  await page.goto(address);
  await page.getByRole("button", { name: "Allow" }).click();
  // The link leaves the browser; the test says when it has arrived.
  for (let tries = 0; tries < 3000 && !existsSync(done) && existsSync(dirname(done)); tries++) {
    await page.waitForTimeout(100);
  }
} finally {
  await browser.close();
  rmSync(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
}
