// What `lisa local` costs the machine as it starts by default: how long until its page can be read, what it holds while
// nobody asks, and its size.

import { readFileSync, statSync } from "node:fs";
import { expect, it } from "vitest";
import { Local } from "../e2e/server.ts";
import { median, note } from "./figures.ts";

/** Of each kind. */
const STARTS = 7;

/** Longer than the process waits between two looks for servers of models. */
const IDLE = 12_000;

/** Milliseconds from before the process is started until it has said that it serves and `/` has been read to its end. */
async function untilRead(start: () => Promise<Local>): Promise<{ local: Local; took: number }> {
  const begin = performance.now();
  const local = await start();
  const answer = await fetch(local.page);
  expect(await answer.text()).toContain("<script");
  const took = performance.now() - begin;
  expect(answer.status).toBe(200);
  return { local, took };
}

it("serves its page soon after its start", async () => {
  const [first, again]: [number[], number[]] = [[], []];
  for (let start = 0; start < STARTS; start += 1) {
    const { local, took } = await untilRead(() => Local.start());
    first.push(took);
    await local.kill();
    again.push((await untilRead(() => local.run())).took);
    await local.stop();
  }
  note("firstStartMs", median(first));
  note("startMs", median(again));
});

it("holds little while nobody asks", async () => {
  const { local } = await untilRead(() => Local.start());
  // The files that `/` names have been read once, as a browser does it; what the page loads later has not.
  const page = await (await fetch(local.page)).text();
  for (const [, path] of page.matchAll(/(?:src|href)="\.\/([^"]+)"/g)) expect((await fetch(local.page + path)).status).toBe(200);
  await new Promise((resolve) => setTimeout(resolve, IDLE));
  // Resident memory of this one process, what it has mapped of its own file among it.
  const status = readFileSync(`/proc/${local.pid}/status`, "utf8");
  note("idleMb", Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024 / 1_000_000);
  await local.stop();
});

it("is one file", () => {
  note("binaryMb", statSync(process.env.LISA_LOCAL ?? "").size / 1_000_000);
});
