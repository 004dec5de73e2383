// How often the lists of models are asked for: often only while one is about to change.

import { environmentManager, QueryClient, QueryObserver } from "@tanstack/react-query";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { managedQuery, servedQuery } from "../api/queries.ts";
import type { Model, ModelStatus } from "../api/models.ts";
import { type Served, served } from "../api/served.ts";

beforeAll(() => {
  vi.useFakeTimers();
  // Nothing is asked again outside a browser.
  environmentManager.setIsServer(() => false);
});

afterAll(() => {
  vi.useRealTimers();
  environmentManager.setIsServer(() => true);
});

const row = (modelId: string, status: ModelStatus): Model => ({ modelId, modelName: modelId, modelType: "textgen", status });

const MINUTE = 60_000;

/** How often the gateway is asked within a minute after it was asked first. */
async function asksOfGateway(managed: readonly Model[], names: readonly string[]): Promise<number> {
  const queryFn = vi.fn((): Served[] => served(names, new Map()));
  const observer = new QueryObserver(new QueryClient(), { ...servedQuery(managed), queryFn: () => Promise.resolve(queryFn()), enabled: true });
  const end = observer.subscribe(() => {});
  await vi.advanceTimersByTimeAsync(MINUTE + 500);
  end();
  return queryFn.mock.calls.length - 1;
}

/** How often model management is asked within a minute after it was asked first. */
async function asksOfManagement(models: readonly Model[]): Promise<number> {
  const queryFn = vi.fn(() => Promise.resolve([...models]));
  const end = new QueryObserver(new QueryClient(), { ...managedQuery, queryFn }).subscribe(() => {});
  await vi.advanceTimersByTimeAsync(MINUTE + 500);
  end();
  return queryFn.mock.calls.length - 1;
}

describe("the gateway's list", () => {
  it("is asked for twice a minute while nothing changes", async () => {
    expect(await asksOfGateway([row("llama3", "InService"), row("asleep", "Stopped"), row("broken", "Failed")], ["llama3", "gpt-4"])).toBe(2);
    expect(await asksOfGateway([], [])).toBe(2);
  });

  it("is asked for every two seconds while a model comes or goes", async () => {
    for (const status of ["Creating", "Starting", "Stopping", "Updating", "Deleting"] as const) expect(await asksOfGateway([row("llama3", status)], ["llama3"]), status).toBe(30);
  });

  it("is asked for every two seconds until it has what has come into service", async () => {
    expect(await asksOfGateway([row("llama3", "InService")], ["gpt-4"])).toBe(30);
  });
});

describe("the list of what is managed", () => {
  it("is asked for often while something changes, and now and then otherwise", async () => {
    expect(await asksOfManagement([row("llama3", "Updating")])).toBe(30);
    expect(await asksOfManagement([row("llama3", "InService"), row("asleep", "Stopped")])).toBe(2);
  });
});
