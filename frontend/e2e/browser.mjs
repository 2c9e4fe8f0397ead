// A browser with two people in it: the page, and the person at the consent page.
import assert from "node:assert/strict";
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { chromium } from "playwright-core";

const axe = fs.readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export const looks = [
  { theme: "light", width: 1440, height: 900 },
  { theme: "dark", width: 900, height: 700 },
  { theme: "light", width: 480, height: 760 },
];

// What one step may take on a machine that is busy with other things.
const stepTime = 300_000;

export class World {
  /** pictures is a folder; chromium the path of the browser. */
  static async open({ chromium: executablePath, pictures }) {
    fs.mkdirSync(pictures, { recursive: true });
    const browser = await chromium.launch({
      executablePath,
      args: ["--no-sandbox", "--disable-dev-shm-usage"],
    });
    return new World(browser, pictures);
  }

  figures = { pictures: 0, axe: 0 };

  constructor(browser, pictures) {
    this.browser = browser;
    this.pictures = pictures;
  }

  /** Opens the page of a home. What its console complains about is kept. */
  async page(url, look = looks[0]) {
    const context = await this.browser.newContext({
      viewport: { width: look.width, height: look.height },
      colorScheme: look.theme,
    });
    const page = await context.newPage();
    page.look = look;
    page.complaints = [];
    page.on("pageerror", (error) => page.complaints.push(String(error)));
    page.on("console", (message) => {
      // A fault is an answer with status 422; the browser reports each as an error.
      if (message.type() === "error" && !message.text().includes("422")) {
        page.complaints.push(message.text());
      }
    });
    page.setDefaultTimeout(stepTime);
    await page.goto(url);
    return page;
  }

  /** What stands on every page that a failed walk left open; then they are closed. */
  async confess(name) {
    for (const context of this.browser.contexts()) {
      for (const page of context.pages()) {
        await this.confessPage(page, name).catch((error) => {
          console.log(`     ${page.url()} tells nothing: ${error.message}`);
        });
      }
      await context.close();
    }
  }

  async confessPage(page, name) {
    const text = await page.evaluate(() => document.body.innerText.slice(0, 800));
    console.log(`     ${page.url()} shows: ${text.replaceAll(/\s+/g, " ")}`);
    const file = path.join(this.pictures, `failed-${name}.png`);
    await page.screenshot({ path: file });
    console.log(`     ${file} is a picture of it`);
  }

  /** Takes a picture in the page's own look and lets axe judge it. */
  async show(page, name) {
    // What turns for ever, such as a spinner, is not waited for.
    await page.evaluate(async () => {
      const ending = document
        .getAnimations()
        .filter((each) => each.effect?.getTiming().iterations !== Infinity);
      await Promise.all(ending.map((each) => each.finished.catch(() => null)));
    });
    const { theme, width } = page.look;
    await page.screenshot({ path: path.join(this.pictures, `${name}-${theme}-${width}.png`) });
    this.figures.pictures++;
    await this.judge(page, `${name}, ${theme}, ${width} wide`);
  }

  async judge(page, where) {
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => window.axe.run(document));
    const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((n) => n.html).join(" ")}`);
    assert.deepEqual(found, [], `axe finds nothing at ${where}`);
    this.figures.axe++;
    const wide = await page.evaluate(() =>
      [
        document.documentElement,
        ...document.querySelectorAll("main, [role=dialog], [role=dialog] > div"),
      ]
        .filter((each) => each.scrollWidth > each.clientWidth + 1)
        .map((each) => each.tagName),
    );
    assert.deepEqual(wide, [], `nothing is cut off sideways at ${where}`);
    assert.deepEqual(page.complaints, [], `the console is quiet at ${where}`);
  }

  /** The same screen in every look. prepare brings a fresh page to it. */
  async showAll(url, name, prepare) {
    for (const look of looks) {
      const page = await this.page(url, look);
      await prepare(page);
      await this.show(page, name);
      await page.context().close();
    }
  }

  /** The person: types a short code at the address it is for, and allows what is asked. */
  async type(address, code) {
    const context = await this.browser.newContext();
    const page = await context.newPage();
    page.setDefaultTimeout(stepTime);
    await page.goto(address);
    await page.locator("input[name=user_code]").fill(code);
    await page.getByRole("button", { name: /continue/i }).click();
    // The server asks once more whether the code is the one that the person sees.
    await page.getByRole("button", { name: /continue/i }).click();
    await page.getByRole("button", { name: "Allow" }).click();
    await page.getByText("Sign-in Success").waitFor();
    await context.close();
  }

  /** The person: opens the authorization address in a browser of their own and presses Allow. */
  async allow(address) {
    const context = await this.browser.newContext();
    const page = await context.newPage();
    page.setDefaultTimeout(stepTime);
    await page.goto(address);
    await page.getByRole("button", { name: "Allow" }).click();
    await page.waitForLoadState();
    await context.close();
  }
}
