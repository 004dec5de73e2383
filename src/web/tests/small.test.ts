// Small decisions: times, groups, settings of a deployment, model drafts, jobs, marks on a page, sentences, keys.

import { describe, expect, it, vi } from "vitest";
import { commandOf, EMPTY, environmentOf, faults, linesOf, requestOf } from "../admin/draft.ts";
import { job } from "../api/repositories.ts";
import { failure } from "../api/request.ts";
import { matches } from "../app/commands.ts";
import { banner, deployment } from "../app/deployment.ts";
import { grouped } from "../app/times.ts";
import { isMember } from "../auth/groups.ts";
import { LiveAnswer } from "../chat/live.ts";
import { marks } from "../chat/marks.ts";
import { decode } from "../markdown/entities.ts";
import { sentences } from "../parts/announce.ts";
import { matching } from "../parts/Picker.tsx";

describe("a deployment", () => {
  it("is read from the settings that `lisa deploy` writes", () => {
    const known = deployment({ API_BASE_URL: "/prod/", AUTHORITY: "https://login.example.com", CLIENT_ID: "lisa", CUSTOM_SCOPES: ["groups", "openid"], JWT_GROUPS_PROP: "groups", ADMIN_GROUP: "admin", RAG_ENABLED: false, RESTAPI_URI: "https://serve.example.com", RESTAPI_VERSION: "v2", SYSTEM_BANNER: { text: "For tests", fontColor: "white", backgroundColor: "red" } }, "https://api.example.com/prod/");
    expect(known).toMatchObject({ serve: "https://serve.example.com/v2/serve", rest: "https://api.example.com/prod", rag: false, banner: { text: "For tests", color: "white", background: "red" } });
    expect(known.signIn).toEqual({ mode: "openid", authority: "https://login.example.com", clientId: "lisa", scopes: "openid profile email groups", adminGroup: "admin", groupsProperty: "groups" });
  });

  it("is the page's own origin in local mode", () => {
    const known = deployment({ AUTH_MODE: "cookie", USER_NAME: "local", IS_ADMIN: true, RESTAPI_URI: "/", API_BASE_URL: "/", RAG_ENABLED: true }, "http://127.0.0.1:8080/");
    expect(known).toMatchObject({ serve: "http://127.0.0.1:8080/v2/serve", rest: "http://127.0.0.1:8080", rag: true, signIn: { mode: "cookie", isAdmin: true } });
  });

  it("says that it was not told where it was not", () => {
    expect(deployment({}, "https://api.example.com/prod/")).toMatchObject({ serve: null, rest: "https://api.example.com/prod", signIn: { mode: "unset" } });
  });

  it("has a banner in either spelling", () => {
    expect(banner('{"text":"a","fontColor":"white"}')).toEqual({ text: "a", color: "white", background: "" });
    expect(banner({ isEnabled: false, text: "a" })).toBeNull();
    expect(banner("{broken")).toBeNull();
  });
});

describe("groups", () => {
  it("are found by path, by name and as words", () => {
    expect(isMember({ realm_access: { roles: ["admin"] } }, "realm_access.roles", "admin")).toBe(true);
    expect(isMember({ "cognito:groups": ["admin"] }, "cognito:groups", "admin")).toBe(true);
    expect(isMember({ "https://x.example/groups": ["admin"] }, "https://x.example/groups", "admin")).toBe(true);
    expect(isMember({ groups: "user admin" }, "groups", "admin")).toBe(true);
  });

  it("are not found in part of a word, in nothing, or for no group", () => {
    expect(isMember({ groups: "administrator" }, "groups", "admin")).toBe(false);
    expect(isMember({ groups: ["administrator"] }, "groups", "admin")).toBe(false);
    expect(isMember({}, "a.b.c", "admin")).toBe(false);
    expect(isMember({ groups: [""] }, "groups", "")).toBe(false);
  });
});

describe("times", () => {
  it("group conversations by the reader's days", () => {
    const now = new Date(2026, 4, 20, 9, 0);
    const at = (days: number, hour = 8): { lastUpdated: string; pinned: boolean } => ({ lastUpdated: new Date(2026, 4, 20 - days, hour).toISOString(), pinned: false });
    const groups = grouped([at(0), at(1, 23), at(3), at(20), at(200), { ...at(200), pinned: true }, { lastUpdated: "", pinned: false }], now);
    expect(groups.map(({ group, items }) => [group, items.length])).toEqual([["pinned", 1], ["today", 1], ["yesterday", 1], ["week", 1], ["month", 1], ["older", 2]]);
  });
});

describe("a model's draft", () => {
  const external = { ...EMPTY, modelId: "mine", modelName: "openai/x", modelUrl: "https://host/v1", apiKey: "secret" };

  it("is a request without hosting where it is hosted elsewhere", () => {
    expect(requestOf(external)).toEqual({ modelId: "mine", modelName: "openai/x", modelType: "textgen", streaming: true, modelUrl: "https://host/v1", apiKey: "secret" });
  });

  it("has all five parts of hosting where it is hosted here", () => {
    const request = requestOf({ ...external, hosted: true, environment: "A=1\nB=x=y" });
    expect(Object.keys(request)).toEqual(expect.arrayContaining(["instanceType", "inferenceContainer", "containerConfig", "autoScalingConfig", "loadBalancerConfig"]));
    expect(request.containerConfig?.environment).toEqual({ A: "1", B: "x=y" });
    expect(request.apiKey).toBeUndefined();
  });

  it("is no streaming embedding", () => {
    expect(requestOf({ ...external, modelType: "embedding" }).streaming).toBe(false);
  });

  it("shows no key in its command", () => {
    expect(commandOf(external)).not.toContain("secret");
    expect(commandOf(external)).toContain("$API_KEY");
  });

  it("says what is wrong", () => {
    expect(faults({ ...EMPTY, modelId: "-x" }, [])).toMatchObject({ modelId: "wizard.idForm", modelName: "wizard.missing" });
    expect(faults(external, ["mine"])).toEqual({ modelId: "wizard.idTaken" });
    expect(faults({ ...external, modelUrl: "host" }, [])).toEqual({ modelUrl: "wizard.urlForm" });
    expect(faults({ ...external, hosted: true, minCapacity: "2", maxCapacity: "1", environment: "no", healthPath: "x", cooldown: "0" }, [])).toEqual({ maxCapacity: "wizard.maxBelowMin", environment: "wizard.environmentForm", healthPath: "wizard.pathForm", cooldown: "wizard.positive" });
  });

  it("keeps an environment through its lines", () => {
    const environment = { A: "1", B: "x=y" };
    expect(environmentOf(linesOf(environment))).toEqual(environment);
  });
});

describe("an error", () => {
  const said = async (status: number, body: unknown): Promise<[string, string]> => {
    const { kind, message } = await failure(new Response(typeof body === "string" ? body : JSON.stringify(body), { status }));
    return [kind, message];
  };

  it("is understood in every form that services use", async () => {
    expect(await said(404, { error: "ModelNotFoundError", message: "no model", detail: "no model" })).toEqual(["ModelNotFoundError", "no model"]);
    expect(await said(401, { error: { message: "bad key", type: "invalid_request_error", code: "invalid_api_key" } })).toEqual(["invalid_api_key", "bad key"]);
    expect(await said(422, { error: "ValidationError", message: "2 fields", detail: [{ loc: ["body", "a", "b"], msg: "is missing" }, { loc: ["c"], msg: "is empty" }] })).toEqual(["ValidationError", "a.b: is missing\nc: is empty"]);
    expect(await said(502, "<html>bad gateway</html>")).toEqual(["", "502"]);
  });
});

describe("marks on a page", () => {
  it("cover the lines of a passage, whatever its spaces and hyphens", () => {
    expect(marks(["Before.", "A night train is", "booked by the of-", "fice in Ulm.", "After."], "A night train is booked by the office in Ulm.")).toEqual([1, 2, 3]);
  });

  it("begin or end with the page where the passage goes on", () => {
    const long = "A night train is booked by the office in Ulm, which answers within a day.";
    expect(marks(["x", "A night train is booked by the office in Ulm,"], long)).toEqual([1]);
    expect(marks(["the office in Ulm, which answers within a day.", "y"], long)).toEqual([0]);
    expect(marks(["something else"], long)).toEqual([]);
  });

  it("do not take what is said again and again for the passage", () => {
    const again = "Receipts are handed in within a month.";
    const passage = `${again} A night train is booked by the office in Ulm. ${again} ${again}`;
    expect(marks(["Leave.", again, "x", again], passage)).toEqual([3]);
    expect(marks(["A night train is booked by the office in Ulm.", again, again, again, again], passage)).toEqual([0, 1, 2]);
  });
});

describe("small texts", () => {
  it("are read out in whole sentences", () => {
    expect(sentences("One. Two is")).toEqual({ whole: "One. ", rest: "Two is" });
    expect(sentences("One is")).toEqual({ whole: "", rest: "One is" });
  });

  it("have their references replaced", () => {
    expect(decode("a &amp; b &lt;c&gt; &#8212; &#x1F600; &nope; &#0;")).toBe("a & b <c> — 😀 &nope; \ufffd");
  });

  it("are found by all of their words", () => {
    const options = [{ id: "1", label: "Mistral 7B", detail: "fast" }, { id: "2", label: "Llama" }];
    expect(matching(options, "fast mis").map((one) => one.id)).toEqual(["1"]);
    expect(matching(options, "")).toBe(options);
  });
});

describe("keys", () => {
  const press = (key: string, held: Partial<KeyboardEvent> = {}): KeyboardEvent => ({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held }) as KeyboardEvent;

  it("count with their modifiers, and letters alone not in a field", () => {
    expect(matches("Mod+K", press("k", { ctrlKey: true }), true)).toBe(true);
    expect(matches("Mod+K", press("k"), false)).toBe(false);
    expect(matches("/", press("/"), false)).toBe(true);
    expect(matches("/", press("/"), true)).toBe(false);
    expect(matches("?", press("?", { shiftKey: true }), false)).toBe(true);
    expect(matches("Mod+Shift+O", press("O", { ctrlKey: true, shiftKey: true }), true)).toBe(true);
  });
});

describe("an answer that is being written", () => {
  it("tells its figures and keeps its blocks", () => {
    vi.useFakeTimers();
    let now = 0;
    const answer = new LiveAnswer(() => now);
    const told = vi.fn();
    answer.subscribe(told);
    now = 120;
    answer.add({ reasoning: "hm" });
    answer.add({ text: "# One\n\nTwo\n\n" });
    answer.add({ text: "Three" });
    expect(told).not.toHaveBeenCalled();
    vi.advanceTimersByTime(500);
    expect(told).toHaveBeenCalledTimes(1);
    now = 500;
    answer.add({ usage: { prompt_tokens: 1, completion_tokens: 2 }, finish: "stop" });
    const { text, reasoning, total, blocks } = answer.end();
    expect({ text, reasoning, total, first: answer.firstToken, blocks: blocks.closed.length }).toEqual({ text: "# One\n\nTwo\n\nThree", reasoning: "hm", total: 500, first: 120, blocks: 3 });
    vi.useRealTimers();
  });
});

describe("a job", () => {
  it("is shown by its document, with its share and its cause, as the service tells them", () => {
    const wire = { id: "1", s3_path: "s3://local/uploads/2/travel.pdf", status: "INGESTION_IN_PROGRESS", progress: { done: 3, total: 12 }, error_message: null, error: null };
    expect(job(wire)).toEqual({ id: "1", name: "travel.pdf", status: "INGESTION_IN_PROGRESS", share: 0.25, cause: undefined });
    const failed = { ...wire, status: "INGESTION_FAILED", progress: { done: 0, total: 0 }, error_message: "the file is no PDF", error: { kind: "UnreadableFile", message: "the file is no PDF" } };
    expect(job(failed)).toMatchObject({ share: undefined, cause: "the file is no PDF" });
  });
});
