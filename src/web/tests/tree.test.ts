// Conversations as trees: branches, versions, and what goes to the service and comes back.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { read, write } from "../api/sessions.ts";
import { add, all, change, EMPTY, grow, type Message, path, show, type Tree, versions } from "../chat/tree.ts";

function message(id: string, parent: string | null, role: Message["role"] = "user"): Message {
  return { id, parent, role, text: `text of ${id}`, at: "2026-01-01T00:00:00.000Z" };
}

/** Two questions beside each other, the first with two answers. */
function branched(): Tree {
  return [message("q1", null), message("a1", "q1", "assistant"), message("a2", "q1", "assistant"), message("q2", null)].reduce(add, EMPTY);
}

const ids = (tree: Tree): string[] => path(tree).map((one) => one.id);

describe("a conversation", () => {
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
    const messages = fc.array(fc.nat({ max: 30 }), { maxLength: 30 }).map((parents) =>
      parents.map((parent, index): Message => message(`m${index}`, parent < index ? `m${parent}` : null, index % 2 ? "assistant" : "user")),
    );
    fc.assert(
      fc.property(messages, (list) => {
        const tree = grow(list);
        const back = grow(read(all(tree).map(write)), tree.leaf);
        expect(back.messages).toEqual(tree.messages);
        expect(ids(back)).toEqual(ids(tree));
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
    expect(read([write(whole)])).toEqual([whole]);
  });

  it("reads upstream's sessions, which have no ids", () => {
    const found = read([
      { type: "system", content: "rules" },
      { type: "human", content: "Hello" },
      { type: "ai", content: [{ type: "text", text: "Hi" }], metadata: { modelName: "mistral" } },
    ]);
    expect(found.map((one) => [one.role, one.text, one.parent])).toEqual([["user", "Hello", null], ["assistant", "Hi", "message-1"]]);
    expect(found[1]?.model).toBe("mistral");
  });

  it("survives a circle", () => {
    expect(path(grow([message("a", "b"), message("b", "a")])).length).toBe(2);
  });
});
