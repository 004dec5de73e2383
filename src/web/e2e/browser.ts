// Debian's Chromium through playwright-core, and what every look at the page must satisfy.

import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { type Browser, chromium, type Cookie, type Page } from "playwright-core";
import { expect } from "vitest";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Where pictures go, if anywhere: `LISA_PICTURES`. */
const PICTURES = process.env.LISA_PICTURES;

export const SIZES = { phone: { width: 320, height: 640 }, tablet: { width: 768, height: 1024 }, desk: { width: 1440, height: 900 } } as const;
export type Size = keyof typeof SIZES;
export type Scheme = "light" | "dark";

export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.LISA_CHROMIUM ?? "/usr/bin/chromium",
    // The sandbox needs what a container often has not; the page under test is our own.
    // What the browser itself looks for, parts and advice, it does not find; what the page asks for is seen as a request.
    args: ["--no-sandbox", "--disable-dev-shm-usage", "--force-color-profile=srgb", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"],
  });
}

export interface Look {
  page: Page;
  /** What the policy refused, what was thrown, and every request to an origin that is none of its own. */
  complaints: string[];
  close(): Promise<void>;
}

interface How {
  size?: Size;
  scheme?: Scheme;
  /** Origins that the page may ask beside its own. */
  others?: string[];
  /** Of a browser that has signed in. */
  cookies?: Cookie[];
}

/** The cookies of a browser that has followed a link: one look follows it, and others use them. */
export async function signIn(browser: Browser, link: string): Promise<Cookie[]> {
  const context = await browser.newContext();
  await (await context.newPage()).goto(link);
  const cookies = await context.cookies();
  await context.close();
  return cookies;
}

/** Opens a page that notes whatever it should not do. */
export async function look(browser: Browser, link: string, { size = "desk", scheme = "light", others = [], cookies = [] }: How = {}): Promise<Look> {
  const context = await browser.newContext({ viewport: SIZES[size], colorScheme: scheme, locale: "en-GB", reducedMotion: "reduce", permissions: ["clipboard-read", "clipboard-write"] });
  await context.addCookies(cookies);
  if (others.length > 0) await context.route((url) => url.hostname !== "127.0.0.1", (route) => route.abort());
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  const complaints: string[] = [];
  const origins = [new URL(link).origin, ...others];
  page.on("pageerror", (error) => complaints.push(`thrown: ${error.message}`));
  page.on("console", (message) => {
    if (/Content Security Policy|TrustedScript/i.test(message.text())) complaints.push(`policy: ${message.text()}`);
  });
  page.on("request", (request) => {
    const url = request.url();
    // What a provider's own page asks for is its own affair.
    if (others.some((other) => request.headers()["referer"]?.startsWith(`${other}/`))) return;
    if (!origins.some((origin) => url.startsWith(`${origin}/`)) && !/^(data|blob):/.test(url)) complaints.push(`request: ${url}`);
  });
  await page.goto(link);
  return { page, complaints, close: () => context.close() };
}

/** No violation of WCAG 2.2 A and AA nor of axe's best practice, no scrolling sideways; a picture where they are wanted. */
export async function judge(page: Page, name: string): Promise<void> {
  await page.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => null))));
  if (PICTURES) {
    mkdirSync(PICTURES, { recursive: true });
    await page.screenshot({ path: join(PICTURES, `${name}.png`) });
  }
  // Through the debugger, which no policy of the page holds back.
  await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    const { axe: runner } = window as unknown as { axe: { run(options: object): Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }> } };
    const { violations } = await runner.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] });
    return violations.map((one) => `${one.id}: ${one.nodes.map((node) => `${node.html}\n${node.failureSummary}`).join("\n")}`);
  });
  expect(found, name).toEqual([]);
  const isWide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  expect(isWide, `${name} scrolls sideways`).toBe(false);
}

/** Goes by the side, which a narrow page shows on demand. */
export async function goBy(page: Page, name: string): Promise<void> {
  const show = page.getByRole("button", { name: "Show the side" });
  if (await show.isVisible()) await show.click();
  await page.getByRole("complementary").getByRole("link", { name }).first().click();
}

/** Chooses a model by its name. */
export async function choose(page: Page, name: string): Promise<void> {
  await page.getByRole("button", { name: "Model:" }).click();
  await page.getByRole("combobox", { name: "Search models" }).fill(name);
  await page.getByRole("option").filter({ has: page.getByText(name, { exact: true }) }).first().click();
}
