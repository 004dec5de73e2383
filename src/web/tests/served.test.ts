// Which models the picker offers and the administrator's list shows, whoever brought them.

import { describe, expect, it } from "vitest";
import type { Model } from "../api/models.ts";
import { type Facts, listed, offered, served } from "../api/served.ts";

const facts = new Map<string, Facts>([
  ["llama3", { mode: "chat" }],
  ["fixture-embed", { mode: "embedding", provider: "fixture.embedding" }],
  ["vectors", { mode: "embedding" }],
  ["claude", { mode: "chat", supports_vision: true, supports_function_calling: true }],
  ["painter", { mode: "image_generation" }],
  ["judge", { mode: "rerank" }],
]);
const all = served([...facts.keys(), "gpt-4", "small-vectors"], facts, new Map([["gpt-4", { mode: "chat" }], ["small-vectors", { mode: "embedding" }]]));

function row(changes: Partial<Model>): Model {
  return { modelId: "llama3", modelName: "meta/llama-3", modelType: "textgen", status: "InService", ...changes };
}

describe("the picker", () => {
  it("offers every model that chats, under every name that it has, and no other", () => {
    expect(offered(all, []).map(({ name }) => name)).toEqual(["llama3", "claude", "gpt-4"]);
  });

  it("knows from the gateway what an unmanaged model can do", () => {
    expect(offered(all, []).find(({ name }) => name === "claude")?.features).toEqual(["imageInput", "toolCalls"]);
  });

  it("takes a managed model's row for what it is", () => {
    const managed = [row({ streaming: false, features: [{ name: "summarization" }] }), row({ modelId: "claude", modelType: "imagegen" })];
    expect(offered(all, managed)).toEqual([
      { name: "llama3", detail: "meta/llama-3", features: ["summarization"], streaming: false },
      { name: "gpt-4", detail: undefined, features: [], streaming: undefined },
    ]);
  });

  it("offers nothing that is managed and not served", () => {
    expect(offered(all, [row({ modelId: "asleep", status: "Stopped" })]).map(({ name }) => name)).not.toContain("asleep");
  });
});

describe("the administrator's list", () => {
  it("tells what is built in from what was found", () => {
    expect(listed([], all).filter(({ isFixture }) => isFixture).map(({ modelId }) => modelId)).toEqual(["fixture-embed"]);
  });

  it("has each model once, and says which can be changed", () => {
    const found = listed([row({ status: "Updating" }), row({ modelId: "asleep", status: "Stopped" })], all);
    expect(found.map(({ modelId, modelType, status, isManaged }) => `${modelId} ${modelType} ${status} ${isManaged}`)).toEqual([
      "asleep textgen Stopped true",
      "claude textgen InService false",
      "fixture-embed embedding InService false",
      "judge other InService false",
      "llama3 textgen Updating true",
      "painter imagegen InService false",
      "vectors embedding InService false",
    ]);
  });
});
