// `lisa local` with a real OpenID provider: code with PKCE, a role from the claims, tokens that end in the middle of an
// answer, and a sign-in that ends in the middle of a sentence.

import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { choose, launch, look, type Look } from "./browser.ts";
import { ModelServer } from "./model.ts";
import { LIFE, OpenId } from "./provider.ts";
import { freePort, Local } from "./server.ts";

let browser: Browser;
let local: Local;
let seen: Look;
let page: Page;
const model = new ModelServer();
const provider = new OpenId();
/** Every bearer token that the page showed, and what was asked for with it. */
const shown: { token: string; path: string; status: number }[] = [];

beforeAll(async () => {
  const port = await freePort();
  await provider.listen(`http://127.0.0.1:${port}/`);
  const flags = ["--no-discovery", "--authority", provider.issuer, "--client-id", "lisa", "--admin-group", "lisa-admins", "--groups-property", "groups"];
  local = await Local.start({ models: { tale: await model.listen() }, flags, port });
  browser = await launch();
  seen = await look(browser, `${local.page}#/prompts`, { others: [provider.issuer] });
  page = seen.page;
  page.on("response", (response) => {
    const token = response.request().headers()["authorization"];
    if (token && response.url().startsWith(local.page)) shown.push({ token, path: new URL(response.url()).pathname, status: response.status() });
  });
});

afterAll(async () => {
  await browser?.close();
  await local?.stop();
  provider.close();
  model.close();
});

async function signIn(): Promise<void> {
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.locator("input[name=login]").fill("grace");
  await page.locator("input[name=password]").fill("any");
  await page.locator("button[type=submit]").click();
  await page.locator("button[type=submit]").click();
}

const question = () => page.getByRole("textbox", { name: "Question" });

it("signs in by code with PKCE and comes back to where it was", async () => {
  const asked: URL[] = [];
  page.on("request", (request) => {
    if (request.url().startsWith(`${provider.issuer}/auth?`)) asked.push(new URL(request.url()));
  });
  await page.evaluate(() => sessionStorage.setItem("lisa.draft", "Half a question"));
  await signIn();
  await page.getByRole("heading", { level: 1, name: "Prompts" }).waitFor();
  expect(asked[0]?.searchParams.get("response_type")).toBe("code");
  expect(asked[0]?.searchParams.get("code_challenge_method")).toBe("S256");
  expect(page.url()).toBe(`${local.page}#/prompts`);
  expect(await page.evaluate(() => Object.values(localStorage).join())).not.toContain("eyJ");
});

it("takes the role from the claims, and the services judge it themselves", async () => {
  await page.getByRole("link", { name: "Models" }).click();
  await page.getByRole("heading", { name: "tale" }).waitFor();
  expect((await fetch(`${local.page}models`)).status).toBe(401);
  const forged = `Bearer ${shown[0]?.token.slice(7).split(".").slice(0, 2).join(".")}.AAAA`;
  expect((await fetch(`${local.page}models`, { headers: { Authorization: forged } })).status).toBe(401);
});

it("ends an answer properly whose token ends in its middle", async () => {
  await page.getByRole("link", { name: "New chat" }).first().click();
  expect(await question().inputValue()).toBe("Half a question");
  await choose(page, "tale");
  await question().fill("Tell me a long tale, slow");
  await page.keyboard.press("Enter");
  const began = Date.now();
  await page.getByText("word-3", { exact: false }).first().waitFor();
  await question().fill("The next question");
  await page.getByText("word-399").waitFor({ timeout: 60_000 });
  expect(Date.now() - began).toBeGreaterThan(2 * LIFE * 1000);
  await page.getByRole("button", { name: "Send", exact: true }).waitFor();
  expect(await page.getByRole("log").textContent()).toContain("The answer is complete.");
  expect(await question().inputValue()).toBe("The next question");
  expect(provider.renewals).toBeGreaterThanOrEqual(2);
});

it("goes on with the renewed token", async () => {
  const [first] = shown.filter(({ path }) => path.endsWith("/chat/completions"));
  await question().focus();
  await page.keyboard.press("Enter");
  await page.getByText("You asked: The next question").waitFor();
  const asked = shown.filter(({ path }) => path.endsWith("/chat/completions"));
  expect(asked.map(({ status }) => status)).toEqual([200, 200]);
  expect(asked[1]?.token).not.toBe(first?.token);
});

it("keeps the draft where the provider has forgotten who it is", async () => {
  await page.getByRole("button", { name: "Send", exact: true }).waitFor();
  await question().fill("Not lost");
  provider.hasForgotten = true;
  // A service grants a token a minute beyond its end; what is for another client it refuses at once.
  await local.crash(["--client-id", "another"]);
  await page.keyboard.press("Enter");
  await page.getByText("You are signed out. What you were writing is kept.").waitFor();
  provider.hasForgotten = false;
  await local.crash();
  await page.getByRole("button", { name: "Sign in" }).click();
  // It knows the person yet, and asks only whether this client may.
  await page.locator("button[type=submit]").click();
  await question().waitFor();
  expect(await question().inputValue()).toBe("Not lost");
});

it("asked nobody but the two", () => {
  expect(seen.complaints).toEqual([]);
});
