// What people do with the page, from signing in to finding a conversation again after a crash, in one browser on
// `lisa local`. Only the models are the test's own.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { choose, goBy, judge, launch, look, type Look, type Scheme, type Size } from "./browser.ts";
import { ModelServer } from "./model.ts";
import { pdf } from "./pdf.ts";
import { Local } from "./server.ts";

/** Where Ollama listens; in this namespace it is nobody else. */
const OLLAMA = 11434;

let browser: Browser;
const model = new ModelServer();
const running = new ModelServer(["llama-found", "nomic-embed-found"]);
let modelUrl = "";

beforeAll(async () => {
  modelUrl = await model.listen();
  await running.listen(OLLAMA);
  browser = await launch();
});

afterAll(async () => {
  await browser?.close();
  model.close();
  running.close();
});

const RUNS: [Size, Scheme][] = [["desk", "light"], ["tablet", "dark"], ["phone", "light"], ["phone", "dark"]];

describe.each(RUNS)("on a %s in %s", (size, scheme) => {
  let local: Local;
  let seen: Look;
  let page: Page;
  const complaints: string[] = [];

  beforeAll(async () => {
    local = await Local.start({ models: { tale: modelUrl } });
    seen = await look(browser, local.link, { size, scheme });
    page = seen.page;
  });

  afterAll(async () => {
    await seen?.close();
    await local?.stop();
  });

  // What was on the screen tells more than what was waited for.
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") console.error(await page.locator("body").ariaSnapshot());
  });

  const show = (name: string): Promise<void> => judge(page, `${scheme}-${size}-${name}`);
  const answers = () => page.getByRole("article", { name: /^Answer of/ });
  const questions = () => page.getByRole("article", { name: "Question" });
  const settled = () => page.getByRole("button", { name: "Send", exact: true }).waitFor();

  async function ask(text: string): Promise<void> {
    await page.getByRole("textbox", { name: "Question" }).fill(text);
    await page.keyboard.press("Enter");
  }

  it("signs in by the link, once, and nobody without it", async () => {
    await page.getByRole("textbox", { name: "Question" }).waitFor();
    expect(page.url()).toBe(local.page);
    const stranger = await look(browser, local.page, { size, scheme });
    await stranger.page.getByText("Open the link that").waitFor();
    await judge(stranger.page, `${scheme}-${size}-signed-out`);
    const again = await stranger.page.goto(local.link);
    expect(again?.status()).toBe(410);
    complaints.push(...stranger.complaints);
    await stranger.close();
  });

  it("offers what was found and what was named, and nothing that only embeds", async () => {
    await page.getByRole("button", { name: "Model:" }).click();
    await page.getByRole("option", { name: "llama-found" }).waitFor();
    expect(await page.getByRole("option").allTextContents()).toEqual(["llama-found", "tale"]);
    await show("picker");
    await page.keyboard.press("Escape");
    await choose(page, "llama-found");
    await ask("Are you there?");
    await page.getByText("You asked: Are you there?").waitFor();
    await settled();
    expect(running.asked).not.toEqual([]);
    await goBy(page, "New chat");
  });

  it("streams an answer with code, a table and formulas", async () => {
    await choose(page, "tale");
    await ask("Show me everything");
    await settled();
    const answer = answers().last();
    expect(await answer.getByRole("table").count()).toBe(1);
    await answer.locator("math").first().waitFor();
    await answer.locator(".hl-keyword").first().waitFor();
    expect(await answer.locator(".figures").textContent()).toMatch(/tokens\/s/);
    expect(await answer.locator("details.reasoning").count()).toBe(1);
    await show("streamed");
  });

  it("tells a screen reader what was said", async () => {
    expect(await page.getByRole("log").textContent()).toContain("The answer is complete.");
  });

  it("stops the model within 200 ms", async () => {
    model.abandoned = [];
    await ask("Tell me a long tale, slow");
    await page.getByText("word-3", { exact: false }).first().waitFor();
    await show("answering");
    const clicked = page.evaluate(() => new Promise<number>((resolve) => addEventListener("click", () => resolve(Date.now()), { capture: true, once: true })));
    await page.getByRole("button", { name: "Stop", exact: true }).click();
    await expect.poll(() => model.abandoned.length, { timeout: 5000 }).toBe(1);
    expect((model.abandoned[0] ?? Infinity) - (await clicked)).toBeLessThan(200);
    await page.getByText("Stopped.", { exact: true }).waitFor();
    expect(await answers().last().textContent()).toContain("word-1");
    await show("stopped");
  });

  it("branches where a question is edited, and keeps both", async () => {
    await ask("First wording");
    await settled();
    const question = questions().last();
    await question.hover();
    await question.getByRole("button", { name: "Edit the question" }).click();
    await question.getByRole("textbox").fill("Second wording");
    await show("editing");
    await page.keyboard.press("Enter");
    await page.getByText("You asked: Second wording").waitFor();
    await settled();
    await questions().last().getByRole("button", { name: "Earlier version" }).click();
    await page.getByText("You asked: First wording").waitFor();
    expect(await page.getByText("You asked: Second wording").count()).toBe(0);
  });

  it("answers again beside the answer that is there", async () => {
    await answers().last().getByRole("button", { name: "Answer again" }).click();
    await settled();
    await answers().last().getByText("2 of 2").waitFor();
  });

  it("shows the conversation as a call that works", async () => {
    await page.getByRole("button", { name: "Settings of this conversation" }).click();
    await page.getByLabel("System prompt").fill("Be brief.");
    await page.getByRole("spinbutton", { name: "Passages for an answer", description: /however far they are/ }).waitFor();
    await page.getByText("Show as API call").click();
    const call = await page.getByRole("region", { name: "Show as API call" }).textContent();
    expect(call).toContain("Be brief.");
    expect(call).toContain(`${local.serve}/chat/completions`);
    await page.keyboard.press("Escape");
  });

  it("uploads a PDF, cites it and opens the passage at its page", async () => {
    await goBy(page, "Documents");
    await page.getByRole("main").getByRole("link", { name: "Documents" }).first().click();
    await page.getByRole("button", { name: "Upload documents" }).click();
    await page.getByTestId("upload").setInputFiles({ name: "travel.pdf", mimeType: "application/pdf", buffer: pdf() });
    await page.getByRole("dialog").getByRole("button", { name: "Upload", exact: true }).click();
    await page.getByRole("rowheader", { name: "travel.pdf" }).waitFor({ timeout: 60_000 });
    await page.getByRole("region", { name: "Jobs" }).getByText("Done").waitFor({ timeout: 60_000 });
    await goBy(page, "New chat");
    await page.getByRole("button", { name: "Answer from documents" }).click();
    await page.getByRole("option").nth(1).click();
    await ask("Who books the night train?");
    await settled();
    await show("cited");
    await answers().last().getByRole("button", { name: /^Source 1: travel\.pdf, pages? (1–)?2/ }).first().click();
    await page.getByText("Page 2 of 2").waitFor();
    await page.getByRole("dialog").getByText("A night train is booked by the office in Ulm.").waitFor();
    await page.locator("canvas[data-drawn=true]").waitFor();
    await show("passage");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: /^Answers from/ }).click();
    await page.getByRole("option", { name: "No documents" }).click();
  });

  it("says why a document cannot be read", async () => {
    await goBy(page, "Documents");
    await page.getByRole("main").getByRole("link", { name: "Documents" }).first().click();
    await page.getByRole("button", { name: "Upload documents" }).click();
    await page.getByTestId("upload").setInputFiles({ name: "broken.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.4 and nothing else") });
    await page.getByRole("dialog").getByRole("button", { name: "Upload", exact: true }).click();
    const job = page.getByRole("region", { name: "Jobs" }).getByRole("listitem").filter({ hasText: "broken.pdf" });
    await job.getByText("Failed").waitFor({ timeout: 60_000 });
    expect(await job.locator(".status-cause").textContent()).toMatch(/PDF/);
    await show("repository");
  });

  it("lets an administrator make an external model, which answers", async () => {
    await goBy(page, "Models");
    const instances = page.waitForResponse(/\/models\/metadata\/instances$/);
    await page.getByRole("button", { name: "Add a model" }).click();
    expect(await (await instances).json()).toEqual([]);
    await page.getByRole("button", { name: "Next" }).click();
    await page.getByText("Letters, digits and hyphens; the first").waitFor();
    await page.getByLabel("Id", { exact: true }).fill("mine");
    await page.getByLabel("Name", { exact: true }).fill("openai/tale");
    await page.getByRole("button", { name: "Next" }).click();
    await page.getByLabel("Address").fill(modelUrl);
    expect(await page.getByRole("switch", { name: "Hosted in this deployment" }).count()).toBe(0);
    await page.getByRole("button", { name: "Next" }).click();
    await page.getByRole("button", { name: "As a command" }).click();
    expect(await page.getByRole("region", { name: "Review" }).textContent()).toContain("lisa model add");
    await show("review");
    await page.getByRole("dialog").getByRole("button", { name: "Add a model" }).click();
    const card = page.getByRole("listitem").filter({ has: page.getByRole("heading", { name: "mine" }) });
    await card.getByText("In service").waitFor({ timeout: 60_000 });
    await show("models");
    await goBy(page, "New chat");
    await choose(page, "mine");
    await ask("To the new model");
    await page.getByText("You asked: To the new model").waitFor();
    await settled();
    await page.getByRole("article", { name: "Answer of mine" }).waitFor();
  });

  it("makes a token that curl uses", async () => {
    await goBy(page, "API tokens");
    await page.getByRole("button", { name: "New token" }).click();
    await page.getByLabel("Name", { exact: true }).fill("curl");
    await page.getByRole("button", { name: "Make the token" }).click();
    const token = (await page.getByTestId("token").textContent()) ?? "";
    await show("token");
    const { stdout } = await promisify(execFile)("curl", ["--silent", "--fail-with-body", "-H", `Authorization: Bearer ${token}`, "-H", "Content-Type: application/json",
      "-d", JSON.stringify({ model: "tale", messages: [{ role: "user", content: "Hello" }] }), `${local.serve}/chat/completions`]);
    expect(stdout).toContain("You asked: Hello");
    await page.getByRole("button", { name: "I have kept it" }).click();
    await page.getByRole("rowheader", { name: "curl" }).waitFor();
    expect(await page.content()).not.toContain(token);
  });

  it("works by keyboard alone", async () => {
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: "What would you like to do?" }).fill("new chat");
    await page.keyboard.press("Enter");
    await page.getByRole("textbox", { name: "Question" }).waitFor();
    await page.getByRole("main").press("/");
    await page.keyboard.type("By keyboard");
    await page.keyboard.press("Enter");
    await page.getByText("You asked: By keyboard").waitFor();
    await settled();
  });

  it("finds a conversation after a crash, still signed in", async () => {
    await expect.poll(() => page.getByRole("navigation", { name: "Conversations", includeHidden: true }).getByRole("link", { name: "By keyboard", includeHidden: true }).count()).toBe(1);
    await local.crash();
    await page.goto(local.page);
    const side = page.getByRole("button", { name: "Show the side" });
    await page.getByRole("textbox", { name: "Question" }).waitFor();
    if (await side.isVisible()) await side.click();
    await page.getByRole("searchbox", { name: "Search conversations" }).fill("second wording");
    await page.getByRole("navigation", { name: "Conversations" }).getByRole("link").first().click();
    await page.getByText("You asked: First wording").waitFor();
    await questions().last().getByRole("button", { name: "Later version" }).click();
    await page.getByText("You asked: Second wording").waitFor();
  });

  it("asked nobody else for anything and broke no policy", () => {
    expect([...complaints, ...seen.complaints]).toEqual([]);
  });
});
