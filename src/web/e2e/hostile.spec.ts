// The hostile texts in a real browser: no script, no request, no standstill.

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { HOSTILE } from "../tests/hostile.ts";
import { launch, look } from "./browser.ts";
import { Local } from "./server.ts";

let browser: Browser;
let local: Local;

beforeAll(async () => {
  local = await Local.start();
  browser = await launch();
});

afterAll(async () => {
  await browser?.close();
  await local?.stop();
});

/** Messages of a session, so many at a time. */
const AT_A_TIME = 50;

describe("a conversation full of hostile answers", () => {
  it("runs nothing and asks nobody", { timeout: 300_000 }, async () => {
    const { page, complaints, close } = await look(browser, local.link);
    await page.getByRole("textbox", { name: "Question" }).waitFor();
    for (let from = 0; from < HOSTILE.length; from += AT_A_TIME) {
      // A lone half of a character does not survive JSON's way through other services; its text is drawn by the unit test.
      const texts = HOSTILE.slice(from, from + AT_A_TIME).map((text) => text.replace(/\p{Surrogate}/gu, "?"));
      const id = `00000000-0000-4000-8000-${String(from).padStart(12, "0")}`;
      await page.evaluate(
        async ([session, answers]) => {
          const all = answers.flatMap((content, index) => [{ type: "human", content: `${index}` }, { type: "ai", content }]);
          await fetch(`/session/${session}`, { method: "PUT", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ messages: all, name: "hostile" }) });
          location.hash = `/chat/${session}`;
        },
        [id, texts] as const,
      );
      await expect.poll(() => page.getByRole("article", { name: /^Answer/ }).count(), { timeout: 60_000 }).toBe(texts.length);
      await page.waitForTimeout(300);
      expect(await page.evaluate(() => "harmed" in window)).toBe(false);
    }
    expect(complaints).toEqual([]);
    await close();
  });
});
