// What `lisa local` costs the machine: how long until its page is there, what it holds while nobody asks, its size.

import { readFileSync, statSync } from "node:fs";
import { expect, it } from "vitest";
import { Local } from "../e2e/server.ts";
import { median, note } from "./figures.ts";

/** Starts on a new folder, and then on one that has been used. */
const STARTS = 7;

it("serves its page soon after its start", async () => {
  const local = await Local.start({ flags: ["--no-discovery"] });
  const took: number[] = [];
  for (let start = 0; start < STARTS; start += 1) {
    const begin = performance.now();
    await local.crash();
    expect((await fetch(local.page)).status).toBe(200);
    took.push(performance.now() - begin);
  }
  note("startMs", median(took));
  await local.stop();
});

it("holds little while nobody asks", async () => {
  const local = await Local.start({ flags: ["--no-discovery"] });
  // All of the page has been asked for once, and the models have been looked at a few times.
  const page = await (await fetch(local.page)).text();
  for (const [, path] of page.matchAll(/(?:src|href)="\.\/([^"]+)"/g)) expect((await fetch(local.page + path)).status).toBe(200);
  await new Promise((resolve) => setTimeout(resolve, 5000));
  const status = readFileSync(`/proc/${local.pid}/status`, "utf8");
  note("idleMb", Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1000);
  await local.stop();
});

it("is one file", () => {
  note("binaryMb", statSync(process.env.LISA_LOCAL ?? "").size / 1_000_000);
});
