// What the page weighs and how long it takes, in Chromium on `lisa local`.

import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, CDPSession, Cookie, Page } from "playwright-core";
import { afterAll, beforeAll, it } from "vitest";
import { build, preview } from "vite";
import { choose, launch, look, signIn } from "../e2e/browser.ts";
import { ModelServer } from "../e2e/model.ts";
import { Local } from "../e2e/server.ts";
import { conversation, pieces } from "./answer.ts";
import { median, note } from "./figures.ts";
import type { Way } from "./renderer.tsx";

let browser: Browser;
let local: Local;
let cookies: Cookie[];
const model = new ModelServer();

beforeAll(async () => {
  local = await Local.start({ models: { tale: await model.listen() }, flags: ["--no-discovery"] });
  browser = await launch();
  cookies = await signIn(browser, local.link);
});

afterAll(async () => {
  await browser?.close();
  await local?.stop();
  model.close();
});

it("weighs the chat route", async () => {
  const context = await browser.newContext();
  await context.addCookies(cookies);
  const page = await context.newPage();
  const weights = { script: 0, stylesheet: 0 };
  const bodies: Promise<void>[] = [];
  page.on("response", (response) => {
    const kind = response.request().resourceType();
    if (kind !== "script" && kind !== "stylesheet") return;
    bodies.push(response.body().then((body) => {
      weights[kind] += gzipSync(body, { level: 9 }).length;
    }));
  });
  await page.goto(local.page);
  await page.getByRole("textbox", { name: "Question" }).waitFor();
  await page.getByRole("button", { name: /^Model: \S/ }).waitFor();
  await page.waitForTimeout(1000);
  await Promise.all(bodies);
  note("scriptKb", weights.script / 1000);
  note("styleKb", weights.stylesheet / 1000);
  await context.close();
});

/** Seconds of script, as the browser counts them. */
async function scriptTime(session: CDPSession): Promise<number> {
  const { metrics } = await session.send("Performance.getMetrics");
  return metrics.find((metric) => metric.name === "ScriptDuration")?.value ?? 0;
}

it("draws a growing answer", { timeout: 600_000 }, async () => {
  const out = mkdtempSync(join(tmpdir(), "lisa-bench-"));
  await build({ configFile: new URL("./vite.config.ts", import.meta.url).pathname, logLevel: "error", build: { outDir: out, emptyOutDir: true } });
  const files = await preview({ root: out, logLevel: "error", build: { outDir: out }, preview: { host: "127.0.0.1", port: 0 } });
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(files.resolvedUrls?.local[0] ?? "");
  await page.waitForFunction(() => "draw" in window);
  const session = await context.newCDPSession(page);
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  const answer = pieces(1000);
  const took: Record<Way, number[]> = { "open end": [], "all again": [], "react-markdown": [] };
  // What the just-in-time compiler learns counts for none of them.
  for (const way of Object.keys(took) as Way[]) await page.evaluate(([name, list]) => window.draw(name, list), [way, answer.slice(0, 50)] as const);
  for (let round = 0; round < 3; round += 1) {
    for (const way of Object.keys(took) as Way[]) {
      // Upstream's way takes so long that once is enough.
      if (way === "react-markdown" && round > 0) continue;
      const before = await scriptTime(session);
      await page.evaluate(([name, list]) => window.draw(name, list), [way, answer] as const);
      took[way].push((await scriptTime(session)) - before);
    }
  }
  const [ours, again, upstream] = [took["open end"], took["all again"], took["react-markdown"]].map((times) => median(times) * 1000) as [number, number, number];
  note("drawMs", ours);
  note("drawAgainMs", again);
  note("drawUpstreamMs", upstream);
  note("drawAgainRatio", again / ours);
  note("drawRatio", upstream / ours);
  await context.close();
  await files.close();
  rmSync(out, { recursive: true, force: true });
});

interface TraceEvent {
  name: string;
  pid: number;
  tid: number;
  /** Microseconds on the processor, which a crowded machine does not lengthen. */
  tdur?: number;
  ts: number;
  dur?: number;
  args: { name?: string; chrome_mojo_event_info?: { mojo_interface_tag?: string } };
}

/** The longest task of a page's main thread, in milliseconds of its own time. What this test asks of it is no task of the page. */
function longestTask(trace: string): number {
  const { traceEvents } = JSON.parse(trace) as { traceEvents: TraceEvent[] };
  const main = new Set(traceEvents.filter((one) => one.name === "thread_name" && one.args.name === "CrRendererMain").map((one) => `${one.pid}/${one.tid}`));
  const here = traceEvents.filter((one) => one.tdur !== undefined && main.has(`${one.pid}/${one.tid}`));
  const asked = here.filter((one) => one.args.chrome_mojo_event_info?.mojo_interface_tag?.includes("DevTools")).map((one) => one.ts);
  const tasks = here.filter((one) => one.name === "RunTask" && !asked.some((ts) => ts >= one.ts && ts <= one.ts + (one.dur ?? 0)));
  if (tasks.length === 0) throw new Error("the trace holds no task of the page");
  return Math.max(...tasks.map((one) => one.tdur ?? 0)) / 1000;
}

async function put(page: Page, id: string, count: number): Promise<void> {
  await page.evaluate(
    ([session, messages]) => fetch(`/session/${session}`, { method: "PUT", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ messages, name: "long" }) }),
    [id, conversation(count)] as const,
  );
}

/** Categories by their name: of 0 to 1, and what they are made of. */
type Judgement = Record<string, { score: number; auditRefs: { id: string; weight: number }[] }>;

/** One judgement; what it finds fault with is told. */
async function lighthouse(): Promise<Judgement> {
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
  const cli = createRequire(import.meta.url).resolve("lighthouse/cli/index.js");
  const { stdout } = await promisify(execFile)("node", [cli, local.page, "--quiet", "--output=json", "--preset=desktop", "--only-categories=performance,accessibility,best-practices,seo",
    "--chrome-flags=--headless=new --no-sandbox --disable-dev-shm-usage", `--extra-headers=${JSON.stringify({ Cookie: cookie })}`], { maxBuffer: 64_000_000, env: { ...process.env, CHROME_PATH: process.env.LISA_CHROMIUM ?? "/usr/bin/chromium" } });
  const { categories, audits } = JSON.parse(stdout) as { categories: Judgement; audits: Record<string, { score: number | null; displayValue?: string }> };
  for (const [name, { auditRefs }] of Object.entries(categories)) {
    for (const { id, weight } of auditRefs) {
      const { score, displayValue } = audits[id] ?? { score: null };
      if (weight > 0 && score !== null && score < 0.9) console.log(`${name}: ${id} ${score} ${displayValue ?? ""}`);
    }
  }
  return categories;
}

it("is judged by Lighthouse", { timeout: 600_000 }, async () => {
  const judgements: Judgement[] = [];
  for (let round = 0; round < 3; round += 1) judgements.push(await lighthouse());
  for (const name of Object.keys(judgements[0] ?? {})) note(`lighthouse-${name}`, Math.round(median(judgements.map((categories) => categories[name]?.score ?? 0)) * 100));
});

it("streams into a long conversation", { timeout: 300_000 }, async () => {
  const { page, close } = await look(browser, local.page, { cookies });
  await page.getByRole("textbox", { name: "Question" }).waitFor();
  await choose(page, "tale");
  const id = "00000000-0000-4000-8000-000000000300";
  await put(page, id, 300);
  await page.evaluate((session) => {
    location.hash = `/chat/${session}`;
  }, id);
  await page.waitForFunction((count) => document.querySelectorAll(".messages > article").length === count, 300, { timeout: 60_000 });
  // A word each 4 or 5 milliseconds is what the model makes: 200 tokens in a second.
  await page.getByRole("textbox", { name: "Question" }).fill("A long tale, please");
  await page.keyboard.press("Enter");
  await page.getByText("word-20", { exact: false }).first().waitFor();
  await browser.startTracing(page, { categories: ["toplevel", "disabled-by-default-devtools.timeline", "__metadata"] });
  await page.getByRole("button", { name: "Send", exact: true }).waitFor();
  note("longestTaskMs", longestTask((await browser.stopTracing()).toString()));
  await close();
});

it("opens a conversation of a thousand messages", { timeout: 300_000 }, async () => {
  const { page, close } = await look(browser, local.page, { cookies });
  await page.getByRole("textbox", { name: "Question" }).waitFor();
  const id = "00000000-0000-4000-8000-000000001000";
  await put(page, id, 1000);
  const took: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    await page.evaluate(() => {
      location.hash = "/";
    });
    await page.locator(".greeting").waitFor();
    took.push(await page.evaluate(opened, id));
  }
  note("openMs", median(took));
  await close();
});

/** From the press to the painted last message, in milliseconds. */
async function opened(session: string): Promise<number> {
  const begin = performance.now();
  location.hash = `/chat/${session}`;
  await new Promise<void>((resolve) => {
    const seek = (): void => {
      if (document.querySelector(".messages > article:last-child .markdown")) requestAnimationFrame(() => setTimeout(resolve));
      else requestAnimationFrame(seek);
    };
    seek();
  });
  return performance.now() - begin;
}
