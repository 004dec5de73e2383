// What people do with the page, from signing in to finding a conversation again, in one browser against real routes.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { choose, launch, look, type Look } from "./browser.ts";
import { ModelServer } from "./model.ts";
import { pdf } from "./pdf.ts";
import { type Server, startServer } from "./server.ts";

let browser: Browser;
let server: Server;
let seen: Look;
let page: Page;
const model = new ModelServer();
let modelUrl = "";

beforeAll(async () => {
  modelUrl = await model.listen();
  server = await startServer({ models: { tale: modelUrl } });
  browser = await launch();
  seen = await look(browser, server.link, "desk", "light");
  page = seen.page;
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
  model.close();
});

async function ask(text: string): Promise<void> {
  await page.getByRole("textbox", { name: "Question" }).fill(text);
  await page.keyboard.press("Enter");
}

const answers = () => page.getByRole("article", { name: /^Answer of/ });
const settled = () => page.getByRole("button", { name: "Send", exact: true }).waitFor();

describe("the page", () => {
  it("signs in by the link, and nobody without it", async () => {
    await page.getByRole("textbox", { name: "Question" }).waitFor();
    expect(page.url()).not.toContain("token");
    const stranger = await look(browser, new URL("/", server.link).href, "desk", "light");
    await stranger.page.getByText("Open the link that").waitFor();
    await stranger.close();
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
  });

  it("tells a screen reader what was said", async () => {
    expect(await page.getByRole("log").textContent()).toContain("The answer is complete.");
  });

  it("stops the model within 200 ms", async () => {
    await ask("Tell me a long tale, slow");
    await page.getByText("word-3", { exact: false }).first().waitFor();
    const before = Date.now();
    await page.getByRole("button", { name: "Stop", exact: true }).click();
    const clicked = Date.now();
    await expect.poll(() => model.abandoned.length, { timeout: 5000 }).toBe(1);
    expect((model.abandoned[0] ?? Infinity) - before).toBeLessThan(200 + (clicked - before));
    await page.getByText("Stopped.", { exact: true }).waitFor();
    expect(await answers().last().textContent()).toContain("word-1");
  });

  it("branches where a question is edited, and keeps both", async () => {
    await ask("First wording");
    await settled();
    const question = page.getByRole("article", { name: "Question" }).last();
    await question.hover();
    await question.getByRole("button", { name: "Edit the question" }).click();
    await question.getByRole("textbox").fill("Second wording");
    await page.keyboard.press("Enter");
    await page.getByText("You asked: Second wording").waitFor();
    await settled();
    await page.getByRole("article", { name: "Question" }).last().getByRole("button", { name: "Earlier version" }).click();
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
    await page.getByText("Show as API call").click();
    const call = await page.getByRole("region", { name: "Show as API call" }).textContent();
    expect(call).toContain("Be brief.");
    expect(call).toContain(`${server.serve}/chat/completions`);
    await page.keyboard.press("Escape");
  });

  it("uploads a PDF, cites it and opens the passage at its page", async () => {
    await page.getByRole("link", { name: "Documents" }).click();
    await page.getByRole("main").getByRole("link").first().click();
    await page.getByRole("button", { name: "Upload documents" }).click();
    await page.getByTestId("upload").setInputFiles({ name: "travel.pdf", mimeType: "application/pdf", buffer: pdf() });
    await page.getByRole("dialog").getByRole("button", { name: "Upload", exact: true }).click();
    await page.getByRole("rowheader", { name: "travel.pdf" }).waitFor({ timeout: 60_000 });
    await page.getByRole("link", { name: "New chat" }).first().click();
    await page.getByRole("button", { name: "Answer from documents" }).click();
    await page.getByRole("option").nth(1).click();
    await ask("Who books the night train?");
    await settled();
    await answers().last().getByRole("button", { name: /^Source 1: travel\.pdf, page 2/ }).first().click();
    await page.getByText("Page 2 of 2").waitFor();
    await page.getByRole("dialog").getByText("A night train is booked by the office in Ulm.").waitFor();
    await page.locator("canvas[data-drawn=true]").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: /^Answers from/ }).click();
    await page.getByRole("option", { name: "No documents" }).click();
  });

  it("lets an administrator make an external model", async () => {
    await page.getByRole("link", { name: "Models" }).click();
    await page.getByRole("button", { name: "Add a model" }).click();
    await page.getByRole("button", { name: "Next" }).click();
    await page.getByText("Letters, digits and hyphens; the first").waitFor();
    await page.getByLabel("Id", { exact: true }).fill("mine");
    await page.getByLabel("Name", { exact: true }).fill("openai/tale");
    await page.getByRole("button", { name: "Next" }).click();
    await page.getByLabel("Address").fill(modelUrl);
    await page.getByRole("button", { name: "Next" }).click();
    await page.getByRole("button", { name: "As a command" }).click();
    expect(await page.getByRole("region", { name: "Review" }).textContent()).toContain("lisa model add");
    await page.getByRole("dialog").getByRole("button", { name: "Add a model" }).click();
    await page.getByRole("heading", { name: "mine" }).waitFor();
    await page.getByText("In service").first().waitFor({ timeout: 30_000 });
  });

  it("makes a token that curl uses", async () => {
    await page.getByRole("link", { name: "API tokens" }).click();
    await page.getByRole("button", { name: "New token" }).click();
    await page.getByLabel("Name", { exact: true }).fill("curl");
    await page.getByRole("button", { name: "Make the token" }).click();
    const token = (await page.getByTestId("token").textContent()) ?? "";
    const { stdout } = await promisify(execFile)("curl", ["--silent", "--fail-with-body", "-H", `Authorization: Bearer ${token}`, "-H", "Content-Type: application/json",
      "-d", JSON.stringify({ model: "tale", messages: [{ role: "user", content: "Hello" }] }), `${server.serve}/chat/completions`]);
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

  it("finds a conversation after a restart", async () => {
    await expect.poll(() => page.getByRole("navigation", { name: "Conversations" }).getByRole("link", { name: "By keyboard" }).count()).toBe(1);
    await server.restart();
    await seen.close();
    seen = await look(browser, server.link, "desk", "light");
    page = seen.page;
    await page.getByRole("searchbox", { name: "Search conversations" }).fill("second wording");
    await page.getByRole("navigation", { name: "Conversations" }).getByRole("link").first().click();
    await page.getByText("You asked: First wording").waitFor();
  });

  it("asked nobody else for anything and broke no policy", () => {
    expect(seen.complaints).toEqual([]);
  });
});
