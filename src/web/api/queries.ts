// The two lists of models, those that are managed and those that the gateway serves, and how often they are asked for:
// often while one is about to change, now and then otherwise. A window that is looked at again asks at once.

import { queryOptions } from "@tanstack/react-query";
import { here } from "../app/deployment.ts";
import { listModels, type Model, MOVING } from "./models.ts";
import { listServed, type Served } from "./served.ts";

/** Milliseconds between two looks: while something is about to change, and while nothing is known to be. */
export const [SOON, LATER] = [2000, 30_000];

/** The models that are managed here. */
export const managedQuery = queryOptions({
  queryKey: ["models"],
  queryFn: listModels,
  refetchInterval: ({ state }) => (state.data?.some(isMoving) ? SOON : LATER),
});

/** What the gateway serves, beside what is managed as far as it is known: the gateway hears of that a little later. */
export const servedQuery = (managed: readonly Model[]) => queryOptions({
  queryKey: ["served"],
  queryFn: listServed,
  enabled: here.serve !== null,
  staleTime: 0,
  refetchInterval: ({ state }) => (isSettled(managed, state.data ?? []) ? LATER : SOON),
});

const isMoving = (model: Model): boolean => MOVING.has(model.status);

/** Whether no model changes and every one that is in service is served. */
function isSettled(managed: readonly Model[], served: readonly Served[]): boolean {
  const names = new Set(served.map(({ name }) => name));
  return managed.every((model) => !isMoving(model) && (model.status !== "InService" || names.has(model.modelId)));
}
