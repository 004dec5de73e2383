// What people do with what they have: naming, keeping, carrying over, changing and deleting, each seen again after a
// reload, so that it was the service that did it.

import { readFileSync } from "node:fs";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { goBy, launch, look, type Look } from "./browser.ts";
import { ModelServer } from "./model.ts";
import { Local } from "./server.ts";

let browser: Browser;
let local: Local;
let seen: Look;
let page: Page;
const model = new ModelServer();
let modelUrl = "";

beforeAll(async () => {
  modelUrl = await model.listen();
  local = await Local.start({ models: { tale: modelUrl }, flags: ["--no-discovery"] });
  browser = await launch();
  seen = await look(browser, local.link);
  page = seen.page;
});

afterAll(async () => {
  await browser?.close();
  await local?.stop();
  model.close();
});

afterEach(async ({ task }) => {
  if (task.result?.state === "fail") console.error(await page.locator("body").ariaSnapshot());
});

const sessions = () => page.getByRole("navigation", { name: "Conversations" });
const dialog = () => page.getByRole("dialog");

async function menu(name: string, item: string): Promise<void> {
  await page.getByRole("button", { name: `Actions for ${name}` }).click();
  await page.getByRole("menuitem", { name: item, exact: true }).click();
}

async function confirm(action: string): Promise<void> {
  await dialog().getByRole("button", { name: action, exact: true }).click();
  await dialog().waitFor({ state: "detached" });
}

async function gone(what: Locator): Promise<void> {
  await what.waitFor({ state: "detached" });
  await page.reload();
  await page.getByRole("main").waitFor();
  await expect.poll(() => what.count(), { timeout: 15_000 }).toBe(0);
}

it("names, pins, exports, deletes and brings back a conversation", async () => {
  await page.getByRole("textbox", { name: "Question" }).fill("Keep this");
  await page.keyboard.press("Enter");
  await page.getByText("You asked: Keep this").waitFor();
  await menu("Keep this", "Rename");
  await page.getByRole("textbox", { name: "Name of the conversation" }).fill("Kept");
  await page.keyboard.press("Enter");
  await sessions().getByRole("link", { name: "Kept" }).waitFor();
  await menu("Kept", "Pin");
  await sessions().getByRole("heading", { name: "Pinned" }).waitFor();
  await page.reload();
  await sessions().getByRole("heading", { name: "Pinned" }).waitFor();
  const saved = page.waitForEvent("download");
  await menu("Kept", "Export");
  const file = await (await saved).path();
  expect(readFileSync(file, "utf8")).toContain("You asked: Keep this");
  await menu("Kept", "Delete");
  await confirm("Delete");
  await gone(sessions().getByRole("link", { name: "Kept" }));
  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Account and preferences" }).click();
  await page.getByRole("menuitem", { name: "Import conversations" }).click();
  await (await chooser).setFiles(file);
  await sessions().getByRole("link", { name: "Kept" }).click();
  await page.getByText("You asked: Keep this").waitFor();
});

it("writes, changes and deletes a prompt", async () => {
  await goBy(page, "Prompts");
  await page.getByRole("button", { name: "New prompt" }).click();
  await dialog().getByLabel("Title").fill("Notes");
  await dialog().getByLabel("Text").fill("Write notes.");
  await dialog().getByRole("switch", { name: "Share with everybody" }).check();
  await dialog().getByRole("button", { name: "Save" }).click();
  const card = page.getByRole("listitem").filter({ has: page.getByRole("heading", { name: "Notes" }) });
  await card.getByText("Shared").waitFor();
  await card.getByRole("button", { name: "Edit" }).click();
  await dialog().getByLabel("Text").fill("Write short notes.");
  await dialog().getByRole("button", { name: "Save" }).click();
  await page.reload();
  await card.getByText("Write short notes.").waitFor();
  await card.getByRole("button", { name: "Delete" }).click();
  await confirm("Delete");
  await gone(card);
});

it("changes and deletes a model", async () => {
  await page.evaluate(async (url) => {
    await fetch("/models", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ modelId: "mine", modelName: "openai/tale", modelType: "textgen", streaming: true, modelUrl: url }) });
  }, modelUrl);
  await goBy(page, "Models");
  const card = page.getByRole("listitem").filter({ has: page.getByRole("heading", { name: "mine" }) });
  await card.getByText("In service").waitFor();
  await menu("mine", "Change");
  await dialog().getByLabel("Description").fill("For tales");
  await dialog().getByRole("button", { name: "Save" }).click();
  await dialog().waitFor({ state: "detached" });
  await card.getByText("In service").waitFor();
  await expect.poll(() => page.evaluate(async () => ((await (await fetch("/models/mine")).json()) as { model: { modelDescription?: string } }).model.modelDescription)).toBe("For tales");
  await menu("mine", "Delete");
  await confirm("Delete");
  await gone(card);
});

it("makes and deletes a collection and a document", async () => {
  await goBy(page, "Documents");
  await page.getByRole("main").getByRole("link", { name: "Documents" }).click();
  await page.getByRole("button", { name: "New collection" }).click();
  await dialog().getByLabel("Name").fill("Travel");
  await dialog().getByRole("button", { name: "Add", exact: true }).click();
  await dialog().waitFor({ state: "detached" });
  await page.getByLabel("Collection").selectOption({ label: "Travel" });
  await page.getByRole("button", { name: "Upload documents" }).click();
  await page.getByTestId("upload").setInputFiles({ name: "rules.txt", mimeType: "text/plain", buffer: Buffer.from("Night trains are booked in Ulm.") });
  await dialog().getByRole("button", { name: "Upload", exact: true }).click();
  await page.getByRole("region", { name: "Jobs" }).getByText("Done").waitFor();
  const row = page.getByRole("row").filter({ has: page.getByRole("rowheader", { name: "rules.txt" }) });
  await row.getByRole("button", { name: "Delete rules.txt" }).click();
  await confirm("Delete");
  await gone(row);
  await page.getByLabel("Collection").selectOption({ label: "Travel" });
  await page.getByRole("button", { name: "Delete the collection" }).click();
  await confirm("Delete");
  await expect.poll(() => page.getByLabel("Collection").locator("option").allTextContents(), { timeout: 15_000 }).not.toContain("Travel");
});

it("revokes a token, which is refused from then on", async () => {
  await goBy(page, "API tokens");
  await page.getByRole("button", { name: "New token" }).click();
  await dialog().getByLabel("Name", { exact: true }).fill("short");
  await page.getByRole("button", { name: "Make the token" }).click();
  const headers = { Authorization: `Bearer ${await page.getByTestId("token").textContent()}` };
  await page.getByRole("button", { name: "I have kept it" }).click();
  expect((await fetch(`${local.serve}/models`, { headers })).status).toBe(200);
  await page.getByRole("button", { name: "Revoke short" }).click();
  await confirm("Revoke");
  await gone(page.getByRole("rowheader", { name: "short" }));
  // What was verified is remembered for a moment.
  await expect.poll(async () => (await fetch(`${local.serve}/models`, { headers })).status, { timeout: 90_000, interval: 1000 }).toBe(401);
});

it("shows the banner that an administrator sets, and keeps the version before", async () => {
  await goBy(page, "Configuration");
  await page.getByRole("switch", { name: "Show a banner above and below every page" }).check();
  await page.getByLabel("Text", { exact: true }).fill("For tests alone");
  await page.getByLabel("Reason of the change").fill("tests");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText(/History: \d+ versions?/).click();
  await page.getByText(/· tests$/).waitFor();
  await page.reload();
  await expect.poll(() => page.getByText("For tests alone").count()).toBeGreaterThanOrEqual(2);
});

it("signs out", async () => {
  await page.getByRole("button", { name: "Account and preferences" }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.getByText("Open the link that").waitFor();
  await page.goto(local.page);
  await page.getByText("Open the link that").waitFor();
});

it("asked nobody else for anything and broke no policy", () => {
  expect(seen.complaints).toEqual([]);
});
