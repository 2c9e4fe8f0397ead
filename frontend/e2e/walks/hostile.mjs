// Markup in every text that a stranger can write stays text.
import assert from "node:assert/strict";
import { Services } from "../services.mjs";

const markup = `<img src=x onerror="window.__ran=1"><script>window.__ran=1</script>`;
const quoted = JSON.stringify(markup);

const agent = `---
name: hostile-agent
displayName: ${quoted}
description: ${quoted}
tier: tool
version: 1.0.0
manifest:
  trigger: auto
  tool:
    name: hostile
    description: ${quoted}
    parameters:
      type: object
      properties:
        text: { type: string, title: ${quoted}, description: ${quoted} }
  userSecrets:
    HOSTILE: { description: ${quoted}, required: false }
---
async function handler(input, context) {
  console.log(${quoted});
  await context.notify(${quoted}, { title: ${quoted} });
  if (input.text) throw new Error(${quoted});
  return { body: ${quoted}, list: [${quoted}], deep: { ${quoted}: ${quoted} } };
}
module.exports = { handler };
`;

async function inert(page, where) {
  const found = await page.evaluate(() => ({
    ran: window.__ran,
    images: document.querySelectorAll("img").length,
    scripts: [...document.querySelectorAll("script")].filter((each) => !each.src).length,
  }));
  assert.deepEqual(found, { ran: undefined, images: 0, scripts: 0 }, `inert ${where}`);
}

export async function hostile(world, { fresh }) {
  const page = await world.page(`${fresh}#/agents`);
  await page.locator("input[type=file]").setInputFiles({
    name: `${markup.replaceAll("/", "")}.pie`,
    mimeType: "application/octet-stream",
    buffer: Buffer.from(agent),
  });
  await page.getByRole("dialog").getByText("It will be able to").waitFor();
  await inert(page, "in the permission sheet");
  await world.show(page, "hostile-sheet");
  await page.getByRole("button", { name: "Allow and install" }).click();
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await page.getByRole("tab", { name: "Result" }).waitFor();
  await inert(page, "in a result");
  await page.getByRole("tab", { name: /Log/ }).click();
  await page.getByRole("region", { name: "Log" }).getByText("onerror").waitFor();
  await inert(page, "in a log");
  await world.show(page, "hostile-log");
  await page.locator("main form").getByRole("textbox").nth(0).fill("x");
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await page.getByText("Failed").first().waitFor();
  await inert(page, "in an error");
  for (const hash of [
    "#/activity",
    "#/inbox",
    "#/agents",
    "#/connections",
    "#/agents/hostile-agent",
  ]) {
    await page.goto(fresh + hash);
    await page.getByRole("heading", { level: 1 }).waitFor();
    await inert(page, `at ${hash}`);
  }
  assert.deepEqual(page.complaints, []);
  await page.context().close();
}

/** The policy of the page holds even where the page would not have to. */
export async function policy(world, { fresh }) {
  const page = await world.page(`${fresh}#/connections`);
  const refused = await page.evaluate(async () => {
    const seen = [];
    document.addEventListener("securitypolicyviolation", (each) =>
      seen.push(each.effectiveDirective),
    );
    const script = document.createElement("script");
    script.textContent = "window.__ran = 1";
    document.body.append(script);
    const style = document.createElement("style");
    style.textContent = "body { display: none }";
    document.head.append(style);
    const image = new Image();
    image.src = "http://127.0.0.1:9/x.png";
    await fetch("http://127.0.0.1:9/").catch(() => null);
    // The browser tells of each in its own time.
    for (let tries = 0; tries < 1000 && new Set(seen).size < 4; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return { seen: [...new Set(seen)].sort(), ran: window.__ran };
  });
  assert.deepEqual(refused, {
    seen: ["connect-src", "img-src", "script-src-elem", "style-src-elem"],
    ran: undefined,
  });
  const services = await Services.of(fresh);
  await assert.rejects(services.call("System.OpenLink", { url: "https://example.com/" }), /denied/);
  await page.context().close();
}
