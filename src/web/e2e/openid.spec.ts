// Signing in at a real OpenID provider: code with PKCE, a role from the claims, renewal in mid-answer, a draft that stays.

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { choose, launch } from "./browser.ts";
import { ModelServer } from "./model.ts";
import { OpenId } from "./provider.ts";
import { Standin } from "./standin.ts";

let browser: Browser;
const model = new ModelServer();
const provider = new OpenId();
let standin: Standin;
let page: string;

beforeAll(async () => {
  // The gateway judges tokens by tests of its own; here the model answers behind a stand-in that only notes them.
  standin = new Standin(process.env.LISA_WEB ?? "", new URL(await model.listen()).origin, "unused");
  page = new URL("/", await standin.listen()).href;
  await provider.listen(page);
  standin.openId = { AUTHORITY: provider.issuer, CLIENT_ID: "lisa", CUSTOM_SCOPES: ["offline_access"], ADMIN_GROUP: "lisa-admins", JWT_GROUPS_PROP: "groups" };
  browser = await launch();
});

afterAll(async () => {
  await browser?.close();
  await standin?.close();
  provider.close();
  model.close();
});

it("signs in, renews before the end, and keeps the draft", async () => {
  const tab = await (await browser.newContext({ locale: "en-GB" })).newPage();
  tab.setDefaultTimeout(20_000);
  const authorizations: URL[] = [];
  tab.on("request", (request) => {
    if (request.url().startsWith(`${provider.issuer}/auth?`)) authorizations.push(new URL(request.url()));
  });
  await tab.goto(`${page}#/prompts`);
  await tab.evaluate(() => sessionStorage.setItem("lisa.draft", "Half a question"));
  await tab.getByRole("button", { name: "Sign in" }).click();
  await tab.locator("input[name=login]").fill("grace");
  await tab.locator("input[name=password]").fill("any");
  await tab.locator("button[type=submit]").click();
  await tab.locator("button[type=submit]").click();
  await tab.getByRole("heading", { level: 1, name: "Prompts" }).waitFor();
  expect(authorizations[0]?.searchParams.get("code_challenge_method")).toBe("S256");
  expect(tab.url()).toBe(`${page}#/prompts`);
  expect(await tab.evaluate(() => Object.values(localStorage).join())).not.toContain("eyJ");

  // Only an administrator sees them.
  await tab.getByRole("link", { name: "Models" }).waitFor();
  await tab.getByRole("link", { name: "New chat" }).first().click();
  expect(await tab.getByRole("textbox", { name: "Question" }).inputValue()).toBe("Half a question");

  await choose(tab, "tale");
  await tab.getByRole("textbox", { name: "Question" }).fill("Tell me a long tale, slow");
  const before = provider.renewals;
  await tab.keyboard.press("Enter");
  await expect.poll(() => provider.renewals, { timeout: 30_000 }).toBeGreaterThan(0);
  await tab.getByText("word-20", { exact: false }).first().waitFor();
  await tab.getByRole("textbox", { name: "Question" }).fill("The next question");
  await tab.getByRole("button", { name: "Stop", exact: true }).click();
  await tab.getByText("Stopped.", { exact: true }).waitFor();
  expect(provider.renewals).toBeGreaterThanOrEqual(before);
  expect(await tab.getByRole("textbox", { name: "Question" }).inputValue()).toBe("The next question");
  expect(new Set(standin.bearers).size).toBeGreaterThan(1);
});
