// Every screen in both themes and three widths: axe finds nothing, nothing scrolls sideways, no policy is broken.

import type { Browser, Cookie, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { choose, judge, launch, look, signIn, type Scheme, type Size, SIZES } from "./browser.ts";
import { ModelServer } from "./model.ts";
import { Local } from "./server.ts";

let browser: Browser;
let local: Local;
let cookies: Cookie[];
let modelUrl = "";
const model = new ModelServer();

beforeAll(async () => {
  modelUrl = await model.listen();
  local = await Local.start({ models: { "granite-small": modelUrl }, flags: ["--no-discovery"] });
  browser = await launch();
  cookies = await signIn(browser, local.link);
  await fill();
});

afterAll(async () => {
  await browser?.close();
  await local?.stop();
  model.close();
});

/** Something on every screen, by the routes that the page itself calls. */
async function fill(): Promise<void> {
  const { page, close } = await look(browser, local.page, { cookies });
  await page.getByRole("textbox", { name: "Question" }).waitFor();
  await page.evaluate(async (url) => {
    const send = async (method: string, path: string, body: object): Promise<void> => {
      const response = await fetch(path, { method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    };
    await send("POST", "/prompt-templates", { title: "Release notes", body: "Write release notes from these commits:", type: "directive", groups: ["lisa:public"] });
    await send("POST", "/prompt-templates", { title: "Reviewer", body: "You review code: first what is wrong, then what could be better.", type: "persona", groups: [] });
    await send("POST", "/models", { modelId: "mistral-large", modelName: "openai/tale", modelType: "textgen", streaming: true, modelUrl: url });
    for (const [index, question] of ["Which night trains stop in Ulm?", "Outline a talk on write-ahead logs", "Why does this query scan the table?", "Translate the release notes"].entries()) {
      await send("PUT", `/session/00000000-0000-4000-8000-00000000000${index}`, { messages: [{ type: "human", content: question }, { type: "ai", content: "Gladly." }] });
    }
    await send("POST", "/api-tokens", { name: "Nightly report", tokenExpiration: 4_000_000_000 });
  }, modelUrl);
  await close();
}

async function ask(page: Page): Promise<void> {
  await choose(page, "granite-small");
  await page.getByRole("textbox", { name: "Question" }).fill("Show me when a hash index beats a B-tree");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Send", exact: true }).waitFor();
  await page.locator("math").first().waitFor();
  await page.locator(".hl-keyword").first().waitFor();
}

/** What is looked at, and the way there. */
const STATES: Record<string, (page: Page) => Promise<unknown>> = {
  empty: (page) => page.getByText("Hello").waitFor().catch(() => page.getByText("What are you working on?").waitFor()),
  answer: ask,
  settings: async (page) => {
    await page.getByRole("button", { name: "Settings of this conversation" }).click();
    await page.getByText("Show as API call").click();
  },
  closed: (page) => page.keyboard.press("Escape"),
  palette: (page) => page.keyboard.press("Control+k"),
  shortcuts: async (page) => {
    await page.getByRole("combobox").fill("keyboard");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Keyboard shortcuts" }).waitFor();
  },
  models: async (page) => {
    await page.keyboard.press("Escape");
    await goTo(page, "/models");
    await page.getByRole("heading", { name: "mistral-large" }).or(page.getByRole("rowheader", { name: "mistral-large" })).waitFor();
    await page.getByText("Built in, to try things out").waitFor();
  },
  table: async (page) => {
    await page.getByRole("button", { name: "As a table" }).click();
    await page.getByRole("rowheader", { name: "mistral-large" }).waitFor();
  },
  wizard: async (page) => {
    // As in an account: only there can a model be hosted, and what that takes is to be seen, too.
    await page.route(/\/models\/metadata\/instances$/, (route) => route.fulfill({ json: ["g5.xlarge", "g6.12xlarge"] }));
    await page.getByRole("button", { name: "Add a model" }).click();
    await page.getByLabel("Id", { exact: true }).fill("hosted");
    await page.getByLabel("Name", { exact: true }).fill("mistralai/Mistral-7B-Instruct-v0.3");
    await page.getByRole("button", { name: "Next" }).click();
    await page.getByRole("switch").check();
  },
  scaling: (page) => page.getByRole("button", { name: "Next" }).click(),
  review: (page) => page.getByRole("button", { name: "Next" }).click(),
  documents: async (page) => {
    await page.keyboard.press("Escape");
    await goTo(page, "/documents");
    await page.getByRole("heading", { level: 1, name: "Documents" }).waitFor();
  },
  tokens: async (page) => {
    await goTo(page, "/tokens");
    await page.getByRole("heading", { level: 1, name: "API tokens" }).waitFor();
  },
  prompts: async (page) => {
    await goTo(page, "/prompts");
    await page.getByRole("heading", { name: "Reviewer" }).waitFor();
  },
  configuration: async (page) => {
    await goTo(page, "/configuration");
    await page.getByRole("heading", { name: "Banner" }).waitFor();
  },
};

async function goTo(page: Page, path: string): Promise<void> {
  await page.evaluate((hash) => {
    location.hash = hash;
  }, path);
}

describe.each(["light", "dark"] as Scheme[])("in %s", (scheme) => {
  it.each(Object.keys(SIZES) as Size[])("on a %s", async (size) => {
    const { page, complaints, close } = await look(browser, local.page, { size, scheme, cookies });
    await page.getByRole("textbox", { name: "Question" }).waitFor();
    for (const [name, go] of Object.entries(STATES)) {
      await go(page);
      await judge(page, `${scheme}-${size}-${name}`);
    }
    expect(complaints).toEqual([]);
    await close();
  });
});
