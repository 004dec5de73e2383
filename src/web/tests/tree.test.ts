// Conversations as trees: branches, versions, and what goes to the service and comes back.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { read, write } from "../api/sessions.ts";
import { add, all, change, EMPTY, grow, merge, type Message, path, show, type Tree, versions } from "../chat/tree.ts";

function message(id: string, parent: string | null, role: Message["role"] = "user"): Message {
  return { id, parent, role, text: `text of ${id}`, at: "2026-01-01T00:00:00.000Z" };
}

/** Trees of any shape. */
const messages = fc.array(fc.nat({ max: 30 }), { maxLength: 30 }).map((parents) =>
  parents.map((parent, index): Message => message(`m${index}`, parent < index ? `m${parent}` : null, index % 2 ? "assistant" : "user")),
);

/** A message as the service answers it. */
const placed = (one: Message): Parameters<typeof read>[0][number] => ({ id: one.id, parentId: one.parent, created: one.at, message: write(one) });

/** Two questions beside each other, the first with two answers. */
function branched(): Tree {
  return [message("q1", null), message("a1", "q1", "assistant"), message("a2", "q1", "assistant"), message("q2", null)].reduce(add, EMPTY);
}

const ids = (tree: Tree): string[] => path(tree).map((one) => one.id);

describe("a conversation", () => {
  it("counts versions by their time, in whatever order a service gives them", () => {
    const at = (id: string, seconds: number): Message => ({ ...message(id, null), at: `2026-01-01T00:00:0${seconds}.000Z` });
    const tree = merge(grow([at("b", 2)]), [at("c", 3), at("b", 2), at("a", 1)]);
    expect(tree.messages["a"] && versions(tree, tree.messages["a"])).toEqual(["a", "b", "c"]);
  });

  it("shows the way to what was added last", () => {
    expect(ids(branched())).toEqual(["q2"]);
  });

  it("shows another version down to its newest end", () => {
    expect(ids(show(branched(), "q1"))).toEqual(["q1", "a2"]);
    expect(ids(show(branched(), "a1"))).toEqual(["q1", "a1"]);
  });

  it("knows the versions of a message", () => {
    const tree = branched();
    expect(versions(tree, message("a1", "q1"))).toEqual(["a1", "a2"]);
    expect(versions(tree, message("q2", null))).toEqual(["q1", "q2"]);
  });

  it("changes a message and nothing else", () => {
    const before = branched();
    const after = change(before, "a1", { text: "new" });
    expect(after.messages.a1?.text).toBe("new");
    expect(after.messages.q1).toBe(before.messages.q1);
    expect(change(before, "nobody", { text: "new" })).toBe(before);
  });

  it("is the same after it went to the service and came back", () => {
    fc.assert(
      fc.property(messages, (list) => {
        const tree = grow(list);
        const back = grow(read(all(tree).map(placed)), tree.leaf);
        expect(back.messages).toEqual(tree.messages);
        expect(ids(back)).toEqual(ids(tree));
      }),
      { seed: 7 },
    );
  });

  it("takes the other branches in and shows what it showed", () => {
    fc.assert(
      fc.property(messages, (list) => {
        const whole = grow(list);
        const shown = grow(path(whole));
        const merged = merge(shown, list);
        expect(ids(merged)).toEqual(ids(whole));
        expect(merged.messages).toEqual(whole.messages);
        for (const one of path(shown)) expect(merged.messages[one.id]).toBe(shown.messages[one.id]);
      }),
      { seed: 7 },
    );
  });

  it("keeps all that a message holds", () => {
    const whole: Message = {
      ...message("m", null, "assistant"),
      model: "tale",
      reasoning: "because",
      attachments: [{ name: "a.txt", kind: "text", content: "words" }, { name: "b.png", kind: "image", content: "data:image/png;base64,AA==" }],
      sources: [{ number: 1, text: "passage", title: "a.pdf", page: 2, repositoryId: "r", documentId: "d", score: 0.5 }],
      figures: { total: 10, firstToken: 2, usage: { prompt_tokens: 1, completion_tokens: 2 } },
      ended: { how: "stopped" },
    };
    expect(read([placed(whole)])).toEqual([whole]);
  });

  it("reads upstream's messages, with a system's words among them", () => {
    const found = read([
      { id: "1", parentId: null, created: "", message: { type: "system", content: "rules" } },
      { id: "2", parentId: "1", created: "then", message: { type: "human", content: "Hello" } },
      { id: "3", parentId: "2", created: "", message: { type: "ai", content: [{ type: "text", text: "Hi" }], metadata: { modelName: "mistral" } } },
    ]);
    expect(found.map((one) => [one.role, one.text, one.parent])).toEqual([["user", "Hello", null], ["assistant", "Hi", "2"]]);
    expect(found).toMatchObject([{ at: "then" }, { model: "mistral" }]);
  });

  it("survives a circle", () => {
    expect(path(grow([message("a", "b"), message("b", "a")])).length).toBe(2);
  });
});
