// What the gateway serves, whoever brought it: models of the management API, of `litellmConfig`, named at the start or
// found running. The gateway knows what each answers; the management API knows more of its own.

import type { Model, ModelStatus, ModelType } from "./models.ts";
import { serve } from "./request.ts";

/** What a model answers; `other` is neither text nor vectors nor pictures: it ranks, moderates, speaks. */
export type ServedKind = ModelType | "other";

/** A name that callers may use. */
export interface Served {
  name: string;
  kind: ServedKind;
  /** Capabilities, as the management API names them: `imageInput`, `toolCalls`, `reasoning`. */
  features: string[];
  /** Whether this is another name of a model that is listed as well. */
  isAlias: boolean;
  /** Whether it is built into `lisa local`, to try things out. */
  isFixture: boolean;
}

/** A model in the picker. */
export interface Offered {
  name: string;
  detail?: string | undefined;
  features: string[];
  /** Whether its answers come word by word; unknown where nothing says so. */
  streaming?: boolean | undefined;
}

/** A model in the administrator's list; one that is not managed can be used and not changed. */
export interface Listed extends Omit<Model, "modelType" | "status"> {
  modelType: ServedKind;
  status: ModelStatus;
  isManaged: boolean;
  isFixture: boolean;
}

/** What the gateway tells of a model: LiteLLM's `model_info`. */
export interface Facts {
  mode?: string;
  provider?: string;
  supports_vision?: boolean;
  supports_function_calling?: boolean;
  supports_reasoning?: boolean;
}

const KINDS: Readonly<Record<string, ServedKind>> = {
  chat: "textgen", responses: "textgen", embedding: "embedding", image_generation: "imagegen", video_generation: "videogen",
};

/** Names and facts as one list; what has no facts of its own is another name, `aliases` has the facts of its model. */
export function served(names: readonly string[], facts: ReadonlyMap<string, Facts>, aliases: ReadonlyMap<string, Facts> = new Map()): Served[] {
  return names.map((name) => {
    const own = facts.get(name);
    const known = own ?? aliases.get(name);
    return { name, kind: known?.mode === undefined ? "textgen" : (KINDS[known.mode] ?? "other"), features: featuresOf(known), isAlias: own === undefined, isFixture: known?.provider?.startsWith("fixture.") ?? false };
  });
}

function featuresOf(facts: Facts | undefined): string[] {
  const has: [boolean | undefined, string][] = [[facts?.supports_vision, "imageInput"], [facts?.supports_function_calling, "toolCalls"], [facts?.supports_reasoning, "reasoning"]];
  return has.filter(([is]) => is === true).map(([, name]) => name);
}

/** The models that can be chatted with. A row of the management API says what its model is; the gateway says it of others. */
export function offered(all: readonly Served[], managed: readonly Model[]): Offered[] {
  const rows = new Map(managed.map((model) => [model.modelId, model]));
  return all.flatMap(({ name, kind, features }) => {
    const row = rows.get(name);
    if ((row?.modelType ?? kind) !== "textgen") return [];
    return [{ name, detail: detailOf(row), features: row?.features?.map((feature) => feature.name) ?? features, streaming: row?.streaming }];
  });
}

function detailOf(row: Model | undefined): string | undefined {
  return row?.modelDescription || (row && row.modelName !== row.modelId ? row.modelName : undefined);
}

/** Every model once, by name: those that are managed as they stand, the others as served. */
export function listed(managed: readonly Model[], all: readonly Served[]): Listed[] {
  const own = new Set(managed.map((model) => model.modelId));
  const others = all.filter(({ name, isAlias }) => !isAlias && !own.has(name));
  return [
    ...managed.map((model): Listed => ({ ...model, isManaged: true, isFixture: false })),
    ...others.map(({ name, kind, isFixture }): Listed => ({ modelId: name, modelName: name, modelType: kind, status: "InService", isManaged: false, isFixture })),
  ].sort((one, other) => one.modelId.localeCompare(other.modelId));
}

/** Asks the gateway. */
export async function listServed(): Promise<Served[]> {
  const [names, facts] = await Promise.all([
    ask<{ data: { id: string }[] }>("/models").then(({ data }) => data.map((model) => model.id)),
    ask<{ data: { model_name: string; model_info: Facts }[] }>("/model/info").then(({ data }) => new Map(data.map((model) => [model.model_name, model.model_info]))),
  ]);
  const others = names.filter((name) => !facts.has(name));
  const aliases = await Promise.all(others.map(async (name): Promise<[string, Facts][]> => {
    try {
      return [[name, (await ask<{ model_info: Facts }>(`/models/metadata/${encodeURIComponent(name)}`)).model_info]];
    } catch {
      // It may have gone since it was listed; the others stay.
      return [];
    }
  }));
  return served(names, facts, new Map(aliases.flat()));
}

async function ask<T>(path: string): Promise<T> {
  return (await serve(path)).json() as Promise<T>;
}
